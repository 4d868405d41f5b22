"""`python -m processors <stage>`: one stage of the stream as a process, told by `PLATESTREAM_*`."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import sys
from collections.abc import Sequence

import uvloop

from contracts.errors import Stop, TryAgain
from processors.engine.ending import status_of
from processors.engine.logs import set_up_logging
from processors.engine.process import run
from processors.settings import Settings, from_environment
from processors.stages import STAGES

log = logging.getLogger("processors")


def main(arguments: Sequence[str]) -> int:
    """Exit status: 0 after a stop that was asked for, else that of `status_of`, and 2 for a wrong call."""
    if len(arguments) != 1 or arguments[0] not in STAGES:
        print(f"usage: python -m processors {'|'.join(STAGES)}", file=sys.stderr)
        return 2
    set_up_logging()
    # One warning a retry, without its reason; our own lines and counters tell it.
    logging.getLogger("stamina").setLevel(logging.ERROR)
    try:
        settings = from_environment(os.environ)
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(_run(arguments[0], settings))
    except (Stop, TryAgain) as reason:
        log.error("%s", reason)  # noqa: TRY400 (one line for people; nothing more is in the trace)
        return status_of(reason)
    return 0


async def _run(stage: str, settings: Settings) -> None:
    composed = STAGES[stage](settings)
    # What has been loaded by now stays; the collector need not look at it again and again.
    gc.collect()
    gc.freeze()
    await run(composed.workers, health=settings.health, close=composed.close)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
