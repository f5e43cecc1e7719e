#!/usr/bin/env bash
# Measures the hourly run: several workloads, its layers, its growth, late events, on executors, continuous mode: bench.sh --help
set -euo pipefail
# Follows symbolic links to this script. macOS had no readlink -f for a long time.
self=${BASH_SOURCE[0]}
while [[ -L $self ]]; do
  link=$(readlink "$self")
  [[ $link == /* ]] || link=$(dirname -- "$self")/$link
  self=$link
done
bench=$(dirname -- "$self")/../bench
case ${1-} in
  layers | growth | late | executors | continuous | endurance) exec python3 "$bench/$1.py" "${@:2}" ;;
  *) exec python3 "$bench/bench.py" "$@" ;;
esac
