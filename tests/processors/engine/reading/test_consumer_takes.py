"""Of what is fetched, the consumer hands over what comes next, and asks again for what was passed over."""

from __future__ import annotations

import pytest
from aiokafka.errors import IllegalStateError
from faust.types import TP

from processors.engine.reading import consumer as consumer_module
from processors.engine.window import Place
from tests.processors.engine.reading.group import FIRST, SECOND, Group

GATE: Place = ("in", 0)


@pytest.fixture
async def group(monkeypatch: pytest.MonkeyPatch) -> Group:
    made = Group(monkeypatch)
    await made.gets(FIRST)
    return made


async def taken(group: Group, *offsets: int) -> list[int]:
    return [offset for offset in offsets if await group.consumer.takes(GATE, offset)]


async def test_messages_are_taken_in_their_order_from_the_committed_offset_on(group: Group) -> None:
    assert await taken(group, 99, 100, 100, 101) == [100, 101]


async def test_what_was_passed_over_is_read_again_with_all_that_follows(
    group: Group, caplog: pytest.LogCaptureFixture
) -> None:
    assert await taken(group, 100, 105, 106) == [100]
    assert group.kafka.sought == {FIRST: 101}
    assert "in[0] is read again from offset 101 on" in caplog.text
    assert await taken(group, *range(101, 107)) == list(range(101, 107))


async def test_what_the_log_does_not_have_is_not_waited_for(group: Group) -> None:
    assert await taken(group, 100, 105, 105, 105, 106) == [100, 105, 106]


@pytest.mark.parametrize("kept_from", [105, 106, 300])
async def test_where_nothing_before_it_is_kept_any_more_a_message_is_the_next_one(
    group: Group, caplog: pytest.LogCaptureFixture, kept_from: int
) -> None:
    group.kafka.begins = kept_from
    assert await taken(group, 100, 105, 106) == [100, 105, 106]
    assert group.kafka.sought == {}
    assert "in[0]: offsets 101 to 104 are not kept any more" in caplog.text


async def test_of_what_was_passed_over_all_that_is_still_kept_is_read_again(group: Group) -> None:
    group.kafka.begins = 103
    assert await taken(group, 100, 105) == [100]
    assert group.kafka.sought == {FIRST: 103}
    assert await taken(group, 103, 104, 105) == [103, 104, 105]


async def test_what_retention_takes_while_it_is_read_again_is_not_waited_for(group: Group) -> None:
    """Each time that reading comes there, the log begins later."""
    taken_now: list[int] = []
    for kept_from, first_read in ((102, 105), (107, 110), (115, 120), (121, 121)):
        group.kafka.begins = kept_from
        taken_now += await taken(group, first_read, first_read + 1)
    assert taken_now == [121, 122]


async def test_what_does_not_come_is_asked_for_again_though_nothing_else_comes(
    group: Group, monkeypatch: pytest.MonkeyPatch
) -> None:
    now_sec = 0.0
    monkeypatch.setattr(group.consumer._succession, "_now_sec", lambda: now_sec)
    assert await taken(group, 100, 105, 106) == [100]
    group.kafka.sought.clear()
    await group.ticks()
    assert group.kafka.sought == {}
    now_sec = 3.0
    await group.ticks()
    assert group.kafka.sought == {FIRST: 101}
    group.kafka.sought.clear()
    now_sec = 60.0
    await group.ticks()
    assert group.kafka.sought == {}  # nothing came since


async def test_a_partition_that_is_somebody_elses_by_now_ends_nothing(
    group: Group, caplog: pytest.LogCaptureFixture
) -> None:
    def gone(tp: TP, offset: int) -> None:
        raise IllegalStateError(f"no {tp} is assigned")

    group.kafka.seek = gone  # type: ignore[method-assign]
    assert await taken(group, 105) == []
    assert "in[0] cannot be read again yet" in caplog.text


async def test_what_could_not_be_asked_for_is_asked_for_again_once_kafka_answers(
    group: Group, monkeypatch: pytest.MonkeyPatch
) -> None:
    now_sec = 0.0
    monkeypatch.setattr(group.consumer._succession, "_now_sec", lambda: now_sec)
    monkeypatch.setattr(consumer_module, "_ANSWER_WITHIN_SEC", 0.02)
    group.kafka.leaderless = True
    assert await taken(group, 100, 105) == [100]
    now_sec = 3.0
    await group.ticks()
    assert group.kafka.sought == {}
    group.kafka.leaderless = False
    now_sec = 6.0
    await group.ticks()
    assert group.kafka.sought == {FIRST: 101}


async def test_what_is_kept_by_an_answer_that_a_rebalance_overtook_counts_for_nothing(group: Group) -> None:
    async def comes_back() -> None:
        await group.consumer.on_partitions_revoked({FIRST})
        await group.gets(FIRST)
        group.kafka.begins = 300

    group.kafka.meanwhile = comes_back
    assert await taken(group, 105, 100, 101) == [100, 101]


async def test_a_partition_that_comes_back_while_another_is_asked_about_begins_where_it_is_to(
    group: Group, monkeypatch: pytest.MonkeyPatch
) -> None:
    now_sec = 0.0
    await group.gets(FIRST, SECOND)
    monkeypatch.setattr(group.consumer._succession, "_now_sec", lambda: now_sec)
    for place in (GATE, ("in", 1)):
        for offset in (105, 106):
            assert not await group.consumer.takes(place, offset)
    group.kafka.sought.clear()

    async def others_do_the_rest() -> None:
        await group.consumer.on_partitions_revoked({FIRST, SECOND})
        group.kafka.committed = group.kafka.ends = 5000
        await group.gets(FIRST, SECOND)

    group.kafka.meanwhile = others_do_the_rest
    now_sec = 3.0
    await group.ticks()
    assert group.kafka.sought == {}
    assert await taken(group, 106, 5000) == [5000]


async def test_what_lies_below_an_offset_that_was_read_is_not_passed_over_when_it_comes_again(
    group: Group,
) -> None:
    """Faust would, of which nobody knows here that it was asked for."""
    group.consumer._read_offset[FIRST] = 106
    assert group.consumer._read_offset[FIRST] is None


async def test_between_partitions_that_were_given_up_and_new_ones_nothing_is_taken(group: Group) -> None:
    await group.consumer.on_partitions_revoked({FIRST})
    assert await taken(group, 100, 105) == []
    await group.gets(FIRST, SECOND)
    assert await taken(group, 100) == [100]


async def test_while_it_looks_from_where_to_read_nothing_flows(group: Group) -> None:
    """The end of a rebalance that was overtaken lets it flow, in the middle of the next one."""
    group.consumer.resume_flow()
    await group.consumer.perform_seek()
    assert not group.consumer.flow_active
