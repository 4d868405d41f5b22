"""The training loop of the reader: configuration and plates in, averaged weights and checkpoints out.

A checkpoint holds everything: weights, averages, optimiser, step and time spent. A run that is stopped
at any moment goes on from the last one as if nothing had happened.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from triton_models.training.characters.batches import Batch, PlateMixture, make_batch
from triton_models.training.characters.config import CharacterTraining
from triton_models.training.characters.network import BLANK, CharacterNetwork, Slots
from triton_models.training.runs.checkpoint import read_whole, write_whole
from triton_models.training.runs.device import by_seed, half_precision, moved
from triton_models.training.runs.rates import rate_at
from triton_models.training.runs.resuming import check_begun_with, take_weights
from triton_models.training.runs.starting import Spent, Start

_LONGEST_STEP_SEC = 10.0
"""A process that was stopped, or a machine that slept, did not train meanwhile."""


@dataclass
class Progress(Spent):
    """What the caller shows: one object, renewed every step."""

    loss: float = 0.0
    character_accuracy: float = 0.0
    rate: float = 0.0


def training_loss(slots: Slots, batch: Batch, config: CharacterTraining) -> Tensor:
    targets = batch.targets.flatten()
    loss = functional.cross_entropy(slots.logits.flatten(0, 1), targets, label_smoothing=config.smoothing)
    early = functional.cross_entropy(
        slots.early_logits.flatten(0, 1), targets, label_smoothing=config.smoothing
    )
    known = batch.placed.sum().clamp(min=1.0)
    looked = -(batch.attention * (slots.attention + 1e-6).log()).sum(-1)
    attention = (looked * batch.placed).sum() / known
    box_error = functional.smooth_l1_loss(slots.boxes, batch.boxes, reduction="none", beta=0.02).sum(-1)
    boxes = (box_error * batch.placed).sum() / known
    return (
        loss + config.early_weight * early + config.attention_weight * attention + config.box_weight * boxes
    )


def holding_loss(slots: Slots, before: Slots, real: Tensor) -> Tensor:
    """How far the slots of real plates have gone from what was said before (Li and Hoiem, "Learning without
    Forgetting", 2016)."""
    said = before.logits.softmax(-1)
    apart = (said * (before.logits.log_softmax(-1) - slots.logits.log_softmax(-1))).sum(-1).mean(-1)
    return (apart * real).sum() / real.sum().clamp(min=1.0)


class Trainer:
    def __init__(
        self, config: CharacterTraining, mixture: PlateMixture, folder: Path, device: torch.device, *,
        begun_with: Mapping[str, Any],
    ) -> None:  # fmt: skip
        by_seed(config.seed, config.threads)
        self.config, self.device = config, device
        self.progress = Progress()
        self._mixture, self._begun_with = mixture, begun_with
        self._checkpoint = folder / "checkpoint.pt"
        self.network = CharacterNetwork().to(device, memory_format=torch.channels_last)
        self.averaged = CharacterNetwork().to(device)
        self.averaged.load_state_dict(self.network.state_dict())
        self._before: CharacterNetwork | None = None
        self._optimiser = torch.optim.AdamW(self._weight_groups(), lr=config.peak_rate, fused=True)

    def _weight_groups(self) -> list[dict[str, Any]]:
        """Norms, biases and positions do not decay."""
        decayed = [weight for weight in self.network.parameters() if weight.ndim in (2, 4)]
        others = [weight for weight in self.network.parameters() if weight.ndim not in (2, 4)]
        return [
            {"params": decayed, "weight_decay": self.config.weight_decay},
            {"params": others, "weight_decay": 0.0},
        ]

    def run(self, each_step: Callable[[Progress], None], keep: Callable[[Trainer], None]) -> None:
        """Trains to the end; `keep` is called every `score_seconds` and at the end."""
        kept = saved = time.monotonic()
        self.progress.done = self._done()
        while self.progress.done < 1.0:
            began = time.monotonic()
            self.one_step()
            now = time.monotonic()
            self.progress.seconds += min(now - began, _LONGEST_STEP_SEC)
            self.progress.done = self._done()
            each_step(self.progress)
            if now - saved >= self.config.checkpoint_seconds:
                self.save()
                saved = now
            if now - kept >= self.config.score_seconds:
                keep(self)
                kept = time.monotonic()
        self.save()
        keep(self)

    def _done(self) -> float:
        return self.progress.share_done(self.config.steps, self.config.minutes)

    def one_step(self) -> float:
        config, progress = self.config, self.progress
        made = make_batch(
            self._mixture, config.batch, config.seed, progress.step, config.reshaped, config.weather
        )
        batch = Batch(*moved(made, self.device))
        progress.rate = rate_at(config, step=progress.step, done=progress.done)
        for group in self._optimiser.param_groups:
            group["lr"] = progress.rate
        self.network.train()
        gray = batch.gray.contiguous(memory_format=torch.channels_last)
        with half_precision(self.device, wanted=config.bf16):
            slots = self.network(gray)
        loss = training_loss(slots, batch, config)
        if self._before is not None:
            with torch.no_grad():
                before = self._before(gray)
            loss = loss + config.hold * holding_loss(slots, before, batch.real)
        self._optimiser.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), 5.0)
        self._optimiser.step()
        progress.step += 1
        progress.done = self._done()
        self._average()
        self._note(float(loss.detach()), slots, batch)
        return progress.loss

    @torch.no_grad()
    def _average(self) -> None:
        """Early averages forget fast, so that the first minutes do not weigh on the rest."""
        steps = self.progress.all_steps
        keep = min(self.config.average, (1 + steps) / (10 + steps))
        for mean, new in zip(
            self.averaged.state_dict().values(), self.network.state_dict().values(), strict=True
        ):
            if mean.dtype.is_floating_point:
                mean.lerp_(new, 1.0 - keep)
            else:
                mean.copy_(new)

    @torch.no_grad()
    def _note(self, loss: float, slots: Slots, batch: Batch) -> None:
        filled = batch.targets != BLANK
        right = (slots.logits.argmax(-1) == batch.targets)[filled].float().mean().item()
        share = 0.02 if self.progress.step > 50 else 0.2
        first = self.progress.step == 1
        self.progress.loss = loss if first else self.progress.loss + share * (loss - self.progress.loss)
        before = self.progress.character_accuracy
        self.progress.character_accuracy = right if first else before + share * (right - before)

    def save(self) -> None:
        """Written beside and renamed: a checkpoint is whole or the one before it."""
        write_whole(
            self._checkpoint,
            {
                "begun_with": dict(self._begun_with),
                "network": self.network.state_dict(),
                "averaged": self.averaged.state_dict(),
                "optimiser": self._optimiser.state_dict(),
                "progress": vars(self.progress),
                "before": None if self._before is None else self._before.state_dict(),
            },
        )

    def start_from(self, start: Start) -> None:
        take_weights(self.network, start.weights, start.whose)
        self.averaged.load_state_dict(start.weights)
        self.progress.earlier_steps, self.progress.earlier_seconds = start.steps, start.seconds
        if self.config.hold > 0:
            self._hold_to(start.weights)

    def _hold_to(self, weights: dict[str, Tensor]) -> None:
        self._before = CharacterNetwork().to(self.device)
        self._before.load_state_dict(weights)
        self._before.eval()

    def resume(self) -> bool:
        """True when a checkpoint was there to go on from.

        Raises:
            Stop: it is damaged, or was made with other settings.
        """
        if not self._checkpoint.exists():
            return False
        kept = read_whole(self._checkpoint)
        check_begun_with(self._checkpoint, kept.get("begun_with"), self._begun_with)
        take_weights(self.network, kept["network"], str(self._checkpoint))
        self.averaged.load_state_dict(kept["averaged"])
        self._optimiser.load_state_dict(kept["optimiser"])
        if kept.get("before") is not None:
            self._hold_to(kept["before"])
        self.progress = Progress(**kept["progress"])
        self.progress.done = self._done()
        return True
