"""The demo from start to end: cameras, stack, one line a plate, and at the end the table."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from types import FrameType

from rich.console import Console
from rich.text import Text

from contracts.errors import Stop, TryAgain
from contracts.topics import Topic
from deploy.demo.options import DemoOptions
from deploy.demo.own_video import camera_for, look_at, write_camera_file
from deploy.demo.progress import show_start
from deploy.demo.street import Street, street_cameras
from deploy.demo.summary import complaints, summary_table, without_plates
from deploy.demo.ticker import Ticker, line_for
from deploy.demo.watch import Watch
from deploy.local.folders import State
from deploy.local.options import INGEST, Options
from deploy.local.stack import Stack
from deploy.local.supervision.identity import signal_all
from deploy.local.supervision.status import Phase
from deploy.measure.flow import Marks, count_flow, marks, wait_until_drained
from deploy.measure.log import LogReader
from deploy.measure.truth import Verdict

DRAIN_WITHIN_SEC = 90.0
INGEST_ENDS_WITHIN_SEC = 15.0
# Without an end of its own, a demo renders this much film and plays it again and again.
FILM_SECONDS = 180.0
_LOOK_EVERY_SEC = 0.5


@dataclass(frozen=True)
class _Run:
    """A running demo: its stack, its view of the topics, and where they ended when it began."""

    stack: Stack
    log: LogReader
    since: Marks


def run_demo(options: DemoOptions, state: State, console: Console) -> int:
    """Run until the time is over or Ctrl-C; exit status 0 when every stage worked and nothing was lost.

    Raises:
        Stop: something is missing or wrong; nothing is left running.
    """
    if (status := Stack(state).status()) is not None and status.supervisor is not None:
        raise Stop(f"a stack already runs in {state.root}: see `platestream status`")
    street = None
    if options.video is None:
        street = street_cameras(state, seconds=max(options.seconds or 0, FILM_SECONDS), console=console)
        cameras = street.cameras(pace=options.pace)
    else:
        cameras = [camera_for(options.video, pace=options.pace)]
        if (warning := look_at(cameras[0])) is not None:
            console.print(Text(warning, style="yellow"), soft_wrap=True)
    camera_file = write_camera_file(state.root / "demo-cameras.yml", cameras)
    ports = {} if options.port is None else {"portal": options.port}
    stack = Stack(state, Options(cameras=camera_file, ports=ports, die_with_parent=True))
    with _stop_on_signals() as stopping:
        # One that does not come up is ended by `up` itself; another's stack that runs here is left alone.
        show_start(stack, console, interrupted=stopping)
        try:
            return _while_running(stack, options, street, console, stopping)
        except TryAgain:
            stack.own_status()  # what does not answer may have been ended together with the stack
            raise
        finally:
            _end(stack, console)


def _end(stack: Stack, console: Console) -> None:
    with suppress(Stop):  # it was ended from outside already
        stack.own_status()
        console.print("[dim]ending everything …[/dim]")
    stack.down()


def _while_running(
    stack: Stack, options: DemoOptions, street: Street | None, console: Console, stopping: threading.Event
) -> int:
    with closing(LogReader(stack.variables()["PLATESTREAM_KAFKA"], goes_on=stack.own_status)) as log:
        run = _Run(stack, log, marks(log, at=stack.own_status().started_at))
        _greet(run, console)
        ticker = Ticker(
            stack.variables()["PLATESTREAM_KAFKA"],
            since=run.since[Topic.PLATES],
            show=lambda event: console.print(line_for(event), highlight=False, soft_wrap=True),
        )
        with closing(ticker):
            _wait(run, options, console, stopping)
            stopping.clear()  # a second Ctrl-C ends the waiting for the last plates
            end_ingest(stack)
            left = wait_until_drained(log, run.since, within_sec=DRAIN_WITHIN_SEC, stopping=stopping)
        return _conclude(run, street, console, left, own=street is None and options.seconds is None)


def _greet(run: _Run, console: Console) -> None:
    console.print(f"\n[bold]Portal:[/bold]   {run.stack.portal()}")
    sign_in = run.stack.sign_in()
    if sign_in is not None:
        console.print(
            f"[bold]Sign in:[/bold]  {sign_in.name}   [bold]{sign_in.password}[/bold]", highlight=False
        )
    console.print("[dim]Ctrl-C ends it. One line a vehicle:[/dim]\n")


def _wait(run: _Run, options: DemoOptions, console: Console, stopping: threading.Event) -> None:
    """Until the time is over, Ctrl-C, or the end of a video that was to be read at full speed."""
    deadline = None if options.seconds is None else time.monotonic() + options.seconds
    told = False
    watch = Watch()
    while not stopping.wait(_LOOK_EVERY_SEC):
        for line in watch.changes(run.stack.own_status()):
            console.print(f"[yellow]{line}[/yellow]", highlight=False)
        if deadline is not None and time.monotonic() > deadline:
            return
        if not told and _ingest_phase(run.stack) is Phase.DONE:
            told = True
            stays = "; the portal stays up until Ctrl-C" if options.seconds is None else ""
            console.print(f"[dim]the video has ended{stays}[/dim]")
            if options.seconds is not None:
                return


def end_ingest(stack: Stack) -> None:
    """End the cameras alone: what they sent still goes through every stage."""
    found = stack.own_status().find(INGEST)
    if found is None or found.identity is None or found.phase is Phase.DONE:
        return
    signal_all([found.identity], signal.SIGTERM)
    deadline = time.monotonic() + INGEST_ENDS_WITHIN_SEC
    while _ingest_phase(stack) is not Phase.DONE and time.monotonic() < deadline:
        time.sleep(_LOOK_EVERY_SEC)


def _ingest_phase(stack: Stack) -> Phase | None:
    found = stack.own_status().find(INGEST)
    return found.phase if found else None


def _conclude(run: _Run, street: Street | None, console: Console, left: dict[str, int], *, own: bool) -> int:
    """`own`: somebody's own video, watched to its end; it may show no plate."""
    flow = count_flow(run.log, run.stack.variables()["PLATESTREAM_DATABASE"], run.since)
    verdict: Verdict | None = None
    if street is not None:
        verdict = street.judge(run.stack.variables()["PLATESTREAM_DATABASE"], flow)
    console.print()
    console.print(summary_table(flow, verdict, left))
    if own and without_plates(flow):
        console.print("no plate in this video could be read")
    problems = complaints(flow, left, plates_expected=not own)
    for problem in problems:
        console.print(f"[red]{problem}[/red]")
    return 1 if problems else 0


@contextmanager
def _stop_on_signals() -> Iterator[threading.Event]:
    """An event that Ctrl-C and SIGTERM set, instead of breaking off wherever the program is."""
    stopping = threading.Event()

    def stop(_signal: int, _frame: FrameType | None) -> None:
        stopping.set()

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stopping
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
