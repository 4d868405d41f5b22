"""Topics: one list, each with a dead-letter topic."""

from __future__ import annotations

from contracts.topics import ALL_TOPICS, DEAD_TOPICS, MAX_MESSAGE_BYTES, Topic


def test_every_topic_is_created_with_a_dead_letter_topic() -> None:
    names = [spec.name for spec in ALL_TOPICS]
    assert len(names) == len(set(names))
    live = set(Topic) - {Topic.PLATES_PARKED, Topic.PLATES_REPLAY}
    assert {topic.value for topic in Topic} | {topic.dead for topic in live} == set(names)


def test_topics_that_feed_one_another_by_camera_have_the_same_number_of_partitions() -> None:
    assert len({spec.partitions for spec in ALL_TOPICS if not spec.name.endswith(".dead")}) == 1


def test_every_topic_takes_the_largest_message() -> None:
    assert {spec.settings()["max.message.bytes"] for spec in ALL_TOPICS} == {str(MAX_MESSAGE_BYTES)}


def test_dead_letters_of_a_bad_release_do_not_fill_the_disk() -> None:
    """Kafka deletes whole segments only, and never the one that it writes to."""
    most_bytes = sum(
        spec.partitions * (spec.retention_bytes_per_partition + spec.segment_bytes) for spec in DEAD_TOPICS
    )
    assert all(spec.retention_bytes_per_partition > 0 for spec in DEAD_TOPICS)
    assert most_bytes < 2 * 1024**3
