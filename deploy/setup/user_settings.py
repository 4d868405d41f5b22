"""pip's settings of this user (mirror, certificates, own packages) -> the same for uv, npm and the jars."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Mapping
from pathlib import Path

FROM_PIP = {
    "index-url": "UV_DEFAULT_INDEX",
    "extra-index-url": "UV_INDEX",
    "find-links": "UV_FIND_LINKS",
    "trusted-host": "UV_INSECURE_HOST",
    "cert": "SSL_CERT_FILE",
    "default-timeout": "UV_HTTP_TIMEOUT",
    "timeout": "UV_HTTP_TIMEOUT",
}


def for_uv(python: Path, environment: Mapping[str, str]) -> dict[str, str]:
    """Variables for uv. What the user set for uv itself is left alone."""
    listing = subprocess.run(
        [str(python), "-m", "pip", "config", "list"], capture_output=True, text=True, check=False
    )
    found = translate(listing.stdout)
    return {name: value for name, value in found.items() if name not in environment}


def for_others(python: Path, environment: Mapping[str, str]) -> dict[str, str]:
    """The certificates that pip trusts, for the jars' and the browser files' clients: same network."""
    certificates = for_uv(python, environment).get("SSL_CERT_FILE")
    names = ("REQUESTS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS")
    return {name: certificates for name in names if certificates and name not in environment}


def translate(pip_config_list: str) -> dict[str, str]:
    """Lines like `global.index-url='…'` and `:env:.cert='…'`; the environment comes first in the list."""
    found: dict[str, str] = {}
    for line in pip_config_list.splitlines():
        name, _, value = line.partition("=")
        key = name.rpartition(".")[2]
        if key in FROM_PIP:
            words = str(ast.literal_eval(value)).split()
            found.setdefault(FROM_PIP[key], " ".join(words))
    return found
