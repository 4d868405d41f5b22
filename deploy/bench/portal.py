"""Area `portal`: how long its pages take while nothing else runs."""

from __future__ import annotations

import time
from contextlib import closing

from contracts.errors import Stop
from deploy.bench.board import Board
from deploy.bench.context import Bench
from deploy.bench.figures import Figure, at_most, percentile
from deploy.bench.sending import sender

ROUNDS = 30
MOST_MS = 150.0
PAGES = {"live board": "/", "search": "/search?plate=*1*", "cameras": "/cameras"}


def measure(bench: Bench) -> list[Figure]:
    """A stack with the passages of one film in it."""
    figures = []
    with bench.stack() as stack, sender(stack) as send:
        portal, sign_in = stack.portal(), stack.sign_in()
        if portal is None or sign_in is None:
            raise Stop("the bench's stack has no portal to measure")
        with closing(Board(portal, name=sign_in.name, password=sign_in.password)) as board:
            send("bench-portal", bench.frames)
            board.wait_for("bench-portal")
            for name, path in PAGES.items():
                median_ms = percentile([_timed_ms(board, path) for _ in range(ROUNDS)], 0.5)
                goal, holds = at_most(MOST_MS, median_ms)
                figures.append(
                    Figure(area="portal", name=f"{name}, median", value=median_ms, unit="ms", goal=goal,
                           holds=holds)
                )  # fmt: skip
    return figures


def _timed_ms(board: Board, path: str) -> float:
    began = time.perf_counter()
    answer = board.get(path)
    took_ms = (time.perf_counter() - began) * 1e3
    if answer.status_code != 200:
        raise Stop(f"the portal answers {answer.status_code} to {path}")
    return took_ms
