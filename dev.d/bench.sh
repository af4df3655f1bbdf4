# ./dev bench [throughput|roundtrips|fallback|idle] [--rounds N] [--seconds N] [--quick]: measures, never judges (docs/performance.md).
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
      throughput | roundtrips | fallback | idle) words+=("$word") ;;
      *) options+=("$word") ;;
    esac
  done
  [ ${#words[@]} -gt 0 ] || words=(throughput roundtrips fallback idle)
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

# in_bench WORD ARGUMENTS...: the bench as the first process of its own namespaces: when it goes, the kernel ends everything in it.
in_bench() {
  local private=(--net --mount --pid --fork --mount-proc --kill-child)
  local enter=(unshare "${private[@]}")
  if [ "$(id -u)" != 0 ]; then
    as_root "making namespaces" true
    enter=(sudo -n env "PATH=$PATH" unshare "${private[@]}")
  fi
  env --default-signal=INT "${enter[@]}" sh -c 'trap "exit 130" INT TERM HUP; "$@" & wait $!' bench \
    "$CARGO_TARGET_DIR/release/kv-flexnet-bench" "$@" &
  local bench=$!
  trap "kill -KILL $bench 2>/dev/null; exit 130" INT
  trap "kill -KILL $bench 2>/dev/null; exit 143" TERM HUP
  wait "$bench"
}
