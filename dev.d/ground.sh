# Paths, messages, timed steps, and the end of everything that was started. Sourced by ../dev.

cache=${XDG_CACHE_HOME:-$HOME/.cache}/kv-flexnet
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$cache/target}
tools=$cache/tools
export PATH=$tools/bin:$HOME/.cargo/bin:$PATH
mkdir -p "$cache"

say() { printf '%s\n' "$*"; }
die() { printf 'dev: %s\n' "$*" >&2; exit 1; }
build_ui() { (cd ui && npm run --silent build); }
have() { command -v "$1" >/dev/null 2>&1; }

# version_at_least HAVE WANT
version_at_least() { [ "$(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n1)" = "$2" ]; }

# as_root WHY COMMAND...: sudo only where it must be, and never a silent wait for a password.
as_root() {
  local why=$1; shift
  if [ "$(id -u)" = 0 ]; then "$@"; return; fi
  have sudo || die "$why needs root and there is no sudo. As root: $*"
  if ! sudo -n true 2>/dev/null; then
    [ -t 0 ] || die "$why needs sudo, which asks for a password, and there is no terminal to ask on. By hand: sudo $*"
    say "sudo, because $why:"
  fi
  sudo "$@"
}

# Process groups to end when this script ends, however it ends.
started=()
end_started() {
  local pid
  for pid in "${started[@]:-}"; do
    [ -n "$pid" ] && kill -- "-$pid" 2>/dev/null || true
  done
}
trap end_started EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# step NAME COMMAND...: a heading, the output in a log, the seconds; on failure the end of the log, and out.
logs=$cache/logs
steps=()
step() {
  begin_step "$@"
  wait_step "$1"
}

# begin_step NAME COMMAND...: lets it run beside what follows; wait_step NAME joins it.
declare -A running=()
begin_step() {
  local name=$1 log; shift
  mkdir -p "$logs"
  log=$logs/$(printf '%s' "$name" | tr -cs 'a-zA-Z0-9' '-').log
  printf '== %s\n' "$name"
  set -m
  ("$@") >"$log" 2>&1 </dev/null &
  set +m
  started+=("$!")
  running[$name]="$! $SECONDS $log"
}
wait_step() {
  local name=$1 pid from log status=0
  read -r pid from log <<<"${running[$name]}"
  wait "$pid" || status=$?
  finish_step "$name" "$log" "$status" $((SECONDS - from))
}

finish_step() {
  local name=$1 log=$2 status=$3 seconds=$4
  if [ "$status" != 0 ]; then
    tail -n 150 "$log" >&2
    die "$name failed after $seconds s (exit $status). The whole output: $log"
  fi
  count_tests "$log"
  printf '   %s: %s s%s\n' "$name" "$seconds" "${step_tests:+, $step_tests tests}"
  steps+=("$(printf '%5s s  %s' "$seconds" "$name")")
}

# Adds what the runners' own closing lines say: nextest, cargo test, vitest, Playwright, node's runner.
tests_passed=0
count_tests() {
  local text n=0 add
  text=$(sed 's/\x1b\[[0-9;]*m//g' "$1")
  for add in \
    $(sed -nE 's/^ *Summary \[.*\] +[0-9]+ tests? run: ([0-9]+) passed.*/\1/p' <<<"$text") \
    $(sed -nE 's/^test result: ok\. ([0-9]+) passed.*/\1/p' <<<"$text") \
    $(sed -nE 's/^ *Tests +([0-9]+) passed.*/\1/p' <<<"$text") \
    $(sed -nE 's/^ +([0-9]+) passed \(.*\)$/\1/p' <<<"$text") \
    $(sed -nE 's/^(# |ℹ )pass ([0-9]+)$/\2/p' <<<"$text"); do
    n=$((n + add))
  done
  tests_passed=$((tests_passed + n))
  step_tests=
  [ "$n" = 0 ] || step_tests=$n
}
