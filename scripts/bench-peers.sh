#!/usr/bin/env bash
# Times the hourly run against other engines on the same events: bench-peers.sh --help
set -euo pipefail
exec python3 "$(dirname "${BASH_SOURCE[0]}")/../bench/peers.py" "$@"
