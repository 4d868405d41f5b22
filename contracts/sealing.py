"""Personal data sealed at rest: AES-256-GCM, bound to the registration number it belongs to.

The number is the associated data: a token moved to another vehicle's row does not open.
AES-GCM: NIST SP 800-38D (96-bit random nonce, 128-bit tag).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from contracts.errors import SetAside, Stop

_KEY_BYTES = 32
_NONCE_BYTES = 12


class Sealer:
    """Seals and opens bytes with one key. `key_id` tells which key, and nothing about it."""

    def __init__(self, key: bytes) -> None:
        if len(key) != _KEY_BYTES:
            raise Stop(f"the owner key has {len(key)} bytes, {_KEY_BYTES} are needed")
        self._cipher = AESGCM(key)
        self.key_id = hashlib.sha256(b"platestream owner key id" + key).hexdigest()[:12]

    def __repr__(self) -> str:
        return f"Sealer(key_id={self.key_id!r})"

    @classmethod
    def from_file(cls, path: Path) -> Sealer:
        """Key in base64 on the first line of a file.

        Raises:
            Stop: the file is missing, unreadable or holds no 256-bit key.
        """
        try:
            return cls(base64.b64decode(path.read_text().strip(), validate=True))
        except (OSError, binascii.Error, ValueError) as error:
            raise Stop(f"owner key {path}: {type(error).__name__}") from error

    def seal(self, personal: bytes, *, registration: str) -> bytes:
        """Nonce and ciphertext with tag."""
        nonce = os.urandom(_NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, personal, registration.encode())

    def open(self, token: bytes, *, registration: str) -> bytes:
        """The sealed bytes.

        Raises:
            SetAside: another key sealed it, it was changed, or it belongs to another registration.
        """
        try:
            return self._cipher.decrypt(token[:_NONCE_BYTES], token[_NONCE_BYTES:], registration.encode())
        except (InvalidTag, ValueError) as error:
            raise SetAside(f"sealed owner data does not open with key {self.key_id}") from error
