"""The Dockerfile, the compose file and the Kubernetes files, against their schemas and what we promise about them."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import unittest
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any, Iterator

import yaml
from compose_spec import PyCompose
from kubernetes_validate import validate

ROOT = Path(__file__).resolve().parents[3]
K8S = ROOT / "k8s"
IMAGE = "registry.example.com/sessionize:0.1.0"
IMAGE_WITH_S3 = "registry.example.com/sessionize-s3:0.1.0"
# Kinds of the Prometheus operator: Kubernetes has no schema of them.
FOREIGN = ("PodMonitor", "PrometheusRule")


def rendered(folder: Path) -> list[dict[str, Any]]:
    """The objects of an overlay, as kubectl would send them to the cluster."""
    kubectl = Path(sys.executable).with_name("kubectl")
    done = subprocess.run([kubectl, "kustomize", folder], capture_output=True, text=True)
    if done.returncode or done.stderr:
        raise AssertionError(done.stderr)
    return list(yaml.safe_load_all(done.stdout))


def options(command: str) -> set[str]:
    """The options that a command knows: its table in docs/reference.md, which a test keeps equal to the parser."""
    table = (ROOT / "docs/reference.md").read_text().partition(f"<!-- options:{command} -->")[2].partition("<!-- /options -->")[0]
    return set(re.findall(r"--[a-z-]+", "".join(re.findall(r"^\| (.*?) \|", table, re.MULTILINE))))


def overlay_of_readme(store: str) -> str:
    """The overlay that the README shows for a base, as text."""
    blocks = re.findall(r"```yaml\n(.*?)```", (K8S / "README.md").read_text(), re.DOTALL)
    (block,) = [block for block in blocks if f"[../k8s/{store}]" in block]
    return block


def addition_of_readme(field: str) -> str:
    """What the README adds to an overlay, as text."""
    (block,) = re.findall(rf"```yaml\n({field}:.*?)```", (K8S / "README.md").read_text(), re.DOTALL)
    return block


def rendered_beside(overlay: str, **files: str) -> list[dict[str, Any]]:
    """An overlay, and files of these names as YAML, beside a copy of the folder."""
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(K8S, Path(folder, "k8s"))
        deploy = Path(folder, "deploy")
        deploy.mkdir()
        (deploy / "kustomization.yaml").write_text(overlay)
        for name, text in files.items():
            (deploy / f"{name}.yaml").write_text(text)
        return rendered(deploy)


def template(document: dict[str, Any]) -> dict[str, Any]:
    spec = document["spec"]
    return (spec["jobTemplate"]["spec"] if document["kind"] == "CronJob" else spec)["template"]


def pod(document: dict[str, Any]) -> dict[str, Any]:
    return template(document)["spec"]


def container(document: dict[str, Any]) -> dict[str, Any]:
    (only,) = pod(document)["containers"]
    return only


def gibibytes(quantity: str) -> float:
    number, unit = re.fullmatch(r"(\d+)(Mi|Gi)", quantity).groups()
    return int(number) / (1024 if unit == "Mi" else 1)


@contextmanager
def answering(text: str) -> Iterator[str]:
    """A server that answers every request with this text and the status 200; its address."""

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, format: str, *args: Any) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Answer) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()


class DockerfileTest(unittest.TestCase):
    text = (ROOT / "Dockerfile").read_text()

    def test_what_a_build_downloads_has_a_checksum(self):
        wrapper = (ROOT / ".mvn/wrapper/maven-wrapper.properties").read_text()
        self.assertRegex(wrapper, r"distributionSha256Sum=[0-9a-f]{64}\n")
        self.assertIn("--strict-checksums", (ROOT / ".mvn/maven.config").read_text())
        installs = re.findall(r"pip install [^\\&]+", self.text)
        self.assertEqual(3, len(installs), installs)
        for install in installs:
            self.assertIn("--require-hashes", install)
        # pyspark is source: pip would fetch the tools that build it without a hash.
        self.assertIn("--no-build-isolation", installs[-1])

    def test_hadolint_finds_nothing(self) -> None:
        hadolint = Path(sys.executable).with_name("hadolint")
        found = subprocess.run([hadolint, ROOT / "Dockerfile"], capture_output=True, text=True)
        self.assertEqual((0, ""), (found.returncode, found.stdout + found.stderr))

    def test_what_is_copied_is_in_the_context(self) -> None:
        context = [line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")]
        copies = re.findall(r"^COPY (?!--from)(.+) \S+$", self.text, re.MULTILINE)
        for source in " ".join(copies).split():
            with self.subTest(source):
                self.assertTrue((ROOT / source).exists())
                self.assertTrue(any(Path(source).is_relative_to(part) for part in context))

    def test_java_reads_arguments_as_utf8(self) -> None:
        self.assertIn("LC_ALL=C.UTF-8", self.text)


class ComposeTest(unittest.TestCase):
    text = (ROOT / "docker-compose.yml").read_text()
    compose = yaml.safe_load(text)
    services: dict[str, Any] = compose["services"]

    def test_it_is_a_compose_file(self) -> None:
        # Through JSON, for its own YAML reader knows no merge keys.
        PyCompose.from_json(json.dumps(self.compose)).validate()

    def test_what_a_service_names_is_there(self) -> None:
        for name, service in self.services.items():
            for other, wait in service.get("depends_on", {}).items():
                with self.subTest(service=name, depends_on=other):
                    self.assertIn(other, self.services)
                    if wait["condition"] == "service_healthy":
                        self.assertIn("healthcheck", self.services[other])
            for volume in service.get("volumes", []):
                source = volume.split(":")[0]
                with self.subTest(service=name, volume=source):
                    known = (ROOT / source).exists() if source.startswith("./") else source in self.compose["volumes"]
                    self.assertTrue(known)

    def test_nothing_listens_beyond_this_machine(self) -> None:
        ports = [port for service in self.services.values() for port in service.get("ports", [])]
        self.assertTrue(ports)
        for port in ports:
            self.assertTrue(port.startswith("127.0.0.1:"), port)

    def test_airflow_is_healthy_only_if_its_scheduler_is(self) -> None:
        command, interpreter, option, code = self.services["airflow"]["healthcheck"]["test"]
        self.assertEqual(("CMD", "python3", "-c"), (command, interpreter, option))
        for dead in (None, "metadatabase", "scheduler", "dag_processor"):
            parts = ("metadatabase", "scheduler", "triggerer", "dag_processor")
            answer = {part: {"status": "unhealthy" if part == dead else "healthy"} for part in parts}
            with self.subTest(dead=dead), answering(json.dumps(answer)) as address:
                here = code.replace("127.0.0.1:8080", address)
                ended = subprocess.run([sys.executable, "-c", here], capture_output=True, text=True)
                self.assertEqual((0 if dead is None else 1, ""), (ended.returncode, ended.stderr))

    def test_images_are_pinned_and_memory_is_bounded(self) -> None:
        for name, service in self.services.items():
            with self.subTest(service=name):
                tag = service["image"].partition(":")[2]
                self.assertTrue(tag and tag != "latest")
        limits = {name: int(service["mem_limit"].rstrip("g")) for name, service in self.services.items()}
        # The first service has ended before the next ones start.
        self.assertIn(f"{sum(limits.values()) - limits['history']} GB", self.text)

    def test_services_have_no_rights_that_they_do_not_need(self) -> None:
        for name, service in self.services.items():
            with self.subTest(service=name):
                self.assertEqual(["no-new-privileges:true"], service["security_opt"])
                self.assertEqual(["ALL"], service["cap_drop"])
                self.assertNotIn("privileged", service)
                if service["image"].startswith("sessionize"):
                    self.assertTrue(service["read_only"])
                    self.assertNotIn("cap_add", service)

    def test_one_service_builds_our_image(self) -> None:
        builders = [name for name, service in self.services.items() if "build" in service]
        self.assertEqual(["history"], builders)
        for name, service in self.services.items():
            if service["image"].startswith("sessionize"):
                self.assertEqual(self.services["history"]["image"], service["image"])

    def test_airflow_has_a_login(self) -> None:
        environment = self.services["airflow"]["environment"]
        self.assertNotIn("AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS", environment)
        self.assertEqual("admin:admin", environment["AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS"])

    def test_sessions_are_read_from_the_catalog_that_the_runs_write(self) -> None:
        for name, folder in (("airflow", self.services["airflow"]["environment"]["SPARK_CONF_DIR"]), ("sessions", "/etc/spark")):
            (config,) = self.services[name]["configs"]
            self.assertEqual({"source": "spark", "target": f"{folder}/spark-defaults.conf"}, config)
        self.assertIn(config["target"], self.services["sessions"]["entrypoint"])
        lines = dict(line.split("=", 1) for line in self.compose["configs"]["spark"]["content"].splitlines())
        self.assertEqual("http://catalog:8181", lines["spark.sql.catalog.demo.uri"])
        # Compose replaces $ itself.
        self.assertIn("$${sessions}", self.services["sessions"]["command"][0])


class KubernetesTest(unittest.TestCase):
    rendered = {
        "base": rendered(K8S / "base"),
        "rest-s3": rendered(K8S / "overlays/rest-s3"),
        "second-topic": rendered(K8S / "overlays/second-topic"),
        "README": rendered_beside(overlay_of_readme("base")),
        "README-s3": rendered_beside(overlay_of_readme("overlays/rest-s3")),
    }
    with_s3 = ("rest-s3", "README-s3")

    def objects(self, *kinds: str) -> list[tuple[str, dict[str, Any]]]:
        """All objects of these kinds, or of all kinds, in all overlays."""
        return [
            (overlay, document)
            for overlay, documents in self.rendered.items()
            for document in documents
            if not kinds or document["kind"] in kinds
        ]

    def workloads(self) -> list[tuple[str, dict[str, Any]]]:
        return self.objects("CronJob", "Deployment")

    def jobs(self) -> list[tuple[str, dict[str, Any]]]:
        return [(o, d) for o, d in self.workloads() if container(d)["name"] == "sessionize"]

    def of(self, overlay: str, document: dict[str, Any]) -> Any:
        return self.subTest(overlay=overlay, kind=document["kind"], name=document["metadata"]["name"])

    def named(self, overlay: str, kind: str, name: str) -> dict[str, Any]:
        """The object of that name; of a ConfigMap, the name before its hash."""
        (found,) = [
            document
            for document in self.rendered[overlay]
            if document["kind"] == kind and re.fullmatch(f"{name}(-[a-z0-9]{{10}})?", document["metadata"]["name"])
        ]
        return found

    def test_every_overlay_has_a_test(self) -> None:
        overlays = {folder.name for folder in (K8S / "overlays").iterdir()}
        self.assertEqual(overlays, self.rendered.keys() - {"base", "README", "README-s3"})

    def test_every_object_fits_the_schema_of_kubernetes(self) -> None:
        for overlay, document in self.objects():
            with self.of(overlay, document):
                if document["kind"] not in FOREIGN:
                    validate(document, "1.30", strict=True)

    def test_each_overlay_has_its_image(self) -> None:
        images = {
            "rest-s3": IMAGE_WITH_S3,
            "README": "registry.acme.com/sessionize:0.1.0",
            "README-s3": "registry.acme.com/sessionize-s3:0.1.0",
        }
        for overlay, document in self.jobs():
            with self.of(overlay, document):
                self.assertEqual(images.get(overlay, IMAGE), container(document)["image"])

    def test_the_image_of_the_base_replaces_none_with_the_sdk(self) -> None:
        overlay = overlay_of_readme("base").replace("../k8s/base", "../k8s/overlays/rest-s3")
        images = {container(d)["image"] for d in rendered_beside(overlay) if d["kind"] == "CronJob"}
        self.assertEqual({IMAGE_WITH_S3}, images)

    def test_everything_is_in_a_namespace_that_is_restricted(self) -> None:
        for overlay, document in self.objects("Namespace"):
            with self.of(overlay, document):
                labels = document["metadata"]["labels"]
                for mode in ("enforce", "audit", "warn"):
                    self.assertEqual("restricted", labels[f"pod-security.kubernetes.io/{mode}"])
                others = [d["metadata"] for d in self.rendered[overlay] if d["kind"] != "Namespace"]
                self.assertEqual({document["metadata"]["name"]}, {other.get("namespace") for other in others})

    def test_pods_are_restricted_and_bounded(self) -> None:
        for overlay, workload in self.workloads():
            with self.of(overlay, workload):
                security = pod(workload)["securityContext"]
                self.assertTrue(security["runAsNonRoot"])
                self.assertEqual("RuntimeDefault", security["seccompProfile"]["type"])
                self.assertFalse(pod(workload)["automountServiceAccountToken"])
                self.assertFalse({"hostNetwork", "hostPID", "hostIPC"} & pod(workload).keys())
                kinds = {kind for volume in pod(workload)["volumes"] for kind in volume if kind != "name"}
                self.assertLessEqual(kinds, {"configMap", "secret", "emptyDir", "persistentVolumeClaim"})
                security = container(workload)["securityContext"]
                self.assertTrue(security["readOnlyRootFilesystem"])
                self.assertFalse(security["allowPrivilegeEscalation"])
                self.assertEqual({"drop": ["ALL"]}, security["capabilities"])
                limits = container(workload)["resources"]["limits"]
                self.assertEqual({"cpu", "memory", "ephemeral-storage"}, limits.keys())
                temporary = [v["emptyDir"]["sizeLimit"] for v in pod(workload)["volumes"] if "emptyDir" in v]
                self.assertGreaterEqual(gibibytes(limits["ephemeral-storage"]), sum(map(gibibytes, temporary)))

    def test_nothing_is_reached_but_what_is_needed(self) -> None:
        for overlay in self.rendered:
            with self.subTest(overlay):
                deny = self.named(overlay, "NetworkPolicy", "default-deny")["spec"]
                self.assertEqual({"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}, deny)
                allowed = [
                    port["port"]
                    for policy in self.rendered[overlay]
                    if policy["kind"] == "NetworkPolicy"
                    for rule in policy["spec"].get("egress", [])
                    for port in rule["ports"]
                ]
                https = [443] if overlay in self.with_s3 else []
                self.assertEqual([53, 53, 5353, 5353, 9092, 9093, *https], allowed)
        for overlay, document in self.jobs():
            with self.of(overlay, document):
                self.assertEqual("sessionize", template(document)["metadata"]["labels"]["app.kubernetes.io/name"])

    def test_what_a_pod_names_is_there(self) -> None:
        for overlay, workload in self.workloads():
            with self.of(overlay, workload):
                maps = {d["metadata"]["name"] for d in self.rendered[overlay] if d["kind"] == "ConfigMap"}
                mounted = {mount["name"] for mount in container(workload)["volumeMounts"]}
                self.assertEqual({volume["name"] for volume in pod(workload)["volumes"]}, mounted)
                named = [volume["configMap"]["name"] for volume in pod(workload)["volumes"] if "configMap" in volume]
                named += [source["configMapRef"]["name"] for source in container(workload).get("envFrom", [])]
                self.assertLessEqual(set(named), maps)

    def test_secrets_are_files_and_addresses_are_encrypted(self) -> None:
        for overlay, document in self.objects():
            with self.of(overlay, document):
                self.assertNotEqual("Secret", document["kind"])
                text = json.dumps(document)
                for unwanted in ("secretRef", "secretKeyRef", "http://", "AWS_SECRET_ACCESS_KEY"):
                    self.assertNotIn(unwanted, text)
        settings = self.named("rest-s3", "ConfigMap", "sessionize")["data"]
        for overlay, workload in self.jobs():
            with self.of(overlay, workload):
                if overlay in self.with_s3:
                    mounts = {mount["name"]: mount["mountPath"] for mount in container(workload)["volumeMounts"]}
                    words = self.words(overlay, workload)
                    properties = Path(dict(zip(words, words[1:]))["--spark-properties"])
                    self.assertEqual(mounts["catalog"], str(properties.parent))
                    self.assertNotIn("http://", (K8S / "overlays/rest-s3" / properties.name).read_text())
                    self.assertEqual(f"{mounts['s3']}/credentials", settings["AWS_SHARED_CREDENTIALS_FILE"])

    def words(self, overlay: str, workload: dict[str, Any]) -> list[str]:
        """What the job gets as its arguments, with the settings of the overlay."""
        settings = self.named(overlay, "ConfigMap", "sessionize")["data"]
        with tempfile.TemporaryDirectory() as folder:
            job = Path(folder, "sessionize")
            job.write_text("#!/bin/sh\nprintf '%s\\n' \"$@\"\nexit 3\n")
            job.chmod(0o755)
            command = [*container(workload)["command"], *container(workload)["args"]]
            env = {**settings, "PATH": f"{folder}:{os.environ['PATH']}"}
            done = subprocess.run(command, capture_output=True, text=True, env=env)
            # The exit code of the job is that of the pod.
            self.assertEqual((3, ""), (done.returncode, done.stderr))
            return done.stdout.split("\n")[:-1]

    def test_a_setting_is_written_once_and_reaches_each_command_that_needs_it(self) -> None:
        for overlay, workload in self.jobs():
            with self.of(overlay, workload):
                words = self.words(overlay, workload)
                given = dict(zip(words, words[1:]))
                settings = self.named(overlay, "ConfigMap", "sessionize")["data"]
                self.assertEqual(settings["ICEBERG_TABLE"], given["--iceberg-table"])
                self.assertLessEqual({word for word in words if word.startswith("--")}, options(words[0]))
                if words[0] == "run":
                    self.assertEqual(settings["KAFKA_TOPIC"], given["--kafka-topic"])
                    if overlay in ("second-topic", "README"):
                        self.assertEqual(["--inactivity-timeout", "45m", "--late-horizon", "3d"], words[-4:])
                else:
                    # The tables say by which rules they were made.
                    self.assertFalse({"--inactivity-timeout", "--late-horizon"} & set(words))

    def test_a_second_topic_differs_in_its_settings_alone(self) -> None:
        def text(overlay: str) -> str:
            text = json.dumps([d for d in self.rendered[overlay] if d["kind"] != "ConfigMap"])
            text = text.replace(self.named(overlay, "ConfigMap", "sessionize")["metadata"]["name"], "SETTINGS")
            return text.replace("sessionize-app", "sessionize")

        self.assertEqual(text("base"), text("second-topic"))

    def test_a_definition_is_mounted_where_the_runs_look_for_it(self) -> None:
        overlay = "resources: [../k8s/base]\nnamespace: sessionize\n" + addition_of_readme("components")
        documents = rendered_beside(overlay, events="version: 1\n")
        runs = [d for d in documents if d["metadata"]["name"] in ("sessionize-hourly", "sessionize-continuous")]
        self.assertEqual(2, len(runs))
        (settings,) = [d["data"] for d in documents if d["kind"] == "ConfigMap" and "RUN_OPTIONS" in d["data"]]
        self.assertEqual("", settings["KAFKA_TOPIC"])
        file = settings["RUN_OPTIONS"].removeprefix("--definition ")
        for workload in runs:
            (mount,) = [m for m in container(workload)["volumeMounts"] if m["name"] == "definition"]
            (volume,) = [v for v in pod(workload)["volumes"] if v["name"] == "definition"]
            (held,) = [d for d in documents if d["metadata"]["name"] == volume["configMap"]["name"]]
            self.assertEqual(file, f"{mount['mountPath']}/{next(iter(held['data']))}")

    def test_continuous_mode_replaces_the_hourly_runs_and_needs_maintain_rarely(self) -> None:
        overlay = "resources: [../k8s/base]\nnamespace: sessionize\ncomponents: [../k8s/components/continuous]\n"
        specs = {d["metadata"]["name"]: d["spec"] for d in rendered_beside(overlay) if d["kind"] in ("CronJob", "Deployment")}
        self.assertEqual(1, specs["sessionize-continuous"]["replicas"])
        self.assertTrue(specs["sessionize-hourly"]["suspend"])
        self.assertEqual("35 1 1 * *", specs["sessionize-maintenance"]["schedule"])
        self.assertNotIn("suspend", specs["sessionize-check"])

    def test_a_loop_that_waits_is_alive_and_not_ready(self) -> None:
        loop = container(self.named("base", "Deployment", "sessionize-continuous"))
        state = 'sessionize_loop_state{command="run",state="waiting",table="sessions.user_sessions"} '
        hours_ago = time.time() - 2 * 3600
        with tempfile.TemporaryDirectory() as folder:
            file, started = Path(folder, "sessionize.prom"), Path(folder, "started")

            def holds() -> tuple[bool, bool]:
                probes = (loop[f"{kind}Probe"]["exec"]["command"] for kind in ("liveness", "readiness"))
                alive, ready = (
                    not subprocess.run(
                        [part.replace("/data", folder).replace("/tmp/started", str(started)) for part in probe],
                        stderr=subprocess.DEVNULL,
                    ).returncode
                    for probe in probes
                )
                return alive, ready

            self.assertIn(f"touch {Path('/tmp/started')} && exec sessionize", " ".join(loop["args"][0].split()))
            started.touch()
            os.utime(started, (hours_ago - 60, hours_ago - 60))
            self.assertEqual((False, False), holds())
            file.write_text("# TYPE sessionize_loop_state gauge\n" + state + "1.0\n")
            self.assertEqual((True, False), holds())
            file.write_text(state + "0.0\n")
            self.assertEqual((True, True), holds())
            # The file of the process before a restart.
            now = time.time()
            os.utime(file, (now - 60, now - 60))
            os.utime(started, (now, now))
            self.assertEqual((True, False), holds())
            os.utime(file, (hours_ago, hours_ago))
            self.assertEqual((False, False), holds())

    def test_one_writer_at_a_time_and_no_restart_loop(self) -> None:
        for overlay, workload in self.workloads():
            with self.of(overlay, workload):
                spec = workload["spec"]
                if workload["kind"] == "Deployment":
                    self.assertLessEqual(spec["replicas"], 1)
                    self.assertEqual("Recreate", spec["strategy"]["type"])
                    continue
                self.assertEqual("Forbid", spec["concurrencyPolicy"])
                job = spec["jobTemplate"]["spec"]
                self.assertIn("startingDeadlineSeconds", spec)
                self.assertIn("activeDeadlineSeconds", job)
                self.assertEqual("Never", pod(workload)["restartPolicy"])
                disrupted, rule = job["podFailurePolicy"]["rules"]
                self.assertEqual(
                    {"action": "Ignore", "onPodConditions": [{"type": "DisruptionTarget", "status": "True"}]}, disrupted
                )
                self.assertEqual(("FailJob", [2, 3]), (rule["action"], rule["onExitCodes"]["values"]))

    def test_an_hour_ends_before_its_deadline_and_each_batch_is_progress(self) -> None:
        hourly = self.named("base", "CronJob", "sessionize-hourly")
        words = self.words("base", hourly)
        given = dict(zip(words, words[1:]))
        self.assertEqual("1000000", given["--max-offsets-per-trigger"])
        self.assertEqual("50m", given["--stop-after"])
        # Two tries, and some minutes for their last batches.
        seconds = hourly["spec"]["jobTemplate"]["spec"]["activeDeadlineSeconds"]
        self.assertGreaterEqual(seconds, 2 * 50 * 60 + 600)

    def test_no_pod_waits_on_another_node_for_the_volume(self) -> None:
        without = []
        for overlay, workload in self.workloads():
            with self.of(overlay, workload):
                mounts = {"sessionize/volume": "data"}
                labels = template(workload)["metadata"]["labels"]
                if any("persistentVolumeClaim" in volume for volume in pod(workload)["volumes"]):
                    (rule,) = pod(workload)["affinity"]["podAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"]
                    self.assertEqual("kubernetes.io/hostname", rule["topologyKey"])
                    self.assertLessEqual(mounts.items(), rule["labelSelector"]["matchLabels"].items())
                    self.assertLessEqual(mounts.items(), labels.items())
                else:
                    # Other pods do not follow this one to its node.
                    self.assertNotIn("affinity", pod(workload))
                    self.assertNotIn("sessionize/volume", labels)
                    without.append((overlay, workload["metadata"]["name"]))
        # With the REST catalog, the volume holds the checkpoint alone.
        names = ("sessionize-check", "sessionize-maintenance")
        self.assertEqual([(overlay, name) for overlay in self.with_s3 for name in names], without)

    def test_the_metrics_of_the_last_run_are_scraped_and_read_for_alerts(self) -> None:
        exporter = self.named("README", "Deployment", "sessionize-metrics")
        folder = container(exporter)["volumeMounts"][0]["mountPath"]
        self.assertIn(f"--collector.textfile.directory={folder}", container(exporter)["args"])
        for name in ("hourly", "continuous"):
            workload = self.named("README", "CronJob" if name == "hourly" else "Deployment", f"sessionize-{name}")
            words = self.words("README", workload)
            self.assertEqual(f"{folder}/sessionize.prom", dict(zip(words, words[1:]))["--metrics-file"])
        # Who may write the file owns it, and Prometheus may connect.
        self.assertEqual(pod(workload)["securityContext"], pod(exporter)["securityContext"])
        labels = template(exporter)["metadata"]["labels"]
        for kind in ("PodMonitor", "NetworkPolicy"):
            (selector,) = [
                spec.get("selector", spec.get("podSelector"))["matchLabels"]
                for document in self.rendered["README"]
                if document["kind"] == kind
                for spec in [document["spec"]]
                if kind == "PodMonitor" or "ingress" in spec
            ]
            self.assertLessEqual(selector.items(), labels.items())

    def test_the_readme_adds_the_label_that_prometheus_selects(self) -> None:
        documents = rendered_beside(overlay_of_readme("base") + addition_of_readme("labels"))
        labels = [d["metadata"]["labels"].get("release") for d in documents if d["kind"] in FOREIGN]
        self.assertEqual(["kube-prometheus-stack"] * 2, labels)

    def test_the_readme_leaves_the_rules_out_of_a_second_namespace(self) -> None:
        documents = rendered_beside(overlay_of_readme("base") + addition_of_readme("patches"))
        self.assertEqual(["PodMonitor"], [d["kind"] for d in documents if d["kind"] in FOREIGN])

    def test_an_alert_ends_with_its_cause_and_names_no_object_that_is_missing(self) -> None:
        groups = self.named("README", "PrometheusRule", "sessionize")["spec"]["groups"]
        rules = {rule["alert"]: rule["expr"] for group in groups for rule in group["rules"]}
        # Without promtool: these are the parts that keep an alert from firing for ever, or in vain.
        for alert, part in {
            "SessionizeJobFailed": "< on (namespace, cronjob) group_left () kube_cronjob_status_last_successful_time",
            "SessionizeContinuousEnds": "and on (namespace, pod, container) kube_pod_container_status_ready == 0",
            "SessionizeNoSuccessfulHour": "unless on (namespace, cronjob) kube_cronjob_spec_suspend == 1",
            "SessionizeNeverSucceeded": "unless on (namespace, cronjob) kube_cronjob_spec_suspend == 1",
            "SessionizeWatermarkStands": "and sessionize_run_open > 0",
            "SessionizeBrokenInvariant": "[1d]",
            "SessionizeWaits": "and on (namespace, table) time() - sessionize_loop_timestamp_seconds < 600",
            "SessionizeFallsBehind": "and on (namespace, table) time() - sessionize_loop_timestamp_seconds < 600",
            "SessionizeSlowBatches": "and on (namespace, table) time() - sessionize_loop_timestamp_seconds < 600",
            "SessionizeMaintenanceFails": "[1h]",
            "SessionizeNoMetricsInNamespace": "unless on (namespace) sessionize_run_end_timestamp_seconds",
        }.items():
            with self.subTest(alert):
                self.assertIn(part, rules[alert])
        names = {d["metadata"]["name"] for d in self.rendered["README"] if d["kind"] in ("CronJob", "Deployment")}
        named = set(re.findall(r'(?:cronjob|deployment)="([a-z-]+)"', " ".join(rules.values())))
        self.assertEqual({"sessionize-hourly", "sessionize-metrics"}, named)
        self.assertLessEqual(named, names)

    def test_the_alerts_are_a_file_for_any_prometheus_too(self) -> None:
        command = re.search(r"^sed .*alerts.yaml", (ROOT / "docs/operations.md").read_text(), re.MULTILINE)[0]
        done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, cwd=ROOT)
        rules = yaml.safe_load(done.stdout)
        self.assertEqual(self.named("README", "PrometheusRule", "sessionize")["spec"], rules)
        for rule in (rule for group in rules["groups"] for rule in group["rules"]):
            with self.subTest(rule["alert"]):
                self.assertIn(rule["labels"]["severity"], ("critical", "warning"))
                file, _, anchor = rule["annotations"]["runbook"].partition("#")
                headings = re.findall(r"^##+ (.*)$", (ROOT / file).read_text(), re.MULTILINE)
                self.assertIn(anchor, [re.sub(r"[^a-z0-9 -]", "", h.lower()).replace(" ", "-") for h in headings])


if __name__ == "__main__":
    unittest.main()
