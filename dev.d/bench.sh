# ./dev bench [throughput|roundtrips|fallback|idle|gateway] [--rounds N] [--seconds N] [--quick]: measures, never judges (docs/performance.md).
# Everything runs in namespaces of its own, and ends with them also when it is interrupted.

# Pinned: another build of it is another measurement. VERSION SHA256, by release and architecture.
wireguard_go_pins="
bookworm amd64 0.0.20220316-1+b4 7be694f9c8d990ae1da554ec6640dd97216fce6c030b7c8caaf6f7914618d023
trixie amd64 0.0.20231211-1+b9 cce54ea802611a45d07d1053ff285ea9f1a8f15499f3b86ccd8edd2b81ed7f7e
"

bench() {
  local words=() options=() word results=$cache/bench when
  for word in "$@"; do
    case "$word" in
      throughput | roundtrips | fallback | idle | gateway) words+=("$word") ;;
      *) options+=("$word") ;;
    esac
  done
  [ ${#words[@]} -gt 0 ] || words=(throughput roundtrips fallback idle gateway)
  need_debian
  need_packages $packages_build $packages_world $packages_bench
  need_rust
  mkdir -p "$results"
  when=$(date +%Y%m%d-%H%M%S)
  for word in "${words[@]}"; do
    say "== $word"
    "bench_$word" --results "$results/$when-$word.json" "${options[@]}"
  done
}

bench_roundtrips() { product_in_bench roundtrips "$@"; }
bench_fallback() { product_in_bench fallback "$@"; }
bench_idle() { product_in_bench idle "$@"; }

# The gateway's figures are made by its own tests (src/tests/figures), because they look at what no program shows. A file of text, not of JSON.
bench_gateway() {
  local tests results=${2%.json}.txt name
  say "Building what is measured, optimised (the first time takes several minutes) ..."
  tests=$(gateway_tests) || return 1
  for name in load::good_sign_ins_beside_argon2_alone flood::a_flood_of_bad_requests_from_many_networks sessions::ten_thousand_sessions; do
    say "-- ${name##*::}"
    in_namespaces "$tests" --ignored --exact --nocapture "tests::figures::$name" | sed -u '/^$/d; /^running/d; /^test result/d' | tee -a "$results"
  done
  say "Each line: $results"
}

# The path of the gateway's tests, optimised.
gateway_tests() {
  cargo test --locked --release -p flexnet-gateway --lib --no-run --message-format json |
    jq -r 'select(.profile.test == true and .target.name == "flexnet_gateway").executable // empty'
}

product_in_bench() {
  build_released -p flexnet-bench -p flexnet-gateway -p flexnet-service -p flexnet-cli --bins
  in_bench "$@"
}

bench_throughput() {
  # Apart: in one build ours would get the features of gotatun that only the stock one needs, and not be what the product is.
  build_released -p flexnet-bench --bins
  build_released -p flexnet-wireguard --example wireguard-device
  build_released -p flexnet-bench --example stock-gotatun
  local release path
  for release in bookworm trixie; do
    if path=$(wireguard_go_of "$release"); then
      set -- "$@" "--$release" "$path"
    else
      say "wireguard-go of $release cannot be had here, and is not measured"
    fi
  done
  in_bench throughput "$@"
}

build_released() {
  say "Building what is measured, optimised (the first time takes several minutes) ..."
  cargo build --quiet --locked --release "$@"
}

# wireguard_go_of RELEASE: its path, unpacked once. Fetched by apt with lists of its own, so that the system's sources stay as they are.
wireguard_go_of() {
  local release=$1 arch version sum folder base
  arch=$(dpkg --print-architecture)
  read -r version sum < <(sed -n "s/^$release $arch //p" <<<"$wireguard_go_pins") || return 1
  folder=$cache/wireguard-go/$version
  if [ ! -x "$folder/usr/bin/wireguard-go" ]; then
    base=$(debian_archive) || return 1
    fetch_wireguard_go "$release" "$version" "$sum" "$base" "$folder" >&2 || return 1
  fi
  printf '%s\n' "$folder/usr/bin/wireguard-go"
}

# Where the system itself takes Debian from.
debian_archive() {
  apt-get indextargets --format '$(ORIGIN) $(REPO_URI)' 'Created-By: Packages' | sed -nE 's/^Debian (.*\/debian\/)$/\1/p' | grep -m1 .
}

fetch_wireguard_go() {
  local release=$1 version=$2 sum=$3 base=$4 folder=$5 part=$5.part
  rm -rf "$part"
  mkdir -p "$part"/{state/lists/partial,cache/archives/partial,deb}
  : >"$part/status"
  printf 'deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] %s %s main\n' "$base" "$release" >"$part/sources.list"
  local apt=(-qq -o "Dir::Etc::SourceList=$part/sources.list" -o Dir::Etc::SourceParts=/dev/null -o "Dir::State=$part/state"
    -o "Dir::State::status=$part/status" -o "Dir::Cache=$part/cache" -o "APT::Sandbox::User=$(id -un)" -o Acquire::Languages=none)
  say "Fetching wireguard-go $version of $release"
  apt-get "${apt[@]}" update || return 1
  (cd "$part/deb" && apt-get "${apt[@]}" download "wireguard-go=$version") || return 1
  printf '%s  %s\n' "$sum" "$part"/deb/*.deb | sha256sum --quiet --check || return 1
  dpkg-deb -x "$part"/deb/*.deb "$part/unpacked" || return 1
  mkdir -p "$folder"
  cp -r "$part/unpacked/." "$folder"
  rm -rf "$part"
}

in_bench() { in_namespaces "$CARGO_TARGET_DIR/release/kv-flexnet-bench" "$@"; }

# in_namespaces PROGRAM ARGUMENTS...: a program as the first process of its own namespaces: when it goes, the kernel ends everything in it.
in_namespaces() {
  local private=(--net --mount --pid --fork --mount-proc --kill-child)
  local enter=(unshare "${private[@]}")
  if [ "$(id -u)" != 0 ]; then
    as_root "making namespaces" true
    enter=(sudo -n env "PATH=$PATH" unshare "${private[@]}")
  fi
  env --default-signal=INT "${enter[@]}" sh -c 'trap "exit 130" INT TERM HUP; ip link set lo up; "$@" & wait $!' bench "$@" &
  local bench=$!
  trap "kill -KILL $bench 2>/dev/null; exit 130" INT
  trap "kill -KILL $bench 2>/dev/null; exit 143" TERM HUP
  wait "$bench"
}
