"""Training with the rounding of serving. Needs PyTorch: runs in its environment, skipped elsewhere."""

from __future__ import annotations

from typing import Any

import pytest

torch = pytest.importorskip("torch", reason="PyTorch is not installed (make train-setup)")

from triton_models.training.detectors.eight_bits import round_inputs  # noqa: E402
from triton_models.training.detectors.network import DetectorNetwork  # noqa: E402

PICTURE = torch.rand(2, 3, 64, 96, generator=torch.Generator().manual_seed(1))


def network() -> DetectorNetwork:
    torch.manual_seed(2)
    return DetectorNetwork(heats=1, others=16)


def different_inputs(of: DetectorNetwork) -> list[int]:
    """How many different values each convolution is given."""
    seen: list[int] = []

    def count(_: Any, inputs: tuple[Any]) -> None:
        seen.append(len(inputs[0].unique()))

    for module in of.modules():
        if isinstance(module, torch.nn.Conv2d):
            module.register_forward_pre_hook(count)
    of(PICTURE)
    return seen


def test_convolutions_are_given_256_values_at_most_but_the_first_and_the_last() -> None:
    rounded = network().train()
    round_inputs(rounded)
    first, *between, last = different_inputs(rounded)
    assert max(between) <= 256 < min(first, last)
    assert min(different_inputs(network().train())) > 256


def test_what_is_learned_comes_through_the_rounding() -> None:
    plain, rounded = network().train(), network().train()
    round_inputs(rounded)
    for one in (plain, rounded):
        one(PICTURE).square().mean().backward()
    ours, theirs = (
        torch.cat([weight.grad.flatten() for weight in one.parameters()]) for one in (rounded, plain)
    )
    assert torch.nn.functional.cosine_similarity(ours, theirs, dim=0) > 0.8
    assert not torch.equal(ours, theirs)


def test_in_use_nothing_is_rounded() -> None:
    plain, rounded = network(), network()
    round_inputs(rounded)
    rounded.train()(PICTURE)
    rounded.load_state_dict(plain.state_dict())
    assert torch.equal(plain.eval()(PICTURE), rounded.eval()(PICTURE))
    assert plain.state_dict().keys() == rounded.state_dict().keys()
