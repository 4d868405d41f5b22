"""Of what is fetched, the consumer hands over what comes next, and asks again for what was passed over."""

from __future__ import annotations

import pytest
from aiokafka.errors import IllegalStateError
from faust.types import TP

from processors.engine.reading import spans as spans_module
from processors.engine.window import Place
from tests.processors.engine.reading.group import FIRST, SECOND, Group

GATE: Place = ("in", 0)
YARD: Place = ("in", 1)


@pytest.fixture
async def group(monkeypatch: pytest.MonkeyPatch) -> Group:
    made = Group(monkeypatch)
    monkeypatch.setattr(made.consumer._succession, "_now_sec", lambda: made.later_sec)
    await made.gets(FIRST)
    return made


def taken(group: Group, *offsets: int, place: Place = GATE) -> list[int]:
    return [offset for offset in offsets if group.consumer.takes(place, offset)]


async def test_messages_are_taken_in_their_order_from_the_committed_offset_on(group: Group) -> None:
    assert taken(group, 99, 100, 100, 101) == [100, 101]


async def test_what_was_passed_over_is_read_again_with_all_that_follows(
    group: Group, caplog: pytest.LogCaptureFixture
) -> None:
    assert taken(group, 100, 105, 106) == [100]
    await group.ticks()
    assert group.kafka.sought == {FIRST: 101}
    assert "in[0] is read again from offset 101 on" in caplog.text
    assert taken(group, *range(101, 107)) == list(range(101, 107))


async def test_what_the_log_does_not_have_is_not_waited_for(group: Group) -> None:
    assert taken(group, 100, 105, 105, 105, 106) == [100, 105, 106]


async def test_of_what_was_passed_over_all_that_is_still_kept_is_read_again(
    group: Group, caplog: pytest.LogCaptureFixture
) -> None:
    group.kafka.begins = 103
    assert taken(group, 100, 105) == [100]
    await group.ticks()
    assert group.kafka.sought == {FIRST: 103}
    assert "in[0]: offsets 101 to 102 are not kept any more" in caplog.text
    assert group.counted("platestream_messages_not_kept_total") == 2
    assert taken(group, 103, 104, 105) == [103, 104, 105]


async def test_what_retention_takes_while_it_is_read_again_is_not_waited_for(group: Group) -> None:
    """Each time that reading comes there, the log begins later."""
    taken_now: list[int] = []
    for kept_from, first_read in ((102, 105), (107, 110), (115, 120), (121, 121)):
        group.kafka.begins = kept_from
        taken_now += taken(group, first_read, first_read + 1)
        group.later_sec += 3.0
        await group.ticks()
        taken_now += taken(group, *range(kept_from, kept_from + 2)) if kept_from == 121 else []
    assert taken_now == [121, 122]


async def test_what_does_not_come_is_asked_for_again_though_nothing_else_comes(group: Group) -> None:
    assert taken(group, 100, 105) == [100]
    await group.ticks()
    assert taken(group, 106) == []
    group.kafka.sought.clear()
    await group.ticks()
    assert group.kafka.sought == {}
    group.later_sec = 3.0
    await group.ticks()
    assert group.kafka.sought == {FIRST: 101}
    group.kafka.sought.clear()
    group.later_sec = 60.0
    await group.ticks()
    assert group.kafka.sought == {}  # nothing came since


async def test_what_stands_in_the_log_and_does_not_come_at_all_is_asked_for(group: Group) -> None:
    """A seek can be lost in a rebalance, and then nothing shows it but the log's end."""
    assert taken(group, 100) == [100]
    group.kafka.seen_ends = {FIRST: 104}
    await group.ticks(looks=True)
    assert group.kafka.sought == {}  # it may be on its way
    await group.ticks(looks=True)
    assert group.kafka.sought == {FIRST: 101}


async def test_while_there_is_no_room_for_it_it_is_asked_for_only_after_long(group: Group) -> None:
    group.kafka.seen_ends = {FIRST: 109}
    for offset in (100, 101, 102):
        assert await group.window.enter(GATE, offset)
        assert taken(group, offset)
    for _ in range(10):
        await group.ticks(looks=True)
    assert group.kafka.sought == {}
    await group.ticks(looks=True)
    assert group.kafka.sought == {FIRST: 103}


async def test_a_partition_that_is_somebody_elses_by_now_ends_nothing(
    group: Group, caplog: pytest.LogCaptureFixture
) -> None:
    def gone(tp: TP, offset: int) -> None:
        raise IllegalStateError(f"no {tp} is assigned")

    group.kafka.seek = gone  # type: ignore[method-assign]
    assert taken(group, 105) == []
    await group.ticks()
    assert "in[0] cannot be read again yet" in caplog.text


async def test_what_could_not_be_asked_for_is_asked_for_again_once_kafka_answers(
    group: Group, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spans_module, "_ANSWER_WITHIN_SEC", 0.02)
    group.kafka.leaderless = {FIRST}
    assert taken(group, 100, 105) == [100]
    for group.later_sec in (0.0, 3.0):
        await group.ticks()
        assert group.kafka.sought == {}
    group.kafka.leaderless.clear()
    group.later_sec = 6.0
    await group.ticks()
    assert group.kafka.sought == {FIRST: 101}


async def test_a_partition_of_which_kafka_says_nothing_does_not_keep_another_from_being_read_again(
    group: Group, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spans_module, "_ANSWER_WITHIN_SEC", 0.02)
    await group.gets(FIRST, SECOND)
    group.kafka.leaderless = {SECOND}
    assert taken(group, 105) == taken(group, 105, place=YARD) == []
    await group.ticks()
    assert group.kafka.sought == {FIRST: 100}


async def test_what_is_kept_by_an_answer_that_a_rebalance_overtook_counts_for_nothing(group: Group) -> None:
    async def comes_back() -> None:
        await group.consumer.on_partitions_revoked({FIRST})
        await group.gets(FIRST)
        group.kafka.begins = 300

    group.kafka.meanwhile = comes_back
    assert taken(group, 105) == []
    await group.ticks()
    assert taken(group, 100, 101) == [100, 101]


async def test_a_partition_that_comes_back_while_another_is_asked_about_begins_where_it_is_to(
    group: Group,
) -> None:
    await group.gets(FIRST, SECOND)
    for place in (GATE, YARD):
        assert taken(group, 105, 106, place=place) == []

    async def others_do_the_rest() -> None:
        await group.consumer.on_partitions_revoked({FIRST, SECOND})
        group.kafka.committed_up_to = group.kafka.ends = 5000
        await group.gets(FIRST, SECOND)

    group.kafka.meanwhile = others_do_the_rest
    await group.ticks()
    assert group.kafka.sought == {}
    assert taken(group, 106, 5000) == [5000]


async def test_what_lies_below_an_offset_that_was_read_is_not_passed_over_when_it_comes_again(
    group: Group,
) -> None:
    """Faust would, of which nobody knows here that it was asked for."""
    group.consumer._read_offset[FIRST] = 106
    assert group.consumer._read_offset[FIRST] is None


async def test_between_partitions_that_were_given_up_and_new_ones_nothing_is_taken(group: Group) -> None:
    await group.consumer.on_partitions_revoked({FIRST})
    assert taken(group, 100, 105) == []
    await group.gets(FIRST, SECOND)
    assert taken(group, 100) == [100]


async def test_while_it_looks_from_where_to_read_nothing_flows(group: Group) -> None:
    """The end of a rebalance that was overtaken lets it flow, in the middle of the next one."""
    group.consumer.resume_flow()
    await group.consumer.perform_seek()
    assert not group.consumer.flow_active
