"""Topics that exist with other settings than the contract's, on a real broker."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest
from typer.testing import CliRunner

from contracts.errors import TryAgain
from contracts.topics import ALL_TOPICS, DEAD_TOPICS, TopicSpec
from deploy.cli.main import commands
from deploy.local.topic_settings import Differing, differing_settings, update_settings
from deploy.local.topics import create_topics

HOUR_MS = 3_600_000


@pytest.fixture
def topic(fresh_name: Callable[[str], str]) -> TopicSpec:
    return replace(ALL_TOPICS[0], name=fresh_name("settings"), retention_ms=HOUR_MS)


@pytest.fixture
def broker(topics: str) -> str:
    """With all topics of the contract, and it has heard of them."""
    settled(topics, ALL_TOPICS)
    return topics


def settled(kafka: str, topics: Sequence[TopicSpec]) -> list[Differing]:
    """A broker learns of a topic a little later than the one that made it."""
    until = time.monotonic() + 20
    while True:
        try:
            return differing_settings(kafka, topics)
        except TryAgain:
            assert time.monotonic() < until
            time.sleep(0.05)


def test_a_topic_as_it_was_made_has_the_settings_of_the_contract(broker: str) -> None:
    assert differing_settings(broker) == []


def test_settings_of_another_version_are_told_and_changed_and_all_else_stays(
    kafka: str, topic: TopicSpec
) -> None:
    create_topics(kafka, [topic])
    newer = replace(topic, retention_ms=2 * HOUR_MS, segment_bytes=32 * 1024 * 1024)

    told = settled(kafka, [newer])
    update_settings(kafka, told)

    assert told == [
        Differing(topic.name, "retention.ms", str(HOUR_MS), str(2 * HOUR_MS)),
        Differing(topic.name, "segment.bytes", str(topic.segment_bytes), str(32 * 1024 * 1024)),
    ]
    assert differing_settings(kafka, [newer]) == []
    assert {each.setting for each in differing_settings(kafka, [topic])} == {"retention.ms", "segment.bytes"}


def test_the_command_changes_settings_only_when_it_is_asked_to(broker: str) -> None:
    dead = DEAD_TOPICS[0]
    line = f"{dead.name}: retention.ms is {HOUR_MS}, the contract says {dead.retention_ms}"
    update_settings(broker, [Differing(dead.name, "retention.ms", str(dead.retention_ms), str(HOUR_MS))])

    def said(*words: str) -> list[str]:
        return CliRunner().invoke(commands, ["topics", "--kafka", broker, *words]).stdout.splitlines()

    assert said() == ["none was missing", line]
    assert said("--update") == ["none was missing", f"{line}; changed"]
    assert said() == ["none was missing"]
