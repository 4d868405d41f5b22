"""Trainings on another device than the processor. Needs PyTorch: runs in its environment, else skipped."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="PyTorch is not installed (make train-setup)")
pytestmark = pytest.mark.filterwarnings("ignore:for .*copying from a non-meta parameter")

from contracts.errors import Stop  # noqa: E402
from tests.triton_models.training.characters.test_training import simple_plate  # noqa: E402
from tests.triton_models.training.detectors.test_training import one_plate  # noqa: E402
from tests.triton_models.training.runs.far_device import FAR, FarDevice, is_far  # noqa: E402
from tests.triton_models.training.vehicles.test_training import CLASSES, one_bright_box  # noqa: E402
from triton_models.tensors import CHARACTERS, LINES, PLATE, VEHICLE  # noqa: E402
from triton_models.training.__main__ import TRAININGS, train  # noqa: E402
from triton_models.training.characters.batches import PlateMixture  # noqa: E402
from triton_models.training.characters.config import CharacterTraining  # noqa: E402
from triton_models.training.characters.finish import network_probabilities  # noqa: E402
from triton_models.training.characters.network import CharacterNetwork, ServedReader  # noqa: E402
from triton_models.training.characters.trainer import Trainer as CharacterTrainer  # noqa: E402
from triton_models.training.detectors.config import DetectorTraining  # noqa: E402
from triton_models.training.detectors.network import DetectorNetwork  # noqa: E402
from triton_models.training.detectors.served import ServedPlates  # noqa: E402
from triton_models.training.detectors.trainer import Trainer  # noqa: E402
from triton_models.training.lines.config import LineTraining  # noqa: E402
from triton_models.training.lines.examples import LineExamples  # noqa: E402
from triton_models.training.lines.loss import line_loss  # noqa: E402
from triton_models.training.lines.network import LineNetwork, ServedLines  # noqa: E402
from triton_models.training.plates.loss import plate_loss  # noqa: E402
from triton_models.training.runs.device import answered, chosen_device, half_precision  # noqa: E402
from triton_models.training.runs.starting import Start, read_start, write_start  # noqa: E402
from triton_models.training.vehicles.loss import vehicle_loss  # noqa: E402
from triton_models.training.vehicles.network import VehicleNetwork  # noqa: E402
from triton_models.training.vehicles.served import ServedVehicles  # noqa: E402

CPU = torch.device("cpu")
MIXTURE = PlateMixture([], simple_plate, {"drawn": 1.0})
SMALL: dict[str, Any] = {"batch": 2, "warmup_steps": 2, "bf16": False, "checkpoint_seconds": 1e9}


def of_plates(folder: Path, device: Any, steps: int) -> Trainer:
    config = DetectorTraining(steps=steps, sources={"here": 1.0}, **SMALL)
    network = lambda: DetectorNetwork(heats=1, others=16)  # noqa: E731
    return Trainer(network, config, folder, device, begun_with={}, example=one_plate, loss=plate_loss)


def of_vehicles(folder: Path, device: Any, steps: int) -> Trainer:
    config = DetectorTraining(steps=steps, sources={"here": 1.0}, **SMALL)
    network = lambda: VehicleNetwork(CLASSES)  # noqa: E731
    return Trainer(network, config, folder, device, begun_with={}, example=one_bright_box, loss=vehicle_loss)


def of_lines(folder: Path, device: Any, steps: int) -> Trainer:
    config = LineTraining(steps=steps, **SMALL)
    example = LineExamples(MIXTURE, reshape=0.0).example
    return Trainer(LineNetwork, config, folder, device, begun_with={}, example=example, loss=line_loss)


def of_characters(folder: Path, device: Any, steps: int) -> CharacterTrainer:
    config = CharacterTraining(steps=steps, hold=0.5, **SMALL)
    trainer = CharacterTrainer(config, MIXTURE, folder, device, begun_with={})
    weights = {name: value.cpu().clone() for name, value in trainer.network.state_dict().items()}
    trainer.start_from(Start(weights, steps=0, seconds=0.0))
    return trainer


Make = Callable[[Path, Any, int], Any]
every_training = pytest.mark.parametrize("make", [of_plates, of_vehicles, of_lines, of_characters])
each_loop = pytest.mark.parametrize("make", [of_plates, of_characters])


@pytest.fixture
def far(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """AdamW has one kernel for all weights where it knows of one: it is told of this device too."""
    known = ["cpu", "cuda", FAR.type]
    optimiser = sys.modules["torch.optim.optimizer"]
    monkeypatch.setattr(optimiser, "_get_fused_kernels_supported_devices", lambda: known)
    with FarDevice():
        yield FAR


def run(trainer: Any) -> Any:
    trainer.run(lambda _: None, lambda *_: None)
    return trainer


def stopped_after_a_step(trainer: Any) -> None:
    def stop(_: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        trainer.run(stop, lambda *_: None)
    trainer.save()


def assert_same(one: Any, other: Any) -> None:
    after = other.network.state_dict()
    for name, value in one.network.state_dict().items():
        assert torch.allclose(value.cpu(), after[name].cpu(), atol=1e-5), name


@every_training
def test_all_of_a_training_is_on_its_device_and_learns_what_it_does_on_the_processor(
    tmp_path: Path, far: Any, make: Make
) -> None:
    there = run(make(tmp_path / "there", far, 2))
    assert all(is_far(value) for value in there.network.state_dict().values())
    assert_same(there, run(make(tmp_path / "here", CPU, 2)))


@each_loop
@pytest.mark.parametrize(("first", "then"), [(FAR, CPU), (CPU, FAR)], ids=["taken back", "taken there"])
def test_a_checkpoint_of_one_device_goes_on_on_another(
    tmp_path: Path, far: Any, make: Make, first: Any, then: Any
) -> None:
    stopped_after_a_step(make(tmp_path, first, 3))
    rest = make(tmp_path, then, 3)
    assert rest.resume()
    assert all(is_far(value) == (then is FAR) for value in rest.network.state_dict().values())
    assert_same(run(rest), run(make(tmp_path / "straight", CPU, 3)))


@pytest.mark.skipif(torch.cuda.is_available(), reason="here is a GPU")
@each_loop
def test_a_checkpoint_that_a_gpu_wrote_opens_without_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, make: Make
) -> None:
    before = make(tmp_path, CPU, 2)
    with monkeypatch.context() as on_a_gpu:
        on_a_gpu.setattr(torch.serialization, "location_tag", lambda _: "cuda:0")
        before.save()
        write_start(tmp_path / "start.pt", before.network.state_dict(), steps=1, seconds=1.0)
    with pytest.raises(RuntimeError, match="CUDA"):
        torch.load(tmp_path / "checkpoint.pt", weights_only=True)
    after = make(tmp_path, CPU, 2)
    assert after.resume()
    assert_same(before, after)
    after.start_from(read_start(tmp_path / "start.pt"))


@every_training
def test_the_first_weights_follow_from_the_seed(tmp_path: Path, make: Make) -> None:
    torch.manual_seed(77)
    one = make(tmp_path, CPU, 2)
    torch.manual_seed(78)
    assert_same(one, make(tmp_path, CPU, 2))


@pytest.mark.parametrize(
    ("served", "tensors"),
    [
        (lambda: ServedPlates(DetectorNetwork(heats=1, others=16)), PLATE),
        (lambda: ServedVehicles(VehicleNetwork(CLASSES), CLASSES), VEHICLE),
        (lambda: ServedLines(LineNetwork(), 1.3), LINES),
    ],
    ids=["plate", "vehicle", "lines"],
)
def test_what_is_judged_while_training_is_judged_there(
    far: Any, served: Callable[[], Any], tensors: Any
) -> None:
    module = served().eval()
    pictures = np.random.default_rng(1).integers(0, 256, (2, *tensors.input.shape), np.uint8)
    here = answered(module, pictures)
    there = answered(module.to(far), pictures)
    assert all(is_far(value) for value in module.state_dict().values())
    assert there == pytest.approx(here, abs=1e-3)


def test_the_reader_is_judged_and_served_there(far: Any) -> None:
    network = CharacterNetwork().eval()
    pictures = np.random.default_rng(1).integers(0, 256, (2, *CHARACTERS.input.shape), np.uint8)
    here = network_probabilities(network, pictures)
    network.to(far)
    assert network_probabilities(network, pictures) == pytest.approx(here, abs=1e-5)
    with torch.no_grad():
        answers = ServedReader(network, 1.0)(torch.from_numpy(pictures).to(far))
    assert [is_far(answer) for answer in answers] == [True, True]


def test_auto_is_a_gpu_where_one_is() -> None:
    assert chosen_device("auto").type == ("cuda" if torch.cuda.is_available() else "cpu")
    assert chosen_device("cpu") == CPU


@pytest.mark.parametrize("wanted", ["abacus", "", "meta", "cuda:99"])
def test_a_device_that_is_not_there_is_refused_in_one_line(wanted: str) -> None:
    with pytest.raises(Stop, match=rf"^device {wanted}: .*\bcpu\b"):
        chosen_device(wanted)


@pytest.mark.parametrize("model", TRAININGS)
def test_every_training_takes_its_device_from_its_settings(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], model: str
) -> None:
    config = tmp_path / "settings.yml"
    config.write_text(
        "device: abacus\n" + ("sources: {here: 1.0}\n" if model in ("plates", "vehicles") else "")
    )
    with pytest.raises(SystemExit, match="2"):
        train(model, pictures=tmp_path, work=tmp_path, output=tmp_path, config=config)
    assert capsys.readouterr().err == "device abacus: not known; give auto, cpu or cuda\n"


@pytest.mark.parametrize("kind", ["cpu", "cuda"])
def test_half_precision_is_that_of_the_device(kind: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # without a GPU it says that it changes nothing
        context = half_precision(torch.device(kind), wanted=True)
    assert context.device == kind  # type: ignore[attr-defined]
    with half_precision(CPU, wanted=True):
        assert torch.is_autocast_enabled("cpu")
    with half_precision(CPU, wanted=False):
        assert not torch.is_autocast_enabled("cpu")
