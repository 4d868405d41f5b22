"""The training loop of the detectors and the line reader: examples and a loss in, averaged weights and
checkpoints out.

A checkpoint holds weights, averages, optimiser, step and time spent; a run goes on from the last one, on
this device or another.
"""

from __future__ import annotations

import copy
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import torch
from torch import Tensor

from triton_models.training.detectors.feeder import Example, Feeder
from triton_models.training.detectors.network import Network
from triton_models.training.runs.checkpoint import read_whole, write_whole
from triton_models.training.runs.device import by_seed, half_precision, moved
from triton_models.training.runs.rates import Rates, rate_at
from triton_models.training.runs.resuming import check_begun_with, take_weights
from triton_models.training.runs.starting import Spent, Start

Loss = Callable[[Tensor, tuple[Tensor, ...]], dict[str, Tensor]]
"""Outputs of the network and batched targets -> named parts; their sum is minimised."""

_LONGEST_STEP_SEC = 10.0
"""A process that was stopped, or a machine that slept, did not train meanwhile."""


class Plan(Rates, Protocol):
    """What the loop asks of a training's settings."""

    @property
    def seed(self) -> int: ...
    @property
    def threads(self) -> int: ...
    @property
    def minutes(self) -> float: ...
    @property
    def steps(self) -> int | None: ...
    @property
    def batch(self) -> int: ...
    @property
    def weight_decay(self) -> float: ...
    @property
    def average(self) -> float: ...
    @property
    def bf16(self) -> bool: ...
    @property
    def checkpoint_seconds(self) -> float: ...


@dataclass
class Progress(Spent):
    losses: dict[str, float] | None = None


class Trainer:
    def __init__(
        self, network: Callable[[], Network], config: Plan, folder: Path, device: torch.device, *,
        begun_with: Mapping[str, Any],
        example: Example, loss: Loss,
    ) -> None:  # fmt: skip
        by_seed(config.seed, config.threads)
        self.progress = Progress()
        self.network: Network = network().to(device, memory_format=torch.channels_last)
        self.averages = {name: value.clone() for name, value in self.network.state_dict().items()}
        self._config, self._folder, self.device, self._loss = config, folder, device, loss
        groups = self.network.weight_groups()
        self._shares = [group.share for group in groups]
        self._optimiser = torch.optim.AdamW(
            [{"params": group.weights} for group in groups],
            lr=config.peak_rate,
            weight_decay=config.weight_decay,
        )
        self._example, self._begun_with = example, begun_with

    def run(self, each_step: Callable[[Progress], None], keep: Callable[[], None]) -> None:
        """Train to the end; `keep` is called at every checkpoint."""
        feeder = Feeder(self._example, self._config.seed, self._config.batch, first_step=self.progress.step)
        saved = time.monotonic()
        self.progress.done = self._done()
        try:
            while self.progress.done < 1.0:
                began = time.monotonic()
                self._one_step(moved(feeder.next(), self.device))
                self.progress.seconds += min(time.monotonic() - began, _LONGEST_STEP_SEC)
                self.progress.done = self._done()
                each_step(self.progress)
                if time.monotonic() - saved >= self._config.checkpoint_seconds:
                    self.save()
                    keep()
                    saved = time.monotonic()
        finally:
            feeder.close()
        self.save()
        keep()

    def averaged(self) -> Network:
        """The network with its averaged weights, ready to be judged or served."""
        mean = copy.deepcopy(self.network)
        mean.load_state_dict(self.averages)
        return mean.eval()

    def save(self) -> None:
        """Written beside and renamed: a checkpoint is whole or the one before it."""
        write_whole(
            self._folder / "checkpoint.pt",
            {
                "begun_with": dict(self._begun_with),
                "network": self.network.state_dict(),
                "averages": self.averages,
                "optimiser": self._optimiser.state_dict(),
                "step": self.progress.step,
                "seconds": self.progress.seconds,
                "earlier_steps": self.progress.earlier_steps,
                "earlier_seconds": self.progress.earlier_seconds,
            },
        )

    def start_from(self, start: Start) -> None:
        take_weights(self.network, start.weights, start.whose)
        self.averages = {name: value.clone() for name, value in self.network.state_dict().items()}
        self.progress.earlier_steps, self.progress.earlier_seconds = start.steps, start.seconds

    def resume(self) -> bool:
        """Go on from the last checkpoint; False when there is none.

        Raises:
            Stop: it is damaged, or was made with other settings.
        """
        path = self._folder / "checkpoint.pt"
        if not path.exists():
            return False
        kept = read_whole(path)
        check_begun_with(path, kept.get("begun_with"), self._begun_with)
        take_weights(self.network, kept["network"], str(path))
        self.averages = {name: value.to(self.device) for name, value in kept["averages"].items()}
        self._optimiser.load_state_dict(kept["optimiser"])
        self.progress = Progress(
            step=kept["step"],
            seconds=kept["seconds"],
            earlier_steps=kept["earlier_steps"],
            earlier_seconds=kept["earlier_seconds"],
        )
        self.progress.done = self._done()
        return True

    def _done(self) -> float:
        return self.progress.share_done(self._config.steps, self._config.minutes)

    def _one_step(self, batch: tuple[Tensor, ...]) -> None:
        rate = rate_at(self._config, step=self.progress.step, done=self.progress.done)
        for group, share in zip(self._optimiser.param_groups, self._shares, strict=True):
            group["lr"] = rate * share
        self.network.train()
        picture = batch[0].permute(0, 3, 1, 2).float().div_(255).contiguous(memory_format=torch.channels_last)
        with half_precision(self.device, wanted=self._config.bf16):
            outputs = self.network(picture)
        parts = self._loss(outputs.float(), batch[1:])
        self._optimiser.zero_grad(set_to_none=True)
        torch.stack(list(parts.values())).sum().backward()
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), 5.0)
        self._optimiser.step()
        self.progress.step += 1
        self._average()
        before = self.progress.losses or {}
        self.progress.losses = {
            name: 0.97 * before.get(name, value.item()) + 0.03 * value.item() for name, value in parts.items()
        }

    @torch.no_grad()
    def _average(self) -> None:
        """Early averages forget fast, so that the first minutes do not weigh on the rest."""
        steps = self.progress.all_steps
        keep = min(self._config.average, (1 + steps) / (10 + steps))
        for name, new in self.network.state_dict().items():
            if new.dtype.is_floating_point:
                self.averages[name].lerp_(new, 1.0 - keep)
            else:
                self.averages[name].copy_(new)
