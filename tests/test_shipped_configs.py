"""Every settings file that we ship is loaded by what it is for."""

from __future__ import annotations

import re
import subprocess
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any

import pytest
import yaml

from contracts.cameras import read_cameras
from tests.integration.servers import find_program, missing
from tests.test_architecture import PACKAGES, imports

ROOT = Path(__file__).parents[1]
COMPOSE = ROOT / "docker-compose.yml"
REPOSITORY = ROOT / "triton_models" / "repository"
LOCKS = [path.with_suffix(".txt") for path in sorted((ROOT / "requirements").glob("*.in"))]
NPM_LOCKS = sorted(ROOT.glob("webapp/package-lock.json")) + sorted(
    ROOT.glob("triton_models/**/package-lock.json")
)


@pytest.fixture(scope="module")
def services() -> dict[str, dict[str, Any]]:
    return dict(yaml.safe_load(COMPOSE.read_text())["services"])


def test_the_example_camera_file_is_one() -> None:
    assert read_cameras(ROOT / "deploy" / "cameras.example.yml", environment={})


def test_docker_compose_understands_its_file() -> None:
    program = find_program("docker-compose")
    if program is None:
        missing("docker-compose (Debian: docker-compose)")

    done = subprocess.run(
        [program, "-f", str(COMPOSE), "config", "-q"], capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stderr


def test_compose_publishes_the_portal_alone_and_on_this_machine_alone(services: dict[str, Any]) -> None:
    published = {name: service["ports"] for name, service in services.items() if "ports" in service}

    assert list(published) == ["webapp"]
    assert all(port.startswith("127.0.0.1:") for port in published["webapp"])
    assert not any(service.get("network_mode") == "host" for service in services.values())


def test_compose_has_every_process_of_the_local_stack(services: dict[str, Any]) -> None:
    from deploy.local.options import EVERYTHING

    assert set(EVERYTHING) <= set(services)


def test_no_container_may_gain_rights_fill_the_disk_with_logs_or_take_all_memory(
    services: dict[str, Any],
) -> None:
    for name, service in services.items():
        assert service["security_opt"] == ["no-new-privileges:true"], name
        if service.get("restart") == "unless-stopped":
            assert service["logging"]["options"]["max-size"], name
            assert service["mem_limit"], name


def test_images_are_of_one_version_each(services: dict[str, Any]) -> None:
    images = {service["image"] for service in services.values()} - {"platestream"}

    assert all(re.search(r":v?\d", image) for image in images), images


def test_no_secret_stands_in_compose(services: dict[str, Any]) -> None:
    for name, service in services.items():
        for variable, value in service.get("environment", {}).items():
            if re.search(r"PASSWORD|SECRET|KEY|TOKEN", variable):
                assert str(value).startswith("/keys/"), f"{name}: {variable}"
            assert not re.search(r"://[^/@]+:[^/@]+@", str(value)), f"{name}: {variable}"


def test_each_container_mounts_the_keys_of_its_own_audience_alone(services: dict[str, Any]) -> None:
    readers: dict[str, set[str]] = {}
    for name, service in services.items():
        for volume in service.get("volumes", []):
            if str(volume).startswith("keys-"):
                readers.setdefault(str(volume).partition(":")[0], set()).add(name)

    assert readers["keys-web"] == {"keys", "webapp", "users"}
    assert readers["keys-postgres"] == {"keys", "postgres"}
    assert readers["keys-s3"] == {"keys", "s3"}
    assert readers["keys-setup"] == {"keys", "migrate", "buckets"}
    assert readers["keys-processors"] == {"keys", "plates", "enriched", "rows"}
    assert readers["keys-owner"] == {"keys", "enriched", "webapp"}
    assert readers["keys-registry"] == {"keys", "registry", "enriched"}


def test_variables_in_compose_are_ones_that_the_code_reads(services: dict[str, Any]) -> None:
    code = "".join(path.read_text() for path in ROOT.glob("*/**/*.py") if ".stack" not in path.parts)
    used = {name for service in services.values() for name in service.get("environment", {})}

    unknown = {
        name
        for name in used
        if name.startswith("PLATESTREAM_") and not re.search(name.removeprefix("PLATESTREAM_"), code)
    }

    assert unknown == set()


@pytest.mark.parametrize(
    "config", sorted(REPOSITORY.glob("*/config.pbtxt")), ids=lambda path: path.parent.name
)
def test_a_served_model_runs_on_both_tritons(config: Path) -> None:
    text = config.read_text()

    assert re.search(r'^\s*backend:\s*"onnxruntime"', text, re.MULTILINE)
    assert re.search(r"^\s*dynamic_batching", text, re.MULTILINE)
    assert (config.parent / "1" / "model.onnx").is_file()


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.name)
def test_every_package_is_pinned_with_hashes_and_without_an_address(lock: Path) -> None:
    text = lock.read_text()
    pins = re.findall(r"^[A-Za-z0-9_.\[\]-]+==.*", text, re.MULTILINE)

    assert pins
    assert all(pin.endswith("\\") for pin in pins)
    assert "://" not in text


@pytest.mark.parametrize("lock", NPM_LOCKS, ids=lambda path: path.parent.name)
def test_browser_files_are_pinned_with_hashes_and_without_an_address(lock: Path) -> None:
    text = lock.read_text()

    assert '"integrity": "sha512-' in text
    assert '"resolved"' not in text


def test_every_jar_is_pinned_with_its_hash() -> None:
    jars = tomllib.loads((ROOT / "requirements" / "kafka.lock.toml").read_text())["dependencies"]

    assert all(re.fullmatch(r"[0-9a-f]{64}", jar["sha256"]) for jar in jars)
    assert any(jar["artifactId"] == "kafka_2.13" for jar in jars)


def test_what_is_installed_for_tests_is_what_the_image_runs() -> None:
    def pins(name: str) -> set[str]:
        return set(
            re.findall(r"^[A-Za-z0-9_.-]+==\S+", (ROOT / "requirements" / name).read_text(), re.MULTILINE)
        )

    assert pins("runtime.txt") <= pins("dev.txt")


def test_every_library_that_is_imported_is_asked_for_by_name() -> None:
    """What only comes along with another library may be gone with that library's next version."""
    asked = "\n".join(
        (ROOT / "requirements" / name).read_text() for name in ("runtime.in", "dev.in", "train.in")
    )
    names = {normal(name) for name in re.findall(r"^([A-Za-z0-9_.-]+)", asked, re.MULTILINE)}
    given_by = packages_distributions()

    missing_names = {
        str(one)
        for one in imports()
        if one.top not in PACKAGES
        and one.top in given_by
        and not {normal(name) for name in given_by[one.top]} & names
    }

    assert missing_names == set()


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
