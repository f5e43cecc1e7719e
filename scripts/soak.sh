#!/usr/bin/env bash
# Kills runs and the broker with SIGKILL many times, then compares the tables with the oracle: soak.sh --help
set -euo pipefail
exec python3 "$(dirname "${BASH_SOURCE[0]}")/soak/soak.py" "$@"
