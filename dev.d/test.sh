# ./dev test: cheap checks first, the other systems last; the first failure ends it. A missing prerequisite fails, nothing is skipped.

test_all() {
  setup_for_test
  step "ui: build" build_ui
  checks
  step "ui: unit tests" in_folder ui npm test --silent
  step "build" cargo build --workspace --all-targets --locked
  step "unit tests" run_tests 'not (package(flexnet-laws) or package(flexnet-lab))'
  step "laws" run_tests 'package(flexnet-laws)'
  step "lab" run_tests 'package(flexnet-lab)'
  step "fuzz targets: build" build_fuzz_targets
  step "fuzz targets: 10 s each" fuzz_all 10 "$(od -An -N4 -tu4 /dev/urandom | tr -d ' ')"
  step "ui in Chromium" in_folder tests/ui/browser npm test --silent
  step "gateway's pages in Chromium" tests/ui/pages/run
  step "desk's console in Chromium" tests/ui/desk/run
  step "desktop by WebDriver" tests/ui/desktop/run
  other_systems
  printf '\n%s\n' "${steps[@]}"
  printf '%5s s  in all\n\n%s passed, 0 failed\n' "$SECONDS" "$tests_passed"
}

lint_all() {
  setup_for_test
  step "ui: build" build_ui
  checks
}

in_folder() { (cd "$1" && shift && "$@"); }

checks() {
  step "rustfmt" cargo fmt --all --check
  step "clippy" cargo clippy --workspace --all-targets --locked -- -D warnings
  step "eslint" in_folder ui npm run --silent lint
  step "svelte-check" in_folder ui npm run --silent check
  step "licences, bans, sources" cargo deny --all-features check --hide-inclusion-graph bans licenses sources
}

# One build graph for all: the filter picks tests, never features, so nothing is compiled twice.
run_tests() {
  if cargo nextest --version >/dev/null 2>&1; then
    cargo nextest run --workspace --locked --no-fail-fast -E "$1"
    return
  fi
  local package chosen=()
  for package in $(cargo metadata --no-deps --format-version 1 | jq -r '.packages[].name'); do
    case "$1" in
      "package($package)") chosen+=(-p "$package") ;;
      "not "*) case "$package" in flexnet-laws | flexnet-lab) ;; *) chosen+=(-p "$package") ;; esac ;;
    esac
  done
  cargo test --locked --no-fail-fast "${chosen[@]}"
}

other_systems() {
  step "Windows: clippy" on_windows clippy --all-targets -- -D warnings
  step "Windows: link" on_windows build --bins
  step "macOS: type check" on_macos check --all-targets
}

# on_windows WORD ARGUMENTS...: an own target folder, for the leg shares nothing with Linux.
on_windows() {
  local word=$1; shift
  CARGO_TARGET_DIR=$cache/windows \
    CARGO_TARGET_X86_64_PC_WINDOWS_GNU_LINKER=x86_64-w64-mingw32-gcc-posix \
    CC_x86_64_pc_windows_gnu=x86_64-w64-mingw32-gcc-posix CXX_x86_64_pc_windows_gnu=x86_64-w64-mingw32-g++-posix \
    cargo "$word" --workspace --locked --target x86_64-pc-windows-gnu "$@"
}

on_macos() {
  local word=$1; shift
  CARGO_TARGET_DIR=$cache/macos \
    CC_x86_64_apple_darwin=$PWD/dev.d/macos-cc CXX_x86_64_apple_darwin=$PWD/dev.d/macos-cc AR_x86_64_apple_darwin=$PWD/dev.d/macos-ar \
    KV_ZIG_PYTHON=$cache/zig/bin/python \
    cargo "$word" --workspace --locked --target x86_64-apple-darwin "$@"
}
