#!/usr/bin/env bash
# Measures the hourly run: several workloads, its layers, its growth, late events, on executors, continuous mode: bench.sh --help
set -euo pipefail
bench=$(dirname "${BASH_SOURCE[0]}")/../bench
case ${1-} in
  layers | growth | late | executors | continuous) exec python3 "$bench/$1.py" "${@:2}" ;;
  *) exec python3 "$bench/bench.py" "$@" ;;
esac
