from pathlib import Path

import pytest

from tare.core.errors import UsageError
from tare.fleet.listing import Catalog, Named, read_source
from tests.support.random_image import layer_tar, oci_files, write_docker_archive, write_files

DEPLOYMENT = """
apiVersion: apps/v1
kind: Deployment
spec:
  template:
    spec:
      initContainers: [{name: wait, image: busybox:1.36}]
      containers:
        - {name: web, image: registry.example.com:5000/web@sha256:%s}
        - {name: side, image: "envoy:v1"}
      volumes: [{name: model, image: {reference: models/bert:2}}]
---
apiVersion: v1
kind: List
items:
  - kind: CronJob
    spec: {jobTemplate: {spec: {template: {spec: {containers: [{name: job, image: envoy:v1}]}}}}}
---
kind: ConfigMap
data: {image: not-an-image}
""" % ("a" * 64)
COMPOSE = """
services:
  web: {image: "nginx:1.27"}
  own: {build: .}
  open: {image: "${IMAGE}:latest"}
"""


def references(source: str) -> list[str]:
    found = read_source(source)
    assert not isinstance(found, Catalog)
    return [one.reference for one in found if not one.problem]


def test_kubernetes_manifests_name_each_image_once(tmp_path: Path) -> None:
    (tmp_path / "all.yaml").write_text(DEPLOYMENT)
    assert references(str(tmp_path / "all.yaml")) == [
        "docker://busybox:1.36",
        f"docker://registry.example.com:5000/web@sha256:{'a' * 64}",
        "docker://envoy:v1",
        "docker://models/bert:2",
    ]


def test_compose_variables_are_missing_and_not_guessed(tmp_path: Path) -> None:
    (tmp_path / "compose.yml").write_text(COMPOSE)
    found = read_source(str(tmp_path / "compose.yml"))
    assert isinstance(found, tuple)
    assert [(one.reference, bool(one.problem)) for one in found] == [
        ("docker://nginx:1.27", False),
        ("${IMAGE}:latest", True),
    ]


def test_a_list_keeps_transports_and_names_bad_lines(tmp_path: Path) -> None:
    (tmp_path / "list.txt").write_text("# all\nalpine:3\ndocker-daemon:mine:1  # local\n\nUpper:1\n")
    found = read_source(str(tmp_path / "list.txt"))
    assert isinstance(found, tuple)
    assert [one.reference for one in found] == ["docker://alpine:3", "docker-daemon:mine:1", "Upper:1"]
    assert found[2].problem and found[2].origin.endswith("list.txt:5")


def test_a_directory_gives_its_archives_and_layouts(tmp_path: Path) -> None:
    tar = layer_tar([])
    write_docker_archive(tmp_path / "b.tar", [tar])
    (tmp_path / "sub").mkdir()
    write_docker_archive(tmp_path / "sub" / "a.tar", [tar])
    write_files(tmp_path / "layout", oci_files([tar]))
    (tmp_path / "README.md").write_text("no image")
    assert references(str(tmp_path)) == [
        f"oci:{tmp_path}/layout",
        f"{tmp_path}/b.tar",
        f"{tmp_path}/sub/a.tar",
    ]
    assert references(str(tmp_path / "layout")) == [f"oci:{tmp_path}/layout"]


def test_catalogues_and_plain_names() -> None:
    assert read_source("catalog:reg.example:5000/team/") == Catalog("reg.example:5000", "team/")
    assert read_source("python:3.11") == (Named("docker://python:3.11", "python:3.11"),)


@pytest.mark.parametrize("text", ["", "# nothing\n", "a: [", "kind: Pod\n"])
def test_what_names_nothing_is_an_error(tmp_path: Path, text: str) -> None:
    path = tmp_path / ("x.yaml" if ":" in text else "x.txt")
    path.write_text(text)
    with pytest.raises(UsageError):
        read_source(str(path))


def test_an_empty_directory_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no archive"):
        read_source(str(tmp_path))
