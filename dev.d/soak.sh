# ./dev soak [leaks|leftovers|session] [N] [--seed S] ...: what ./dev test samples, at length. Further words go to kv-flexnet-soak.

soak() {
  setup_for_test
  local what=${1:-all} count=
  [ $# -eq 0 ] || shift
  case "${1:-}" in [0-9]*) count=$1; shift ;; esac
  case "$what" in
    leaks) soak_world leaks "${count:-500}" "$@" ;;
    leftovers) soak_world leftovers "${count:-1000}" "$@" ;;
    session) soak_session "${count:-100000}" "$@" ;;
    all)
      soak_session 100000
      soak_world leaks 500
      soak_world leftovers 1000
      ;;
    *) die "./dev soak leaks|leftovers|session [N] [--seed S]" ;;
  esac
}

# soak_world leaks|leftovers COUNT OPTIONS...: from copies, so that a build beside it changes nothing under it.
soak_world() {
  local what=$1 count=$2 bin=$cache/soak/bin name; shift 2
  cargo build --locked -p flexnet-gateway -p flexnet-service -p flexnet-cli -p flexnet-lab
  mkdir -p "$bin"
  for name in kv-flexnet kv-flexnet-gateway kv-flexnet-service kv-flexnet-world kv-flexnet-soak; do
    install "$CARGO_TARGET_DIR/debug/$name" "$bin/$name.new" && mv "$bin/$name.new" "$bin/$name"
  done
  "$bin/kv-flexnet-soak" "$what" --count "$count" "$@"
}

# The property test of the session machine: the same as in ./dev test, with more runs.
soak_session() {
  local count=$1 seed=; shift
  [ "${1:-}" != --seed ] || seed=$2
  seed=${seed:-$(od -An -N4 -tu4 /dev/urandom | tr -d ' ')}
  say "session: $count runs, seed $seed"
  KV_RUNS=$count KV_SEED=$seed cargo test --locked --release -p flexnet-session --lib -- --nocapture tests::world
}
