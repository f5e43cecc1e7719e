#!/usr/bin/env bash
# Kills runs and the broker with SIGKILL many times, then compares the tables with the oracle: soak.sh --help
set -euo pipefail
# Follows symbolic links to this script. macOS had no readlink -f for a long time.
self=${BASH_SOURCE[0]}
while [[ -L $self ]]; do
  link=$(readlink "$self")
  [[ $link == /* ]] || link=$(dirname -- "$self")/$link
  self=$link
done
exec python3 "$(dirname -- "$self")/soak/soak.py" "$@"
