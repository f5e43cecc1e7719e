#!/usr/bin/env bash
# Runs the tests: test.sh --help
set -euo pipefail
# Follows symbolic links to this script. macOS had no readlink -f for a long time.
self=${BASH_SOURCE[0]}
while [[ -L $self ]]; do
  link=$(readlink "$self")
  [[ $link == /* ]] || link=$(dirname -- "$self")/$link
  self=$link
done
CDPATH='' cd -P -- "$(dirname -- "$self")/.."

usage() {
  cat <<'TEXT'
Runs the tests.

    scripts/test.sh           all tests: about 40 minutes on two cores
    scripts/test.sh --quick   for work on the code: less than 3 minutes on two cores

Without an option, it builds the jar and runs two groups of tests at the same time:
  1. the Java tests: unit, property and scenario tests (a real broker, Spark, Iceberg)
  2. the Python tests, then the tests of the packaged jar, the tests of the DAGs (Airflow, spark-submit), and the short
     form of the kill -9 soak
All steps run to their end, even if another step fails. The output of a step is in target/test-logs. If a step fails, the
failures are printed.

--quick runs the unit tests, the property tests with a tenth of the histories, one scenario test (ArrivalScenarioTest), and
the Python tests of the demo, the soak and the benchmarks. It leaves out all other tests that need Spark or a broker, and
installs nothing.
-Dsessionize.test.histories=N sets the number of histories of the property tests for mvnw, default 20000.

Needs JDK 17 and Python 3.10 or later. Without --quick it installs everything else into target/.
Exit codes: 0 all tests passed; 1 a test failed; 2 wrong usage.
TEXT
}

logs=target/test-logs

# step NAME COMMAND...: runs a step, with its output in a file, and prints how it ended.
step() {
  local name=$1 log=$logs/${1// /-}.log begin=$SECONDS
  shift
  if "$@" >"$log" 2>&1 </dev/null; then
    echo "passed: $name ($((SECONDS - begin)) s)"
  else
    touch "$logs/failed"
    echo "FAILED: $name ($((SECONDS - begin)) s); see $log:"
    # In Maven's output the failures are far above the end.
    { grep -E '^\[ERROR\] +[A-Za-z]+(Test|IT)[.:]|^\[ERROR\] .*(\.java|Failed to execute)|^(FAIL|ERROR): ' "$log" || tail -n 30 "$log"; } |
      awk '!seen[$0]++' | head -n 30 | sed 's/^/    /'
  fi
}

maven() { ./mvnw -B --no-transfer-progress "$@"; }

begin_steps() {
  rm -rf "$logs"
  mkdir -p "$logs"
  # A shell starts background jobs with SIGINT ignored. Ctrl-C must end all of them.
  trap 'trap - INT TERM; kill 0' INT TERM
}

end_steps() {
  wait
  echo "$SECONDS s"
  [[ ! -e $logs/failed ]]
}

# --- quick ---

quick_java() {
  # Tests that import one of these need Spark or a broker.
  grep -rlE '^import io\.sessionize\.testing\.(Scenario|TestBroker|TestSpark);' src/test/java |
    grep -v '/ArrivalScenarioTest.java$' | sed 's|^src/test/java/||' >target/quick-excludes.txt
  maven test -Dsurefire.excludesFile="$PWD/target/quick-excludes.txt" -Dsessionize.test.histories=2000
}

quick_python() { (cd src/test/python && python3 -m unittest test_bench test_oracle test_progress test_traffic); }

quick() {
  begin_steps
  step 'Python tests without Spark' quick_python &
  step 'Java tests' quick_java
  end_steps
}

# --- all ---

venv=target/venv
airflow_venv=target/airflow-venv
browser=target/browser

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

install_all() {
  install "$venv" src/test/python/requirements.txt "$venv/bin/pip"
  # Airflow needs a separate environment: its provider installs a client of Spark 4.
  install "$airflow_venv" src/test/airflow/requirements.txt "$venv/bin/uv" pip
  if ! cmp -s src/test/browser/package-lock.json "$browser/installed.json"; then
    echo "Installing a headless browser into $browser"
    rm -rf "$browser"
    mkdir -p "$browser"
    cp src/test/browser/package*.json "$browser"
    PATH=$PWD/$venv/bin:$PATH npm --prefix "$browser" ci --ignore-scripts --no-audit --no-fund
    cp src/test/browser/package-lock.json "$browser/installed.json"
  fi
}

dags() {
  SPARK_HOME=$("$venv/bin/python" -c 'import os, pyspark; print(os.path.dirname(pyspark.__file__))') \
    "$airflow_venv/bin/python" -m unittest discover -s src/test/airflow
}

all() {
  install_all
  export SESSIONIZE_TEST_VENV=$PWD/$venv
  # Brokers with few records: the second compiler would cost more than it saves.
  export KAFKA_HEAP_OPTS='-Xmx512m -XX:TieredStopAtLevel=1'
  begin_steps
  step 'build of the jar' maven package -DskipTests
  [[ ! -e $logs/failed ]] || end_steps
  # The goals alone, because two complete builds at the same time would write the same files.
  step 'Java tests' maven surefire:test &
  step 'Python tests' "$venv/bin/python" -m unittest discover -s src/test/python
  step 'tests of the packaged jar' maven failsafe:integration-test failsafe:verify
  step 'tests of the DAGs' dags
  step 'soak' scripts/soak.sh --kills 10
  end_steps
}

case ${1-} in
  '') all ;;
  --quick) quick ;;
  --help | -h) usage ;;
  *)
    echo "test.sh: unknown option $1; see test.sh --help" >&2
    exit 2
    ;;
esac
