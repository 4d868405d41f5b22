"""How much memory the largest picture takes that an upload may hold."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from deploy.local.folders import CHECKOUT

SIZE = (8000, 5000)
TURNED = Image.Exif()
TURNED[0x0112] = 6

# In a process of its own, whose highest use of memory nothing else has raised (VmHWM of proc(5)).
CHECK = """
import re, sys
from pathlib import Path
from webapp.uploads.check import check_picture

def highest_mb():
    return int(re.search(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text()).group(1)) // 1024

sent = Path(sys.argv[1]).read_bytes()
before_mb = highest_mb()
check_picture(sent, name="x", max_bytes=32_000_000, max_pixels=40_000_000)
print(highest_mb() - before_mb)
"""


def deep(path: Path) -> None:
    Image.new("I;16", SIZE, 900).save(path, "PNG", compress_level=1)


def floating(path: Path) -> None:
    Image.new("F", SIZE, 0.5).save(path, "TIFF", compression="tiff_adobe_deflate")


def transparent(path: Path) -> None:
    Image.new("RGBA", SIZE, (90, 90, 90, 90)).save(path, "PNG", compress_level=1)


def turned(path: Path) -> None:
    Image.new("RGB", SIZE, "grey").save(path, "JPEG", progressive=True, subsampling=0, exif=TURNED)


def transparent_webp(path: Path) -> None:
    Image.new("RGBA", SIZE, (90, 90, 90, 90)).save(path, "WEBP", method=0, exif=TURNED)


@pytest.mark.parametrize(
    ("draw", "most_mb"),
    [(deep, 450), (floating, 450), (transparent, 450), (turned, 450), (transparent_webp, 700)],
)
def test_the_largest_picture_of_any_kind_takes_no_more_memory_than_two_at_once_may(
    draw: Callable[[Path], None], most_mb: int, tmp_path: Path
) -> None:
    draw(tmp_path / "picture")

    ended = subprocess.run(
        [sys.executable, "-c", CHECK, str(tmp_path / "picture")],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        timeout=100,
        check=True,
    )

    assert int(ended.stdout) < most_mb
