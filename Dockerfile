# Container images of Sessionize. They can be built with Docker (BuildKit), Podman or Buildah. The build needs Debian's
# packages, Maven Central and, for the target `airflow`, PyPI.
#
#   docker build -t sessionize:0.1.0 .                      the job
#   docker build -t sessionize-s3:0.1.0 --target s3 .       with the AWS SDK, for tables in an S3 store
#   docker build -t sessionize-airflow:0.1.0 --target airflow .
#
# For a release, pin the base by its digest, or the same command builds another image later:
#
#   docker buildx imagetools inspect debian:bookworm-slim          prints the digest
#   docker build --build-arg BASE=docker.io/library/debian:bookworm-slim@sha256:DIGEST ...
#
# The default has no digest, because no image registry could be reached when this was written.
ARG BASE=docker.io/library/debian:bookworm-slim

# hadolint global ignore=DL3008
# DL3008 (pin versions) is off: Debian removes the old version of a package when it publishes a fix, and a build with a
# pinned version then fails.

FROM ${BASE} AS build
SHELL ["/bin/bash", "-euo", "pipefail", "-c"]
# The installation of Java links manual pages into this folder, which the slim base may lack; then it would fail.
RUN mkdir -p /usr/share/man/man1 \
  && apt-get update \
  && apt-get install -y --no-install-recommends ca-certificates curl openjdk-17-jdk-headless unzip \
  && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY mvnw pom.xml LICENSE ./
COPY .mvn .mvn
COPY sql sql
COPY src/licenses src/licenses
COPY scripts/jvm scripts/jvm
COPY src/main src/main
RUN --mount=type=cache,target=/root/.m2 \
  ./mvnw -q -B --no-transfer-progress -Psbom package -Dmaven.test.skip=true -Dspotless.check.skip=true \
  && mkdir -p /out/target \
  && cp -r target/lib /out/ \
  && cp -r target/licenses target/sessionize.jar target/sbom.json target/spark.classpath /out/target/
ARG ICEBERG_VERSION=1.11.0
RUN --mount=type=cache,target=/root/.m2 \
  ./mvnw -q -B --no-transfer-progress dependency:copy -DoutputDirectory=/out/s3 \
    -Dartifact=org.apache.iceberg:iceberg-aws-bundle:${ICEBERG_VERSION} -Dmdep.stripVersion=true

FROM ${BASE} AS runtime
RUN mkdir -p /usr/share/man/man1 \
  && apt-get update \
  && apt-get install -y --no-install-recommends openjdk-17-jre-headless \
  && rm -rf /var/lib/apt/lists/* \
  # Hadoop needs the name of the user. The user owns /data, and therefore also a new volume that is mounted there.
  && useradd --uid 10001 --user-group --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin sessionize \
  && install -d -m 0750 -o sessionize -g sessionize /data
COPY --from=build /out/lib /opt/sessionize/target/lib
COPY --from=build /out/target /opt/sessionize/target
COPY scripts/sessionize scripts/clickstream-producer /opt/sessionize/scripts/
COPY scripts/jvm /opt/sessionize/scripts/jvm
# Creates the class archive that every start maps: 185 MB, which save a third of the time of a small hour.
RUN /opt/sessionize/scripts/sessionize --help >/dev/null
# Java reads arguments and names of files in the charset of the locale, and a container has no locale by itself.
ENV PATH=/opt/sessionize/scripts:$PATH \
  LC_ALL=C.UTF-8 \
  ICEBERG_WAREHOUSE=/data/warehouse \
  SESSIONIZE_LOGS=/tmp/logs
LABEL org.opencontainers.image.title="Sessionize" \
  org.opencontainers.image.description="User sessions from clickstream, exactly right, hour after hour" \
  org.opencontainers.image.version="0.1.0" \
  org.opencontainers.image.licenses="MIT" \
  org.opencontainers.image.base.name="docker.io/library/debian:bookworm-slim"
USER 10001:10001
WORKDIR /tmp
# An hourly run has no health endpoint; its exit code is its result. In continuous mode, --metrics-file is written each time the
# run looks for new records: see the probe in k8s/base/continuous.yaml.
HEALTHCHECK NONE
ENTRYPOINT ["/opt/sessionize/scripts/sessionize"]
CMD ["--help"]

FROM runtime AS s3
COPY --from=build /out/s3/iceberg-aws-bundle.jar /opt/sessionize/s3/
ENV SESSIONIZE_CLASSPATH=/opt/sessionize/s3/iceberg-aws-bundle.jar

# Airflow with the DAGs and spark-submit: Spark's own scripts with the jars of the job's image.
FROM ${BASE} AS airflow-build
RUN apt-get update \
  && apt-get install -y --no-install-recommends ca-certificates python3 python3-venv \
  && rm -rf /var/lib/apt/lists/*
COPY src/test/airflow/requirements.txt /requirements.txt
RUN python3 -m venv /opt/airflow \
  && /opt/airflow/bin/pip install --no-cache-dir --require-hashes -r /requirements.txt
# The version of pom.xml. pyspark is source, so pip builds it: without its isolation, which would fetch build tools of any version.
RUN python3 -m venv /build \
  && printf '%s\n' \
    'setuptools==80.9.0 --hash=sha256:062d34222ad13e0cc312a4c02d73f059e86a4acbfbdea8f8f76b28c99f306922' \
    'wheel==0.45.1 --hash=sha256:708e7481cc80179af0e556bbf0cc00b8444c7321e2700b8d8580231d13017248' >/build.txt \
  && /build/bin/pip install --no-cache-dir --no-deps --require-hashes -r /build.txt \
  && printf 'pyspark==3.5.7 --hash=sha256:80e36514e0c5c126d35a26adf4f405cd4a69de96a8ea8a3c1e9a65fce2fb4eaa\n' >/pyspark.txt \
  && /build/bin/pip install --no-cache-dir --no-deps --no-build-isolation --require-hashes --target /pyspark -r /pyspark.txt \
  && mkdir /opt/spark \
  && cp -r /pyspark/pyspark/bin /opt/spark/bin \
  && ln -s /opt/sessionize/target/lib /opt/spark/jars \
  && rm -rf /pyspark /build

FROM s3 AS airflow
USER 0
RUN apt-get update \
  && apt-get install -y --no-install-recommends procps python3 \
  && rm -rf /var/lib/apt/lists/* \
  && install -d -m 0750 -o sessionize -g sessionize /data/airflow
COPY --from=airflow-build /opt/airflow /opt/airflow
COPY --from=airflow-build /opt/spark /opt/spark
COPY dags /opt/sessionize/dags
ENV PATH=/opt/airflow/bin:$PATH \
  AIRFLOW_HOME=/data/airflow \
  AIRFLOW__CORE__DAGS_FOLDER=/opt/sessionize/dags \
  AIRFLOW__CORE__LOAD_EXAMPLES=False
LABEL org.opencontainers.image.title="Sessionize with Airflow"
USER 10001:10001
ENTRYPOINT ["/opt/airflow/bin/airflow"]
CMD ["standalone"]

# A build without --target builds the last stage.
FROM runtime AS job
