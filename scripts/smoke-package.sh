#!/usr/bin/env bash
# Packs the project, installs the tarball into an empty folder, and runs it as a user does: version, training, serving, one
# prediction.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
export PATH="$root/node_modules/.bin:$PATH"
folder=$(mktemp -d)
server=
finish() {
  [ -z "$server" ] || kill "$server" 2>/dev/null || true
  rm -rf "$folder"
}
trap finish EXIT

cd "$root"
npm pack --silent --pack-destination "$folder"
cd "$folder"
npm init --yes >/dev/null
npm install --no-audit --no-fund ./tepal-*.tgz
tepal=node_modules/.bin/tepal
$tepal --version
$tepal train

# Before the server opens it, so that sed below can read it.
touch server.log
$tepal serve --port 0 2>server.log &
server=$!
for _ in $(seq 600); do
  url=$(sed -n 's/.*listening on \(http[^"]*\).*/\1/p' server.log)
  [ -z "$url" ] || break
  sleep 0.1
done
reply=$(curl -sS --max-time 10 "$url/predict" -H 'Content-Type: application/json' \
  -d '{"sepal_length": 5.1, "sepal_width": 3.5, "petal_length": 1.4, "petal_width": 0.2}')
echo "$reply"
grep -q '"prediction":0,"label":"setosa"' <<<"$reply"

kill -TERM "$server"
wait "$server"
server=
echo "The package trains, serves, predicts and stops."
