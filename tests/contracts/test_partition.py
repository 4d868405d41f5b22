"""One opinion on where a key lives: ours is aiokafka's. That of librdkafka is in tests/integration."""

from __future__ import annotations

from aiokafka.partitioner import murmur2 as murmur2_of_aiokafka
from hypothesis import given
from hypothesis import strategies as st

from contracts.partition import murmur2, partition_of


@given(st.binary(max_size=80))
def test_a_key_lies_where_the_stages_look_for_it(key: bytes) -> None:
    assert murmur2(key) == murmur2_of_aiokafka(key) & 0xFFFFFFFF
    assert partition_of(key, partitions=12) == (murmur2_of_aiokafka(key) & 0x7FFFFFFF) % 12
