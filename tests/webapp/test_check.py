"""What becomes of the bytes that somebody sends as a picture."""

from __future__ import annotations

import contextlib
import io
import zlib
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from PIL.PngImagePlugin import PngImageFile

from webapp.uploads import check
from webapp.uploads.check import LONGEST_EDGE, CheckedPicture, Refused, check_picture


def encoded(picture: Image.Image, kind: str, **options: Any) -> bytes:
    out = io.BytesIO()
    picture.save(out, kind, **options)
    return out.getvalue()


def checked(sent: bytes) -> CheckedPicture:
    return check_picture(sent, name="x.jpg", max_bytes=32_000_000, max_pixels=40_000_000)


def opened(picture: CheckedPicture) -> Image.Image:
    return Image.open(io.BytesIO(picture.jpeg))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "BMP", "TIFF"])
@pytest.mark.parametrize("mode", ["RGB", "L"])
def test_every_usual_kind_becomes_an_rgb_jpeg(kind: str, mode: str) -> None:
    picture = checked(encoded(Image.new(mode, (120, 80), 90), kind))

    assert (picture.width, picture.height) == (120, 80)
    assert opened(picture).format == "JPEG"
    assert opened(picture).mode == "RGB"


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_a_picture_taken_upright_is_turned_upright(kind: str) -> None:
    lying = Image.new("RGB", (120, 80), "red")
    lying.paste("blue", (0, 0, 60, 80))
    exif = Image.Exif()
    exif[0x0112] = 6

    picture = checked(encoded(lying, kind, exif=exif))

    assert (picture.width, picture.height) == (80, 120)
    top = opened(picture).getpixel((40, 10))
    assert isinstance(top, tuple)
    assert top[2] > 200


def test_nothing_that_the_file_said_of_place_and_person_remains() -> None:
    exif = Image.Exif()
    exif[0x013B] = "A Photographer"
    sent = encoded(Image.new("RGB", (64, 64)), "JPEG", exif=exif, comment=b"secret remark")

    jpeg = checked(sent).jpeg

    assert b"Photographer" not in jpeg
    assert b"secret" not in jpeg
    assert not opened(checked(sent)).getexif()


def test_what_is_transparent_becomes_white() -> None:
    picture = opened(checked(encoded(Image.new("RGBA", (64, 64), (0, 0, 0, 0)), "PNG")))

    assert picture.getpixel((30, 30)) == (255, 255, 255)


def test_a_picture_of_16_bits_is_as_light_as_its_brightest_part_makes_it() -> None:
    deep = np.full((1200, 3000), 1000, np.uint16)
    deep[1100:] = 4000

    picture = opened(checked(encoded(Image.fromarray(deep), "PNG")))

    assert picture.getpixel((30, 30)) == (64, 64, 64)
    assert picture.getpixel((30, 1150)) == (255, 255, 255)


def test_a_picture_is_made_smaller_until_it_fits_into_one_message(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(check, "MOST_JPEG_BYTES", 60_000)
    noise = Image.effect_noise((800, 600), 90)

    picture = checked(encoded(noise, "JPEG", quality=80))

    assert len(picture.jpeg) <= 60_000
    assert (picture.width, picture.height) == (400, 300)


def test_no_edge_is_longer_than_a_frame_may_be() -> None:
    picture = checked(encoded(Image.new("L", (6000, 300)), "PNG"))

    assert (picture.width, picture.height) == (LONGEST_EDGE, 205)


@given(st.integers(0, 3000), st.binary(min_size=1, max_size=30))
def test_a_damaged_file_is_refused_or_read_but_breaks_nothing(at: int, junk: bytes) -> None:
    sent = bytearray(encoded(Image.effect_noise((64, 64), 80), "JPEG"))
    sent[at % len(sent) : at % len(sent) + len(junk)] = junk

    with contextlib.suppress(Refused):
        assert checked(bytes(sent)).jpeg.startswith(b"\xff\xd8")


def test_size_in_bytes_has_its_limit() -> None:
    with pytest.raises(Refused, match=r"0\.0 MB, at most") as refused:
        check_picture(b"x" * 2000, name="x.jpg", max_bytes=1000, max_pixels=1)

    assert refused.value.kind == "bytes"


@pytest.mark.parametrize(
    "error", [RuntimeError, OverflowError, ZeroDivisionError, zlib.error, MemoryError, AssertionError]
)
def test_whatever_a_decoder_ends_in_the_picture_is_damaged(
    monkeypatch: pytest.MonkeyPatch, error: type[Exception]
) -> None:
    sent = encoded(Image.new("RGB", (64, 64)), "PNG")

    def fail(_: Image.Image) -> None:
        raise error

    monkeypatch.setattr(PngImageFile, "load", fail)
    with pytest.raises(Refused, match="damaged") as refused:
        checked(sent)

    assert refused.value.kind == "damaged"


def test_a_strip_that_would_be_a_pixel_high_is_too_small() -> None:
    with pytest.raises(Refused, match="too small") as refused:
        checked(encoded(Image.new("1", (1_000_000, 32)), "PNG"))

    assert refused.value.kind == "small"
