"""`requirements/*.in` -> `*.txt` with hashes and without addresses; Kafka's jars -> `kafka.lock.toml`."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

import jgo

LOCKS = Path(__file__).resolve().parents[2] / "requirements"
KAFKA = "org.apache.kafka:kafka_2.13:4.1.1+org.slf4j:slf4j-simple:1.7.36"
KAFKA_NOTE = (
    "# Kafka and its jars as jgo resolved them (make lock). Set-up checks each jar against its sha256.\n"
)
OLDEST_PYTHON = "3.11"
IN_ORDER = ("uv", "runtime", "dev", "train", "triton")


def lock_python(name: str) -> None:
    """dev keeps to the versions of runtime, so that what is tested is what runs."""
    command = ["uv", "pip", "compile", "--universal", "--generate-hashes", "--no-emit-index-url"]
    command += ["--python-version", OLDEST_PYTHON, "--custom-compile-command", "make lock", "--quiet"]
    command += ["--constraints", "runtime.txt"] if name == "dev" else []
    command += ["--overrides", "triton-overrides.txt"] if name == "triton" else []
    program = str(Path(sys.executable).with_name("uv"))
    arguments = [*command[1:], "--upgrade", f"{name}.in", "-o", f"{name}.txt"]
    subprocess.run([program, *arguments], cwd=LOCKS, check=True)


def lock_kafka() -> None:
    with tempfile.TemporaryDirectory() as folder:
        made = jgo.build(KAFKA, cache_dir=Path(folder))
        lines = made.lock_path.read_text().splitlines(keepends=True)
    # The moment of writing would make every lock differ.
    kept = [line for line in lines if not line.startswith("generated = ")]
    (LOCKS / "kafka.lock.toml").write_text(KAFKA_NOTE + "".join(kept))


if __name__ == "__main__":
    for lock in IN_ORDER:
        lock_python(lock)
    lock_kafka()
