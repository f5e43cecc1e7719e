#!/usr/bin/env bash
# Measures the hourly run and other engines on the same events: bench-peers.sh --help
set -euo pipefail
exec python3 "$(dirname "${BASH_SOURCE[0]}")/../bench/peers.py" "$@"
