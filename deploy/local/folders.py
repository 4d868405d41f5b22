"""Where things lie: what set-up installed (`.stack`) and what one stack keeps while it runs (`.state`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
STATE_VARIABLE = "PLATESTREAM_STATE"


@dataclass(frozen=True)
class Installed:
    """What `make setup` put into the checkout. Nothing is written here while the stack runs."""

    root: Path = CHECKOUT / ".stack"

    @property
    def python(self) -> Path:
        return self.root / "env" / "bin" / "python"

    @property
    def triton_env(self) -> Path:
        return self.root / "triton-env"

    @property
    def kafka_jars(self) -> Path:
        return self.root / "kafka"


@dataclass(frozen=True)
class State:
    """The folder of one running stack; a second stack takes another folder."""

    root: Path

    @property
    def data(self) -> Path:
        return self.root / "data"

    @property
    def logs(self) -> Path:
        return self.root / "logs"

    @property
    def temporary(self) -> Path:
        """Where the processes put what they need while they run; emptied whenever a stack starts."""
        return self.root / "tmp"

    @property
    def secrets(self) -> Path:
        return self.root / "secrets"

    @property
    def plan(self) -> Path:
        """What to run, with addresses and passwords: readable by its owner alone."""
        return self.root / "plan.json"

    @property
    def status(self) -> Path:
        return self.root / "status.json"

    @property
    def lock(self) -> Path:
        return self.root / "supervisor.lock"

    def log_of(self, name: str) -> Path:
        return self.logs / f"{name}.log"


def state_folder(environment: Mapping[str, str]) -> State:
    """The state folder that the environment names, else `.state` of the checkout."""
    return State(Path(environment.get(STATE_VARIABLE) or CHECKOUT / ".state").resolve())
