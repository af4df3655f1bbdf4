# ./dev soak [leaks|leftovers|diagnose|session|gateway|enumeration|tans] [N] [--seed S] ...: what ./dev test samples, at length. Further words go to kv-flexnet-soak.

soak() {
  setup_for_test
  local what=${1:-all} count=
  [ $# -eq 0 ] || shift
  case "${1:-}" in [0-9]*) count=$1; shift ;; esac
  case "$what" in
    leaks) soak_world leaks "${count:-500}" "$@" ;;
    leftovers) soak_world leftovers "${count:-1000}" "$@" ;;
    diagnose) soak_diagnose "${count:-200}" "$@" ;;
    session) soak_session "${count:-100000}" "$@" ;;
    gateway) soak_gateway "${count:-100}" "$@" ;;
    enumeration) soak_enumeration "${count:-5000}" ;;
    tans) soak_tans "${count:-1000000}" "$@" ;;
    all)
      soak_session 100000
      soak_gateway 100
      soak_enumeration 5000
      soak_tans 1000000
      soak_world leaks 500
      soak_world leftovers 1000
      soak_diagnose 200
      ;;
    *) die "./dev soak leaks|leftovers|diagnose|session|gateway|enumeration|tans [N] [--seed S]" ;;
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

# soak_diagnose COUNT OPTIONS...: so many healthy systems without a session and as many with one, in which the diagnosis must find nothing, and pairs of faults in a
# random order. From copies, as above.
soak_diagnose() {
  local count=$1 bin=$cache/soak/bin name; shift
  cargo build --locked -p flexnet-gateway -p flexnet-service -p flexnet-cli -p flexnet-diagnostics -p flexnet-lab
  mkdir -p "$bin"
  for name in kv-flexnet kv-flexnet-gateway kv-flexnet-service kv-flexnet-diagnose kv-flexnet-faults; do
    install "$CARGO_TARGET_DIR/debug/$name" "$bin/$name.new" && mv "$bin/$name.new" "$bin/$name"
  done
  "$bin/kv-flexnet-faults" soak --count "$count" "$@"
}

# The property test of the session machine: the same as in ./dev test, with more runs.
soak_session() {
  local count=$1 seed=; shift
  [ "${1:-}" != --seed ] || seed=$2
  seed=${seed:-$(od -An -N4 -tu4 /dev/urandom | tr -d ' ')}
  say "session: $count runs, seed $seed"
  KV_RUNS=$count KV_SEED=$seed cargo test --locked --release -p flexnet-session --lib -- --nocapture tests::world
}

# soak_gateway ROUNDS OPTIONS...: 10,000 guesses at once at one gateway and at three, 10,000 times one TAN, and gateways that are killed every 0.5 to 2 seconds, under guesses and under hand-offs;
# then a replicated PostgreSQL that fails over, once for every ten rounds.
soak_gateway() {
  local rounds=$1 seed=; shift
  [ "${1:-}" != --seed ] || seed=$2
  seed=${seed:-$(od -An -N4 -tu4 /dev/urandom | tr -d ' ')}
  say "gateway: 10000 guesses, $rounds rounds, seed $seed"
  KV_GUESSES=10000 KV_ROUNDS=$rounds KV_PAUSE=500 KV_PAUSE_MOST=2000 KV_SEED=$seed \
    cargo test --locked --release -p flexnet-gateway --lib -- --nocapture --test-threads 1 tests::guesses
  KV_FAILOVERS=$(((rounds + 9) / 10)) KV_SEED=$seed \
    cargo test --locked --release -p flexnet-gateway --lib -- --nocapture --test-threads 1 tests::failover
}

# soak_enumeration COUNT: whether the gateway's times tell known, unknown and locked names apart; so many interleaved answers of each.
soak_enumeration() {
  KV_RUNS=$1 cargo test --locked --release -p flexnet-gateway --lib -- --ignored --exact --nocapture \
    tests::figures::enumeration::times_do_not_tell_who_exists
}

# soak_tans COUNT [--seed S]: random tokens at random steps and counters, each TAN compared with oathtool's.
soak_tans() {
  local count=$1 seed=; shift
  [ "${1:-}" != --seed ] || seed=$2
  seed=${seed:-$(od -An -N4 -tu4 /dev/urandom | tr -d ' ')}
  say "tans: $count, seed $seed"
  KV_TANS=$count KV_SEED=$seed cargo test --locked --release -p flexnet-gateway --lib -- --exact --nocapture \
    tokens::tests::random_tans_agree_with_oathtool
}
