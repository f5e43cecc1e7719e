#!/usr/bin/env bash
# Sets up and runs all tests. Needs JDK 17 and Python 3.10 or later; everything else it installs into target/.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

venv=target/venv
requirements=src/test/python/requirements.txt

if ! cmp -s "$requirements" "$venv/installed.txt"; then
  echo "Installing the tests' Python packages into $venv"
  rm -rf "$venv"
  python3 -m venv "$venv"
  "$venv/bin/pip" install --quiet --require-hashes -r "$requirements"
  cp "$requirements" "$venv/installed.txt"
fi

browser=target/browser
if ! cmp -s src/test/browser/package-lock.json "$browser/installed.json"; then
  echo "Installing a headless browser into $browser"
  rm -rf "$browser"
  mkdir -p "$browser"
  cp src/test/browser/package*.json "$browser"
  PATH=$PWD/$venv/bin:$PATH npm --prefix "$browser" ci --ignore-scripts --no-audit --no-fund
  cp src/test/browser/package-lock.json "$browser/installed.json"
fi

echo "Python tests"
"$venv/bin/python" -m unittest discover -s src/test/python

echo "Java tests: unit, property, scenario; then those of the packaged jar"
export SESSIONIZE_TEST_VENV=$PWD/$venv
./mvnw -B --no-transfer-progress verify

echo "The kill -9 soak in its short form"
scripts/soak.sh --kills 10
