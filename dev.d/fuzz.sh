# ./dev fuzz [TARGET|all] [SECONDS|FILE] [--seed N]: libFuzzer over the targets of fuzz/ with the Rust that is there; a FILE is tried once.
# The corpus in fuzz/corpus is only read: what is found beside it is kept in the cache.

fuzz() {
  setup_for_headless
  local target=${1:-all} what=${2:-60} seed=
  [ "${3:-}" != --seed ] || seed=$4
  seed=${seed:-$(od -An -N4 -tu4 /dev/urandom | tr -d ' ')}
  if [ "$target" = all ]; then
    build_fuzz_targets
    fuzz_all "$what" "$seed"
    return
  fi
  [ -f "fuzz/fuzz_targets/$target.rs" ] || die "./dev fuzz [all|$(fuzz_targets | paste -sd '|')] [SECONDS|FILE] [--seed N]"
  build_fuzz_targets --bin "$target"
  if [ -f "$what" ]; then "$(fuzz_program "$target")" "$what"; return; fi
  fuzz_one "$target" "$what" "$seed" tee
}

fuzz_targets() { (cd fuzz/fuzz_targets && printf '%s\n' *.rs) | sed 's/\.rs$//'; }
fuzz_program() { printf '%s' "$cache/fuzz/target/$(fuzz_host)/release/$1"; }
fuzz_host() { rustc -vV | sed -n 's/^host: //p'; }

# As `cargo fuzz build -s none` does. A sanitizer needs a nightly Rust and looks for faults that safe code does not have; panics, overflows, broken
# promises, hangs and memory are found without.
build_fuzz_targets() {
  local flag flags="-Cpasses=sancov-module"
  for flag in level=4 inline-8bit-counters pc-table trace-compares; do flags+=" -Cllvm-args=-sanitizer-coverage-$flag"; done
  flags+=" --cfg fuzzing -Cllvm-args=-simplifycfg-branch-fold-threshold=0 -Cllvm-args=-sanitizer-coverage-stack-depth"
  flags+=" -Cdebug-assertions -Ccodegen-units=1"
  CARGO_TARGET_DIR=$cache/fuzz/target RUSTFLAGS=$flags \
    cargo build --release --locked --manifest-path fuzz/Cargo.toml --target "$(fuzz_host)" "$@"
}

# fuzz_all SECONDS SEED: as many beside each other as there are cores.
fuzz_all() {
  export cache
  export -f fuzz_one fuzz_run fuzz_program fuzz_host
  say "seed $2"
  fuzz_targets | xargs -P "$(nproc)" -I{} bash -c 'fuzz_one "$@"' fuzz {} "$@" || die "a target fell, see above"
}

# fuzz_one TARGET SECONDS SEED [tee]: its last line, or how it fell; with `tee` also everything between.
fuzz_one() {
  local target=$1 log=$cache/fuzz/$1.log status=0
  mkdir -p "$cache/fuzz"
  if [ "${4:-}" = tee ]; then fuzz_run "$@" 2>&1 | tee "$log" || status=$?; else fuzz_run "$@" >"$log" 2>&1 || status=$?; fi
  if [ "$status" = 0 ]; then
    printf '%-10s %s\n' "$target" "$(grep -a DONE "$log" | tail -n1)"
    return
  fi
  tail -n 60 "$log"
  printf '\n%s fell (exit %s, seed %s). Again: ./dev fuzz %s %s\n' "$target" "$status" "$3" "$target" \
    "$(sed -nE 's/.*Test unit written to (.*)/\1/p' "$log" | tail -n1)"
  return 1
}

fuzz_run() {
  local target=$1 seconds=$2 seed=$3 found=$cache/fuzz/found/$1 fallen=$cache/fuzz/fallen/$1 dictionary=()
  mkdir -p "$found" "$fallen"
  [ ! -f "fuzz/dictionaries/$target" ] || dictionary=("-dict=fuzz/dictionaries/$target")
  "$(fuzz_program "$target")" "$found" "fuzz/corpus/$target" "${dictionary[@]}" -artifact_prefix="$fallen/" \
    -max_total_time="$seconds" -seed="$seed" -max_len=16384 -timeout=10 -rss_limit_mb=2048 -print_final_stats=1
}
