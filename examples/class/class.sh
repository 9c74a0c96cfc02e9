#!/bin/sh
# Starts one Tepal for each learner of a class, on one machine and without root (docs/tutorial/teaching.md):
#
#     examples/class/class.sh start 30      starts learners 01 to 30, one after another
#     examples/class/class.sh list          prints URL, state and memory of each
#     examples/class/class.sh reset 07      gives learner 07 a fresh server: no history, no runs, the Iris model
#     examples/class/class.sh stop          stops all of them; `stop 07` stops one
#
# Variables: CLASS_DIR (./class); CLASS_PORT (8100), CLASS_LOAD_PORT (8200) and CLASS_WEBHOOK_PORT (8300), to which the learner's
# number is added; CLASS_HOST (127.0.0.1). With another CLASS_HOST, each learner gets an API key with the role admin.
set -eu

repository=$(cd "$(dirname "$0")/../.." && pwd)
node=$repository/node_modules/.bin/node
folder=${CLASS_DIR:-class}
host=${CLASS_HOST:-127.0.0.1}

# 8 and 9 with a leading zero would be invalid octal numbers.
port_of() { echo $((${CLASS_PORT:-8100} + ${1#0})); }
load_port_of() { echo $((${CLASS_LOAD_PORT:-8200} + ${1#0})); }
webhook_port_of() { echo $((${CLASS_WEBHOOK_PORT:-8300} + ${1#0})); }
# IP address for other machines.
url_host() { if [ "$host" = 0.0.0.0 ]; then hostname -I | awk '{ print $1 }'; else echo "$host"; fi; }
is_running() { [ -f "$folder/$1/pid" ] && kill -0 "$(cat "$folder/$1/pid")" 2>/dev/null; }

tepal() { "$node" --no-warnings "$repository/src/cli/main.ts" "$@"; }

start_one() {
  if is_running "$1"; then return; fi
  mkdir -p "$folder/$1/my-dashboards"
  chmod 700 "$folder/$1"
  # The paths of the tutorial are relative to the folder of the repository.
  ln -sfn "$repository/examples" "$folder/$1/examples"
  ln -sfn "$repository/deploy" "$folder/$1/deploy"
  (
    cd "$folder/$1"
    set -- --port "$(port_of "$1")" --load-port "$(load_port_of "$1")" --alert-webhook "http://127.0.0.1:$(webhook_port_of "$1")/" \
      --config examples/tutorial/tepal.json --load-script examples/tutorial/load.ts
    if [ "$host" != 127.0.0.1 ]; then
      [ -f key ] || (umask 077 && tepal keys add --name learner --role admin --file api-keys.json > key 2> /dev/null)
      set -- "$@" --host "$host" --api-keys-file api-keys.json --load-key-file key
    fi
    # As `npm start`, in a session of its own, so that it outlives the terminal.
    nohup setsid "$node" --max-semi-space-size=4 --heap-growing-percent=30 "$repository/src/cli/main.ts" up "$@" > server.log 2>&1 &
    echo $! > pid
  )
  # One after another: each start uses a core for some seconds.
  tries=0
  until curl -sf "http://$host:$(port_of "$1")/health/ready" > /dev/null; do
    tries=$((tries + 1))
    if [ $tries -gt 600 ] || ! is_running "$1"; then
      echo "Learner $1 did not start: see $folder/$1/server.log" >&2
      return 1
    fi
    sleep 0.1
  done
}

# All at once, then waits for each.
stop_each() {
  for one in "$@"; do
    if is_running "$one"; then kill "$(cat "$folder/$one/pid")"; fi
  done
  for one in "$@"; do
    while is_running "$one"; do sleep 0.1; done
    rm -f "$folder/$one/pid"
  done
}

print_one() {
  state=stopped
  memory=0
  if is_running "$1"; then
    state=running
    process=$(cat "$folder/$1/pid")
    # The server, its load page and its load generator, which are one session.
    memory=$(ps -o rss= --sid "$process" | awk '{ sum += $1 } END { print int(sum / 1024) }')
  fi
  key=$(cat "$folder/$1/key" 2>/dev/null || true)
  printf '%s  http://%s:%s/console  %s  %s MB  %s\n' "$1" "$(url_host)" "$(port_of "$1")" "$state" "$memory" "$key"
}

learners() { ls "$folder" 2>/dev/null | grep -E '^[0-9]{2}$' || true; }

case "${1:-}" in
  start)
    for number in $(seq 1 "${2:?Expected the number of learners, for example: class.sh start 30}"); do
      start_one "$(printf %02d "$number")"
    done
    ;;
  stop)
    stop_each ${2:-$(learners)}
    ;;
  reset)
    one=${2:?Expected the number of a learner, for example: class.sh reset 07}
    stop_each "$one"
    rm -rf "$folder/$one/.tepal" "$folder/$one/models" "$folder/$one/my-dashboards"
    start_one "$one"
    ;;
  list) for one in $(learners); do print_one "$one"; done ;;
  *)
    echo "Expected start N, list, reset NN or stop [NN]." >&2
    exit 2
    ;;
esac
