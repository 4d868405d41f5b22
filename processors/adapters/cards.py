"""A model repository on disk -> which models are in use (`card.json` beside each model)."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from contracts.errors import Stop
from contracts.messages.common import ModelUsed
from triton_models.tensors import MODELS


def models_used(repository: Path) -> tuple[ModelUsed, ...]:
    """Name, version and checksum of each model; `+changed` follows the version of a card for another file.

    Raises:
        Stop: a model's file is missing, or its card is no JSON.
    """
    return tuple(_model_used(repository, name) for name in MODELS)


def model_file(repository: Path, name: str) -> Path:
    """The one version of a model that a repository holds."""
    path = repository / name / "1" / "model.onnx"
    if not path.is_file():
        raise Stop(f"model {name}: {path} is missing")
    return path


def _model_used(repository: Path, name: str) -> ModelUsed:
    path = model_file(repository, name)
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    card = repository / name / "card.json"
    try:
        said = json.loads(card.read_text(encoding="utf-8")) if card.is_file() else {}
    except ValueError as error:
        raise Stop(f"model {name}: {card} is no JSON") from error
    version = str(said.get("version", "unversioned"))
    if said.get("sha256", sha256) != sha256:
        version = f"{version}+changed"
    return ModelUsed(name=name, version=version, sha256=sha256)
