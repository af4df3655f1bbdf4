# ./dev demo [--headless] and ./dev shell: the whole world in namespaces of its own. Root is not needed; the machine's network is not touched.

demo() {
  local headless=
  case "${1:-}" in
    --headless) headless=yes ;;
    "") ;;
    *) die "./dev demo knows only --headless" ;;
  esac
  if [ -n "$headless" ]; then
    build_for_headless
    in_namespaces headless
    return
  fi
  [ -n "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ] || die "there is no display here; without one: ./dev demo --headless"
  setup_for_demo
  say "Building the user interface and all programs (the first time takes several minutes) ..."
  build_ui
  cargo build --quiet --locked --workspace --bins
  in_namespaces desktop
}

world_shell() {
  build_for_headless
  local hint='
A shell on the PC of a member, with everything running; with it the world ends (docs/lab.md):
  kv-flexnet connect                                  # name and password: $KV_WORLD_USER, $KV_WORLD_PASSWORD
  kv-flexnet-token --seed-file $KV_WORLD_SEED_FILE    # the TAN
'
  # What is started beside a script has Ctrl-C ignored, and so would everything that is started from this shell.
  in_namespaces run -- env --default-signal=INT,QUIT sh -c 'printf "%s\n" "$1"; exec "$0"' "${SHELL:-bash}" "$hint"
}

build_for_headless() {
  setup_for_headless
  say "Building gateway, service and command line ..."
  cargo build --quiet --locked -p flexnet-gateway -p flexnet-service -p flexnet-cli -p flexnet-lab
}

# in_namespaces WORD ARGUMENTS...: kv-flexnet-world with them, as an ordinary user by a user namespace, else with sudo.
in_namespaces() {
  local owner=root enter=()
  local private=(--net --mount --pid --fork --mount-proc --kill-child)
  if [ "$(id -u)" = 0 ]; then
    enter=(unshare "${private[@]}")
    [ -z "${SUDO_UID:-}" ] || owner=account:$SUDO_UID:$SUDO_GID
  elif unshare --user --map-root-user "${private[@]}" sh -c 'mount -t tmpfs tmpfs /run && ip link set lo up && ip tuntap add dev probe mode tun' 2>/dev/null; then
    enter=(unshare --user --map-root-user "${private[@]}")
    owner=nested:$(id -u):$(id -g)
  else
    say "This system does not let ordinary users make network namespaces (Ubuntu: kernel.apparmor_restrict_unprivileged_userns) or tunnels in them (the mode of /dev/net/tun)."
    if [ -t 0 ]; then
      read -r -p "Start the demo with sudo instead? It changes nothing outside its namespaces. [J/n] " answer
      case "$answer" in [nN]*) die "not started" ;; esac
    else
      say "So it is started with sudo; it changes nothing outside its namespaces."
    fi
    as_root "making namespaces" true
    enter=(sudo -n env "PATH=$PATH" "DISPLAY=${DISPLAY:-}" "WAYLAND_DISPLAY=${WAYLAND_DISPLAY:-}" "XDG_RUNTIME_DIR=${XDG_RUNTIME_DIR:-}"
      "XAUTHORITY=${XAUTHORITY:-$HOME/.Xauthority}" "KV_WORLD_KEEP_RUN=${XDG_RUNTIME_DIR:-}" unshare "${private[@]}")
    owner=account:$(id -u):$(id -g)
  fi
  local program=("$CARGO_TARGET_DIR/debug/kv-flexnet-world" "$@")
  [ "$1" != desktop ] || program+=(--owner "$owner")
  export KV_WORLD_KEEP_RUN=${XDG_RUNTIME_DIR:-} XAUTHORITY=${XAUTHORITY:-$HOME/.Xauthority}
  # The first process of the new world: when it goes, the kernel ends everything in it. It runs beside this script, which can be
  # told to stop that way; the shell lets such a process ignore Ctrl-C, so that is set back, and the terminal stays its standard input.
  env --default-signal=INT "${enter[@]}" sh -c 'trap "exit 130" INT TERM HUP; exec 3<&0; "$@" <&3 & wait $!' world "${program[@]}" <&0 &
  local world=$!
  trap "kill -KILL $world 2>/dev/null; exit 130" INT
  trap "kill -KILL $world 2>/dev/null; exit 143" TERM HUP
  wait "$world"
}
