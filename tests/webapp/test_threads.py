"""Slow work in threads of its own."""

from __future__ import annotations

import io
import threading
from pathlib import Path

import gevent
import pytest

from tests.webapp.builders import a_frame_picture, jpeg
from tests.webapp.conftest import Portal
from webapp.pages import uploads
from webapp.threads import Busy, Threads, in_thread


def test_slow_work_of_one_kind_holds_up_no_other(tmp_path: Path) -> None:
    slow, go_on = Threads("slow work", count=1, most=20), threading.Event()
    held = [gevent.spawn(slow.run, lambda: go_on.wait(20)) for _ in range(12)]
    gevent.sleep(0.1)

    with gevent.Timeout(5):
        assert in_thread(lambda: 7) == 7
        assert Threads("other work", count=1, most=1).run(lambda: 8) == 8
    go_on.set()
    gevent.joinall(held, timeout=10)

    assert all(greenlet.value for greenlet in held)


def test_never_more_at_a_time_than_there_are_threads_and_no_more_waiting_than_may() -> None:
    threads, lock = Threads("decoding", count=2, most=5), threading.Lock()
    running, highest = [0], [0]

    def work() -> None:
        with lock:
            running[0] += 1
            highest[0] = max(highest[0], running[0])
        threading.Event().wait(0.05)
        with lock:
            running[0] -= 1

    held = [gevent.spawn(threads.run, work) for _ in range(5)]
    gevent.sleep(0)
    with pytest.raises(Busy, match="decoding: too much"):
        threads.run(work)
    gevent.joinall(held, timeout=10, raise_error=True)

    assert highest[0] == 2
    assert threads.run(lambda: "free again") == "free again"


def test_an_upload_too_many_is_told_so(portal: Portal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "_decoding", Threads("decoding of pictures", count=1, most=0))
    picture = jpeg(a_frame_picture("MH12AB1234"))

    answer = portal.user().post("/uploads", data={"picture": (io.BytesIO(picture), "car.jpg")})

    assert answer.status_code == 503
    assert "Too many pictures come in at once" in answer.get_data(as_text=True)
