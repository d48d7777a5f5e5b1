#!/usr/bin/env bash
# Make sure that the system packages `make test` needs are there: installed by apt where that is
# allowed, otherwise named, and then this fails.
set -euo pipefail

missing=()
need() { # need PACKAGE TEST…: note the package unless the test holds
  local package=$1
  shift
  "$@" >/dev/null 2>&1 || missing+=("$package")
}
has_postgres() { command -v initdb || compgen -G '/usr/lib/postgresql/*/bin/initdb'; }
has_mosquitto() { PATH="$PATH:/usr/sbin" command -v mosquitto; }
has_softhsm() { compgen -G '/usr/lib/softhsm/libsofthsm2.so' || compgen -G '/usr/lib/*/softhsm/libsofthsm2.so'; }
has_chromium() { test -x /usr/bin/chromium; }

need postgresql has_postgres
need mosquitto has_mosquitto
need softhsm2 has_softhsm
need chromium has_chromium
need python3-venv "${PYTHON:-python3}" -c 'import ensurepip, venv'

[ "${#missing[@]}" -eq 0 ] && exit 0

run=()
if [ "$(id -u)" -ne 0 ]; then
  if command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
    run=(sudo)
  else
    echo "missing system packages: ${missing[*]}" >&2
    echo "install them: apt-get install ${missing[*]}" >&2
    exit 1
  fi
fi
command -v apt-get >/dev/null || { echo "missing: ${missing[*]} (no apt-get here; install them by other means)" >&2; exit 1; }
echo "installing system packages: ${missing[*]}"
export DEBIAN_FRONTEND=noninteractive
log=$(mktemp)
trap 'rm -f "$log"' EXIT
if ! { "${run[@]}" apt-get update -qq && "${run[@]}" apt-get install -y -qq --no-install-recommends "${missing[@]}"; } >"$log" 2>&1; then
  cat "$log" >&2
  exit 1
fi
