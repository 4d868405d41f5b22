"""Whether this machine can carry the local stack; if not, the one line that says why and what to do."""

from __future__ import annotations

import importlib.util
import platform
import shutil
import sys
import sysconfig
from ctypes.util import find_library
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
NEEDED_GB = 5.0
GIGABYTE = 1_000_000_000
OLDEST, NEWEST = (3, 11), (3, 13)


def complain() -> str | None:
    return wrong_platform() or wrong_python() or no_shared_python() or too_little_disk()


def wrong_platform() -> str | None:
    if sys.platform == "linux" and platform.machine() == "x86_64":
        return None
    here = f"{sys.platform} {platform.machine()}"
    return f"Triton's package is for Linux x86-64, this is {here}: use docker compose up"


def wrong_python() -> str | None:
    version = ".".join(map(str, sys.version_info[:2]))
    if not OLDEST <= sys.version_info[:2] <= NEWEST:
        return f"Python 3.11, 3.12 or 3.13 is needed, this is {version}: make setup PYTHON=python3.12"
    if importlib.util.find_spec("ensurepip") is None:
        return f"Python {version} cannot make environments here (Debian: apt install python3-venv)"
    return None


def no_shared_python() -> str | None:
    """Triton's stub loads Python as a library; the interpreter alone may have been built without it."""
    library = str(sysconfig.get_config_var("INSTSONAME"))
    version = f"{sys.version_info[0]}.{sys.version_info[1]}"
    beside = Path(str(sysconfig.get_config_var("LIBDIR"))) / f"libpython{version}.so.1.0"
    if beside.exists() or find_library(f"python{version}"):
        return None
    return (
        f"this Python comes without its shared library (it has {library}), which Triton needs "
        f"(Debian: apt install libpython{version})"
    )


def too_little_disk() -> str | None:
    if (CHECKOUT / ".stack" / "stamps").exists():
        return None
    free_gb = shutil.disk_usage(CHECKOUT).free / GIGABYTE
    if free_gb >= NEEDED_GB:
        return None
    return f"{CHECKOUT} has {free_gb:.1f} GB free, {NEEDED_GB:.0f} GB are needed"
