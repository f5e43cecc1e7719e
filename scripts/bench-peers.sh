#!/usr/bin/env bash
# Measures the hourly run and other engines on the same events: bench-peers.sh --help
set -euo pipefail
# Follows symbolic links to this script. macOS had no readlink -f for a long time.
self=${BASH_SOURCE[0]}
while [[ -L $self ]]; do
  link=$(readlink "$self")
  [[ $link == /* ]] || link=$(dirname -- "$self")/$link
  self=$link
done
exec python3 "$(dirname -- "$self")/../bench/peers.py" "$@"
