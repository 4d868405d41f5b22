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
