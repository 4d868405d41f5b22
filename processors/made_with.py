"""What events are made with besides the models: every setting, and the grammar, in one checksum."""

from __future__ import annotations

import hashlib

import msgspec

from contracts.plate_number import GRAMMAR_VERSION
from processors.cascade.settings import FOR_PICTURES, FOR_VIDEO
from processors.passages.settings import PassageSettings


def settings_sha256(passages: PassageSettings) -> str:
    """Of these settings of passages and reading, and of the cascade's, in lower-case hex."""
    everything = (FOR_VIDEO, FOR_PICTURES, passages, GRAMMAR_VERSION)
    return hashlib.sha256(msgspec.json.encode(everything)).hexdigest()
