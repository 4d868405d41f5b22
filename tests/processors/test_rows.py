"""What a message becomes as a row."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from contracts.errors import Rejected
from contracts.messages.enriched import EnrichedEvent
from contracts.topics import Topic
from processors.rows import Columns, CoverageRow, Rows, passage_columns
from tests.contracts.builders import a_coverage, a_plate_event, an_enriched_event
from tests.processors.rows_builders import an_incoming


class RememberingTables:
    def __init__(self) -> None:
        self.written: list[tuple[list[Columns], list[CoverageRow]]] = []

    async def write(self, passages: Sequence[Columns], coverage: Sequence[CoverageRow]) -> None:
        self.written.append((list(passages), list(coverage)))


def test_an_event_becomes_a_row_with_its_candidates_and_posterior() -> None:
    row = passage_columns(an_enriched_event())
    assert (row["text"], row["candidate_texts"], row["registry_status"]) == (
        "MH12AB1234",
        ["MH12AB1234"],
        "found",
    )
    assert row["posterior"][0] == {"M": 0.95}
    assert row["captured_at"] == an_enriched_event().plate.first_captured_at
    assert row["owner_masked"] == "A*I*A S*A*M*"
    assert row["sealed_personal"] == b"sealed"


def test_the_event_kept_for_replay_holds_nothing_of_the_registry() -> None:
    assert "sealed" not in str(passage_columns(an_enriched_event())["event"])


def test_rows_with_and_without_a_plate_have_the_same_columns() -> None:
    bare = a_plate_event(reading=None, corners=None, vehicle=None, evidence=None)
    row = passage_columns(an_enriched_event(plate=bare))
    assert list(row) == list(passage_columns(an_enriched_event()))
    assert (row["text"], row["vehicle_class"], row["frame_key"], row["frame_position"]) == (None,) * 4


async def test_a_batch_is_written_once_with_both_kinds_of_rows() -> None:
    tables = RememberingTables()
    stage = Rows(tables)
    event = stage.prepare(an_incoming(an_enriched_event()))
    report = stage.prepare(an_incoming(a_coverage(), topic=Topic.COVERAGE))
    await stage.write([event, report])
    [(passages, coverage)] = tables.written
    assert isinstance(event, EnrichedEvent)
    assert passages == [passage_columns(event)]
    assert coverage == [report]


@pytest.mark.parametrize("topic", [Topic.PLATES_ENRICHED, Topic.COVERAGE])
@pytest.mark.parametrize("junk", [b"", b"{}", b"\xff\xfe", b'{"schema":1}', None])
def test_junk_is_rejected_on_either_topic(topic: Topic, junk: bytes | None) -> None:
    with pytest.raises(Rejected):
        Rows(RememberingTables()).prepare(an_incoming(None, topic=topic, value=junk))
