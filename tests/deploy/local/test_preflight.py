"""What `up` refuses, each in one line that names the thing."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from contracts.errors import Stop
from deploy.local import preflight
from deploy.local.folders import CHECKOUT, Installed, State
from deploy.local.options import EVERYTHING, PREFERRED_PORTAL_PORT, Options, parse_ports
from deploy.local.planning import make_plan
from deploy.local.ports import HOST, free_ports, is_free


@pytest.fixture
def busy_port() -> Iterator[int]:
    with socket.socket() as holder:
        holder.bind((HOST, 0))
        holder.listen()
        yield holder.getsockname()[1]


def test_a_busy_port_is_named(busy_port: int) -> None:
    options = Options(ports={"portal": busy_port})

    with pytest.raises(Stop, match=rf"^port {busy_port} for webapp\.http is in use on {HOST}"):
        preflight.find_ports(options, ("webapp",))


def test_a_port_that_is_wanted_twice_is_named() -> None:
    free = free_ports(["any"])["any"]
    options = Options(ports={"kafka": free, "postgres": free})

    with pytest.raises(Stop, match=rf"^port {free} is wanted for kafka\.broker and for postgres\.database"):
        preflight.find_ports(options, ("kafka", "postgres"))


def test_a_port_that_only_root_may_open_is_not_called_in_use() -> None:
    first_free = int(Path("/proc/sys/net/ipv4/ip_unprivileged_port_start").read_text())
    if first_free < 2:
        pytest.skip("here everybody may open every port")
    as_plain_user = f"""
import os
from deploy.local.ports import demand
if os.geteuid() == 0:
    os.setuid(65534)
demand("webapp.http", {first_free - 1})
"""
    done = subprocess.run(
        [sys.executable, "-c", as_plain_user], capture_output=True, text=True, cwd=CHECKOUT, check=False
    )

    assert f"port {first_free - 1} for webapp.http may not be opened by this user" in done.stderr


def test_a_port_of_no_process_is_named(tmp_path: Path) -> None:
    with pytest.raises(Stop, match=r"^no port is named webapp\.htp; there are portal, kafka"):
        preflight.check(Options(ports=parse_ports(["webapp.htp=8080"])), ("webapp",), tmp_path)


def test_a_wanted_port_is_taken(busy_port: int) -> None:
    free = free_ports(["any"], taken=[busy_port])["any"]

    ports = preflight.find_ports(Options(ports={"kafka": free}), ("kafka",))

    assert ports["kafka.broker"] == free
    assert ports["kafka.controller"] not in (free, busy_port)


def test_the_portal_takes_its_usual_port_only_when_that_is_free() -> None:
    usual_was_free = is_free(PREFERRED_PORTAL_PORT)

    ports = preflight.find_ports(Options(), ("webapp",))

    assert (ports["webapp.http"] == PREFERRED_PORTAL_PORT) is usual_was_free


def test_the_portal_leaves_its_usual_port_to_whoever_is_given_it() -> None:
    if not is_free(PREFERRED_PORTAL_PORT):
        pytest.skip("the usual port is in use")

    ports = preflight.find_ports(Options(ports={"kafka": PREFERRED_PORTAL_PORT}), ("kafka", "webapp"))

    assert ports["kafka.broker"] == PREFERRED_PORTAL_PORT != ports["webapp.http"]


def test_every_process_gets_ports_of_its_own() -> None:
    ports = preflight.find_ports(Options(), EVERYTHING)

    assert len(set(ports.values())) == len(ports)
    assert {name.partition(".")[0] for name in ports} == set(EVERYTHING)


def test_too_little_disk_is_named_with_what_is_needed(tmp_path: Path) -> None:
    with pytest.raises(Stop, match=r"GB free, 1000000\.0 GB are needed$"):
        preflight.check_disk(tmp_path, 1e6)


def test_too_little_shared_memory_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preflight, "NEEDED_SHARED_MB", 10**9)

    with pytest.raises(Stop, match=r"MB free, Triton needs 1000000000 MB there$"):
        preflight.check_shared_memory(tmp_path)


def test_a_mistake_in_the_camera_file_is_told_before_anything_starts(tmp_path: Path) -> None:
    (tmp_path / "cameras.yml").write_text("cameras:\n  - id: gate\n    source: x\n    pace: slow\n")
    with pytest.raises(Stop, match=r"cameras\.yml, line 4: "):
        preflight.check(Options(cameras=tmp_path / "cameras.yml"), ("ingest",), tmp_path)


def test_a_camera_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    options = Options(cameras=tmp_path / "cameras.yml")

    with pytest.raises(Stop, match=r"there is no camera file .*cameras\.yml"):
        preflight.check(options, ("ingest",), tmp_path)


def test_a_camera_file_that_the_environment_names_is_looked_at_as_well(tmp_path: Path) -> None:
    environment = {"PLATESTREAM_CAMERAS": "/nowhere/cameras.yml"}

    with pytest.raises(Stop, match=r"^there is no camera file /nowhere/cameras\.yml$"):
        make_plan(Options(processes=("ingest",)), State(tmp_path / "state"), environment)


def test_a_repository_without_models_is_named(tmp_path: Path) -> None:
    options = Options(repository=tmp_path)

    with pytest.raises(Stop, match="there is no model in"):
        preflight.check(options, ("triton",), tmp_path)


def test_an_unknown_process_is_named(tmp_path: Path) -> None:
    with pytest.raises(Stop, match="no process is named kafak"):
        preflight.check(Options(processes=("kafak",)), (), tmp_path)


@pytest.mark.parametrize(
    "word", ["portal", "portal=", "portal=http", "portal=0", "portal=8²", "portal=70000", "cellar=1"]
)
def test_a_port_that_cannot_be_understood_is_refused(word: str) -> None:
    with pytest.raises(Stop, match="is not NAME=NUMBER"):
        parse_ports([word])


def test_ports_are_named_as_people_or_the_plan_name_them() -> None:
    assert parse_ports(["portal=8080", "rows.health=9001"]) == {"portal": 8080, "rows.health": 9001}


@pytest.mark.parametrize(("process", "part"), [("kafka", "Kafka"), ("triton", "Triton")])
def test_a_part_that_is_not_installed_is_named_with_what_to_do(
    tmp_path: Path, process: str, part: str
) -> None:
    models = tmp_path / "models" / "plate"
    models.mkdir(parents=True)
    (models / "config.pbtxt").touch()
    options = Options(processes=(process,), repository=tmp_path / "models")

    with pytest.raises(Stop, match=rf"^{part} is not installed in .*: run make setup$"):
        make_plan(options, State(tmp_path / "state"), {}, Installed(tmp_path / "nothing"))


def test_a_server_of_somebody_else_is_used_and_not_started(tmp_path: Path) -> None:
    environment = {"PLATESTREAM_KAFKA": "broker:9092", "PLATESTREAM_DATABASE": "postgresql://u@host/db"}
    options = Options(processes=("kafka", "postgres", "rows"))

    plan = make_plan(options, State(tmp_path / "state"), environment)

    assert [process.name for process in plan.processes] == ["topics", "migrate", "rows"]
    rows = plan.processes[-1]
    assert rows.env["PLATESTREAM_KAFKA"] == "broker:9092"
    assert rows.env["PLATESTREAM_DATABASE"] == "postgresql://u@host/db"


def test_the_portal_alone_opens_what_the_stage_that_asks_the_registry_seals(tmp_path: Path) -> None:
    environment = {"PLATESTREAM_KAFKA": "broker:9092", "PLATESTREAM_DATABASE": "postgresql://u@host/db"}
    options = Options(processes=("registry", "enriched", "rows", "webapp"))

    plan = make_plan(options, State(tmp_path / "state"), environment)

    env = {process.name: process.env for process in plan.processes}
    opens = {name: one.get("PLATESTREAM_OWNER_KEY_FILE") for name, one in env.items()}
    key = Path(env["enriched"]["PLATESTREAM_SECRETS"]) / "owner.key"
    assert key.is_file()
    assert {name: file for name, file in opens.items() if file} == {"webapp": str(key)}
