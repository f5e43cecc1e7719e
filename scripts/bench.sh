#!/usr/bin/env bash
# Times the hourly run on several workloads: bench.sh --help
set -euo pipefail
exec python3 "$(dirname "${BASH_SOURCE[0]}")/../bench/bench.py" "$@"
