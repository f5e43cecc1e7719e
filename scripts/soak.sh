#!/usr/bin/env bash
# Kills runs and the broker with SIGKILL, again and again, and holds the tables against the oracle: soak.sh --help
set -euo pipefail
exec python3 "$(dirname "${BASH_SOURCE[0]}")/demo/soak.py" "$@"
