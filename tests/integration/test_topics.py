"""Topics that exist with other settings than the contract's, on a real broker."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import pytest
from typer.testing import CliRunner

from contracts.errors import Stop, TryAgain
from contracts.topics import ALL_TOPICS, DEAD_TOPICS, TopicSpec
from deploy.cli.main import commands
from deploy.local.parts import topics as process
from deploy.local.parts.topic_settings import Differing, differing_settings, update_settings
from deploy.local.parts.topics import create_topics

HOUR_MS = 3_600_000
DEAD = DEAD_TOPICS[0]
BY_HAND = Differing(DEAD.name, "retention.ms", str(HOUR_MS), str(DEAD.retention_ms))


@pytest.fixture
def topic(fresh_name: Callable[[str], str]) -> TopicSpec:
    return replace(ALL_TOPICS[0], name=fresh_name("settings"), retention_ms=HOUR_MS)


@pytest.fixture
def set_by_hand(topics: str) -> Iterator[str]:
    """The broker's address; of all its topics one has another retention."""
    until_it_tells(topics, ALL_TOPICS, [])
    list(update_settings(topics, [replace(BY_HAND, wanted=BY_HAND.has)]))
    until_it_tells(topics, ALL_TOPICS, [BY_HAND])
    yield topics
    list(update_settings(topics, [BY_HAND]))


def until_it_tells(kafka: str, topics: Sequence[TopicSpec], told: list[Differing]) -> None:
    """A broker learns of a topic, and of its settings, a little later than the one that made it."""
    until = time.monotonic() + 20
    while True:
        try:
            if differing_settings(kafka, topics) == told:
                return
        except TryAgain:
            pass
        assert time.monotonic() < until, differing_settings(kafka, topics)
        time.sleep(0.05)


def test_settings_of_another_version_are_told_and_changed_and_all_else_stays(
    kafka: str, topic: TopicSpec
) -> None:
    create_topics(kafka, [topic])
    until_it_tells(kafka, [topic], [])
    newer = replace(topic, retention_ms=2 * HOUR_MS, segment_bytes=32 * 1024 * 1024)
    differing = [
        Differing(topic.name, "retention.ms", str(HOUR_MS), str(2 * HOUR_MS)),
        Differing(topic.name, "segment.bytes", str(topic.segment_bytes), str(32 * 1024 * 1024)),
    ]

    assert differing_settings(kafka, [newer]) == differing
    assert list(update_settings(kafka, differing)) == differing
    until_it_tells(kafka, [newer], [])


def test_what_was_changed_before_the_broker_refused_is_told(kafka: str, topic: TopicSpec) -> None:
    create_topics(kafka, [topic])
    until_it_tells(kafka, [topic], [])
    good = Differing(topic.name, "retention.ms", str(HOUR_MS), str(2 * HOUR_MS))
    bad = Differing("no topic/at all", "retention.ms", "1", "2")

    changing = update_settings(kafka, [good, bad])
    assert next(changing) == good
    with pytest.raises(Stop, match=r"^settings of topic no topic/at all: "):
        next(changing)


def test_the_command_changes_settings_only_when_it_is_asked_to(set_by_hand: str) -> None:
    def said(*words: str) -> list[str]:
        told = CliRunner().invoke(commands, ["topics", "--kafka", set_by_hand, *words])
        return told.stdout.splitlines()

    assert said() == ["none was missing", str(BY_HAND)]
    assert said("--update") == ["none was missing", f"{BY_HAND}; changed"]
    until_it_tells(set_by_hand, ALL_TOPICS, [])
    assert said() == ["none was missing"]


@pytest.mark.parametrize("words", [(), ("--update",)])
def test_settings_that_the_broker_does_not_tell_are_an_error_only_where_they_were_to_change(
    topics: str, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    def not_allowed(*_: object) -> list[Differing]:
        raise Stop("settings of topic frames: not authorized")

    monkeypatch.setattr(process, "differing_beside", not_allowed)
    told = CliRunner().invoke(commands, ["topics", "--kafka", topics, *words])

    assert told.stdout == "none was missing\n"
    assert isinstance(told.exception, Stop) if words else told.exit_code == 0
    assert words or "not authorized" in told.stderr


def test_a_stack_that_starts_tells_them_and_leaves_them_alone(
    set_by_hand: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("PLATESTREAM_KAFKA", set_by_hand)

    with caplog.at_level(logging.INFO):
        assert process.main() == 0

    assert f"{BY_HAND}; `platestream topics --update` changes it" in caplog.messages
    assert differing_settings(set_by_hand, ALL_TOPICS) == [BY_HAND]
