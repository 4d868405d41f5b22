"""How far a training is: loss, accuracy and time left, as a bar on a terminal, as lines in a log."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

_LINE_EVERY_SECONDS = 30.0


@dataclass
class TrainingBar:
    """`update` as often as liked; what is shown is the latest."""

    console: Console
    bar: Progress | None
    task: TaskID | None
    _line_at: float = field(default_factory=time.monotonic)
    _began: float = field(default_factory=time.monotonic)
    _done_at_start: float | None = None

    def update(self, done: float, step: int, **figures: float) -> None:
        if self._done_at_start is None:
            self._done_at_start = done
        text = "  ".join(f"{name} {value:.3f}" for name, value in figures.items())
        left = self._time_left(done)
        if self.bar is not None and self.task is not None:
            self.bar.update(self.task, completed=min(done, 1.0), figures=text, step=step, left=left)
        elif time.monotonic() - self._line_at >= _LINE_EVERY_SECONDS:
            self._line_at = time.monotonic()
            self.say(f"step {step}  {100 * done:.1f} %  {text}  {left} left")

    def say(self, line: str) -> None:
        self.console.print(line, highlight=False, soft_wrap=True)

    def _time_left(self, done: float) -> str:
        """From the pace since this run began: a resumed run does not count what was done before."""
        progressed = done - (self._done_at_start or 0.0)
        if progressed <= 0:
            return "?"
        seconds = (time.monotonic() - self._began) * (1.0 - min(done, 1.0)) / progressed
        return f"{int(seconds // 60)}:{int(seconds % 60):02d}"


@contextmanager
def training_bar(title: str) -> Iterator[TrainingBar]:
    console = Console()
    if not console.is_terminal:
        yield TrainingBar(console, None, None)
        return
    columns = (
        TextColumn(title), BarColumn(), TextColumn("{task.percentage:>4.1f} %"),
        TextColumn("step {task.fields[step]}  {task.fields[figures]}"),
        TimeElapsedColumn(), TextColumn("{task.fields[left]} left"),
    )  # fmt: skip
    with Progress(*columns, console=console, refresh_per_second=2) as bar:
        yield TrainingBar(console, bar, bar.add_task(title, total=1.0, figures="", step=0, left="?"))
