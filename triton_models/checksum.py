"""Which model file a configuration of Triton stands for: the parameter `sha256` of its `config.pbtxt`.

Triton passes on parameters that it does not know, so a client can ask a server what it serves.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

PARAMETER = "sha256"
_LINE = re.compile(rf'^parameters \{{ key: "{PARAMETER}" .*\n?', re.MULTILINE)


def with_checksum(config: str, sha256: str) -> str:
    """The text of a `config.pbtxt`, made to stand for this file."""
    others = _LINE.sub("", config).rstrip("\n")
    return f'{others}\nparameters {{ key: "{PARAMETER}" value: {{ string_value: "{sha256}" }} }}\n'


def checksum_in(config: Mapping[str, Any]) -> str | None:
    """The one that a configuration tells, as Triton gives it in JSON; None where it tells none."""
    told = config.get("parameters", {}).get(PARAMETER, {}).get("string_value")
    return told or None
