"""The Dockerfile, the compose file and the Kubernetes files, against their schemas and what we promise about them."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import threading
import unittest
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any, Iterator

import yaml
from compose_spec import PyCompose
from kubernetes_validate import validate

ROOT = Path(__file__).resolve().parents[3]
BASE = ROOT / "k8s" / "base"
OVERLAY = ROOT / "k8s" / "overlays" / "rest-s3"


def documents(folder: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    for file in sorted(folder.glob("*.yaml")):
        for document in yaml.safe_load_all(file.read_text()):
            yield file.name, document


def template(document: dict[str, Any]) -> dict[str, Any]:
    spec = document["spec"]
    return (spec["jobTemplate"]["spec"] if document["kind"] == "CronJob" else spec)["template"]


def pod(document: dict[str, Any]) -> dict[str, Any]:
    return template(document)["spec"]


def containers(document: dict[str, Any]) -> list[dict[str, Any]]:
    return pod(document).get("initContainers", []) + pod(document)["containers"]


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
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
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
                self.assertIn("mem_limit", service)


class KubernetesTest(unittest.TestCase):
    base = list(documents(BASE))
    objects = {(d["kind"], d["metadata"]["name"]): d for _, d in base if d["kind"] != "Kustomization"}
    workloads = [d for d in objects.values() if d["kind"] in ("CronJob", "Deployment")]

    def test_every_object_fits_the_schema_of_kubernetes(self) -> None:
        for document in self.objects.values():
            with self.subTest(name=document["metadata"]["name"], kind=document["kind"]):
                validate(document, "1.30", strict=True)

    def test_kustomize_is_given_every_file_and_patches_only_what_is_there(self) -> None:
        base = yaml.safe_load((BASE / "kustomization.yaml").read_text())
        self.assertEqual({file for file, _ in self.base} - {"kustomization.yaml"}, set(base["resources"]))
        overlay = yaml.safe_load((OVERLAY / "kustomization.yaml").read_text())
        patches = {patch["path"] for patch in overlay["patches"]}
        self.assertEqual({file for file, _ in documents(OVERLAY)} - {"kustomization.yaml"}, patches)
        for file, patch in documents(OVERLAY):
            if file == "kustomization.yaml":
                continue
            with self.subTest(patch=file):
                target = self.objects[patch["kind"], patch["metadata"]["name"]]
                if patch["kind"] != "ConfigMap":
                    names = {container["name"] for container in containers(target)}
                    self.assertEqual(names, {container["name"] for container in containers(patch)})

    def test_one_writer_at_a_time_and_no_restart_loop(self) -> None:
        for workload in self.workloads:
            spec = workload["spec"]
            with self.subTest(name=workload["metadata"]["name"]):
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
                self.assertEqual(("Ignore", [{"type": "DisruptionTarget", "status": "True"}]), tuple(disrupted.values()))
                self.assertEqual(("FailJob", [2, 3]), (rule["action"], rule["onExitCodes"]["values"]))

    def test_an_hour_ends_before_its_deadline_and_each_batch_is_progress(self) -> None:
        job = self.objects["CronJob", "sessionize-hourly"]["spec"]["jobTemplate"]["spec"]
        (run,) = job["template"]["spec"]["containers"]
        given = dict(zip(run["args"], run["args"][1:]))
        self.assertEqual("1000000", given["--max-offsets-per-trigger"])
        self.assertEqual("50m", given["--stop-after"])
        # Two tries, and some minutes for their last batches.
        self.assertGreaterEqual(job["activeDeadlineSeconds"], 2 * 50 * 60 + 600)

    def test_no_pod_waits_on_another_node_for_the_volume(self) -> None:
        for workload in self.workloads:
            with self.subTest(name=workload["metadata"]["name"]):
                affinity = pod(workload)["affinity"]["podAffinity"]
                (rule,) = affinity["requiredDuringSchedulingIgnoredDuringExecution"]
                self.assertEqual("kubernetes.io/hostname", rule["topologyKey"])
                mounts = {"sessionize/volume": "data"}
                self.assertEqual(mounts, rule["labelSelector"]["matchLabels"])
                self.assertLessEqual(mounts.items(), template(workload)["metadata"]["labels"].items())
        # With the REST catalog, the volume holds the checkpoint alone.
        for file, patch in documents(OVERLAY):
            if file in ("maintenance.yaml", "check.yaml"):
                data = next(volume for volume in pod(patch)["volumes"] if volume["name"] == "data")
                self.assertEqual({"name": "data", "persistentVolumeClaim": None, "emptyDir": {}}, data)
                self.assertIsNone(pod(patch)["affinity"])
                # Other pods do not follow this one to its node.
                self.assertEqual({"sessionize/volume": None}, template(patch)["metadata"]["labels"])

    def test_containers_have_no_more_rights_and_memory_than_they_need(self) -> None:
        for workload in self.workloads:
            self.assertTrue(pod(workload)["securityContext"]["runAsNonRoot"])
            for container in containers(workload):
                with self.subTest(workload=workload["metadata"]["name"], container=container["name"]):
                    security = container["securityContext"]
                    self.assertTrue(security["readOnlyRootFilesystem"])
                    self.assertFalse(security["allowPrivilegeEscalation"])
                    self.assertEqual(["ALL"], security["capabilities"]["drop"])
                    self.assertEqual("4Gi", container["resources"]["limits"]["memory"])

    def test_secrets_are_named_and_never_written_down(self) -> None:
        self.assertNotIn("Secret", [document["kind"] for _, document in [*self.base, *documents(OVERLAY)]])


if __name__ == "__main__":
    unittest.main()
