#!/usr/bin/env bash
# Sets up and runs all tests. Needs JDK 17 and Python 3.10 or later; installs everything else into target/.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

venv=target/venv
airflow_venv=target/airflow-venv

# install VENV REQUIREMENTS INSTALLER...
install() {
  local into=$1 requirements=$2
  if ! cmp -s "$requirements" "$into/installed.txt"; then
    echo "Installing the tests' Python packages into $into"
    rm -rf "$into"
    python3 -m venv "$into"
    VIRTUAL_ENV=$PWD/$into "${@:3}" install --quiet --require-hashes -r "$requirements"
    cp "$requirements" "$into/installed.txt"
  fi
}

install "$venv" src/test/python/requirements.txt "$venv/bin/pip"
# Airflow needs a separate environment: its provider installs a client of Spark 4.
install "$airflow_venv" src/test/airflow/requirements.txt "$venv/bin/uv" pip

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

echo "Java tests: unit, property and scenario tests, then the tests of the packaged jar"
export SESSIONIZE_TEST_VENV=$PWD/$venv
./mvnw -B --no-transfer-progress verify

echo "DAG tests, with Airflow and spark-submit"
SPARK_HOME=$("$venv/bin/python" -c 'import os, pyspark; print(os.path.dirname(pyspark.__file__))') \
  "$airflow_venv/bin/python" -m unittest discover -s src/test/airflow

echo "The kill -9 soak, short form"
scripts/soak.sh --kills 10
