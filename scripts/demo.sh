#!/usr/bin/env bash
# The demo on one machine, without Docker. Builds the jar, starts a real Kafka broker, sends three simulated hours of a
# web shop's traffic (with late, duplicate and broken events), runs the hourly job after each hour, shows revenue by channel,
# and compares the tables with a brute-force recomputation. Needs JDK 17 and Python 3.10 or later. Leaves a folder in
# demo-output, the link demo-output/latest to it, and no running process.
set -euo pipefail
# Follows symbolic links to this script. macOS had no readlink -f for a long time.
self=${BASH_SOURCE[0]}
while [[ -L $self ]]; do
  link=$(readlink "$self")
  [[ $link == /* ]] || link=$(dirname -- "$self")/$link
  self=$link
done
CDPATH='' cd -P -- "$(dirname -- "$self")/.."

name=$(date -u +%Y-%m-%dT%H-%M-%S)
folder=$PWD/demo-output/$name
export ICEBERG_WAREHOUSE=$folder/warehouse
export SESSIONIZE_LOGS=$folder/logs
definition=scripts/demo/shop.yaml
started=$SECONDS

say() { printf '\n\033[1m%s\033[0m\n' "$1"; }

say "Building (the first time this downloads Spark, Iceberg and Kafka)"
scripts/sessionize --help >/dev/null

mkdir -p "$folder"
say "Starting a Kafka broker"
trap 'scripts/kafka stop --data "$folder/kafka" >/dev/null' EXIT
scripts/kafka start --port 0 --data "$folder/kafka"
KAFKA_BOOTSTRAP_SERVERS=$(scripts/kafka status --data "$folder/kafka" | grep -oE '127\.0\.0\.1:[0-9]+')
export KAFKA_BOOTSTRAP_SERVERS
for variable in ICEBERG_WAREHOUSE SESSIONIZE_LOGS KAFKA_BOOTSTRAP_SERVERS; do
  printf 'export %s=%q\n' "$variable" "${!variable}"
done >"$folder/environment"

say "Simulating three hours of traffic"
python3 scripts/demo/traffic.py --hours 3 --out "$folder/traffic"

for hour in 1 2 3; do
  say "Hour $hour: the events arrive, then the hourly job runs"
  scripts/sessionize produce --from-file "$folder/traffic/hour-$hour.jsonl"
  scripts/sessionize run --definition "$definition" --report "$folder/run-$hour.json"
done

say "An hour without events: an idle run closes the last sessions"
later=$(python3 -c 'import datetime as d; print((d.datetime.now(d.timezone.utc) + d.timedelta(hours=3)).strftime("%Y-%m-%dT%H:%M:%SZ"))')
scripts/sessionize run --definition "$definition" --run-time "$later" --clock-skew 4h --report "$folder/run-4.json"

say "Some sessions"
scripts/sessionize sql "
  SELECT session_id, session_start, session_duration_seconds AS seconds, event_count AS events, close_reason,
         concat_ws(' > ', pages_visited) AS pages
  FROM user_sessions WHERE event_count > 3 ORDER BY session_start, session_id LIMIT 8"

say "Sessions, bookings and revenue by channel"
scripts/sessionize sql "
  SELECT channel, count(*) AS sessions, sum(key_events) AS bookings,
         round(100 * avg(if(key_events > 0, 1, 0)), 1) AS conversion_percent, round(sum(revenue), 2) AS revenue
  FROM user_sessions GROUP BY channel ORDER BY revenue DESC, channel"

say "Comparing the tables with a brute-force recomputation from all events"
scripts/sessionize sql --format jsonl "
  SELECT uuid, session_id, session_start_time_ms, session_end_time_ms, session_duration_seconds, event_count,
         pages_visited, close_reason, is_open, entry_page, utm_source, user_id, key_events, revenue, city
  FROM user_sessions_live" >"$folder/live.jsonl"
python3 scripts/demo/oracle.py --shop --compare "$folder/live.jsonl" --record-time-ms "$(date +%s)000" "$folder"/traffic/hour-*.jsonl

say "An HTML report"
scripts/sessionize report --html "$folder/report.html"

ln -sfn "$name" demo-output/latest
say "Done in $((SECONDS - started)) s. All files are in demo-output/$name. To go on with its tables and its broker:"
cat <<TEXT
  source demo-output/latest/environment
  scripts/kafka start --data demo-output/latest/kafka
  scripts/sessionize status
  scripts/sessionize sql "SELECT reason, count(*) AS records FROM user_sessions_rejected GROUP BY reason"
TEXT
