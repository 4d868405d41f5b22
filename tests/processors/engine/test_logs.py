from __future__ import annotations

import logging

from processors.engine.logs import Repeats


def a_record(logger: str, text: str, *arguments: object) -> logging.LogRecord:
    return logging.LogRecord(logger, logging.ERROR, __file__, 1, text, arguments, None)


def test_a_library_says_the_same_once_in_a_while_and_we_say_everything() -> None:
    now = [0.0]
    repeats = Repeats(now_sec=lambda: now[0])
    told = [repeats.filter(a_record("aiokafka", "node %s is away", number)) for number in range(100)]
    assert told.count(True) == 1
    assert repeats.filter(a_record("aiokafka", "another thing"))
    assert all(repeats.filter(a_record("processors.engine.patience", "waits")) for _ in range(3))
    now[0] = 31.0
    assert repeats.filter(a_record("aiokafka", "node %s is away", 1))


def test_texts_that_never_come_again_are_forgotten_once_they_could_be_told_again() -> None:
    now = [0.0]
    repeats = Repeats(now_sec=lambda: now[0])
    for number in range(300):
        assert repeats.filter(a_record("aiokafka", f"correlation {number} is unknown"))
        now[0] += 1.0
    assert len(repeats._silent_until_sec) <= 31


def test_very_many_texts_in_one_moment_are_remembered_as_far_as_there_is_room() -> None:
    repeats = Repeats(now_sec=lambda: 0.0)
    texts = [f"correlation {number} is unknown" for number in range(5000)]
    assert all(repeats.filter(a_record("aiokafka", text)) for text in texts)
    assert len(repeats._silent_until_sec) == 1000
    assert not repeats.filter(a_record("aiokafka", texts[-1]))


def test_what_is_said_all_the_time_stays_quiet_among_much_that_is_said_once() -> None:
    now = [0.0]
    repeats = Repeats(now_sec=lambda: now[0])
    told = 0
    for number in range(1200):
        told += repeats.filter(a_record("aiokafka", "node is away"))
        repeats.filter(a_record("aiokafka", f"correlation {number} is unknown"))
        now[0] += 0.1
    assert told == 4
