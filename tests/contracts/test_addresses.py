"""Of an address nothing is printed that may be a password, however it is written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.addresses import check_address, without_credentials

SIGNS = st.text("abc012:/?#@%[]", max_size=12)


@given(word=SIGNS)
def test_no_part_of_a_password_is_printed_whatever_its_signs(word: str) -> None:
    shown = without_credentials(f"rtsp://admin:S3CR{word}ET@10.0.0.5:554/x")

    assert "S3CR" not in shown
    assert "ET" not in shown
    assert shown.endswith("10.0.0.5:554/x")


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("rtsp://viewer:s3cret@10.0.0.5/stream?token=abc", "rtsp://10.0.0.5/stream"),
        ("rtsp://10.0.0.5/stream#token", "rtsp://10.0.0.5/stream"),
        ("rtsp://camera/of@home", "rtsp://camera/of@home"),
        ("rtsp://camera:554/of@home", "rtsp://…@home"),
        ("rtsp://[fe80::1]:554/x", "rtsp://[fe80::1]:554/x"),
        ("v4l2:///dev/video0", "v4l2:///dev/video0"),
        ("films/one@home.mp4", "films/one@home.mp4"),
    ],
)
def test_the_rest_of_an_address_is_shown(source: str, shown: str) -> None:
    assert without_credentials(source) == shown


@pytest.mark.parametrize("sign", ["/", "?", "#"])
def test_a_sign_that_ends_the_host_is_refused_in_a_password_without_showing_it(sign: str) -> None:
    with pytest.raises(ValueError, match="%2F") as refused:
        check_address(f"rtsp://admin:s3cr{sign}etpass@10.0.0.5/x")

    assert "s3cr" not in str(refused.value)


@pytest.mark.parametrize("source", ["ftp://x/y", "file:///tmp/x.mp4", "rtsp://u:s3cret@[::1/x"])
def test_what_could_never_be_opened_is_refused(source: str) -> None:
    with pytest.raises(ValueError, match="source: ") as refused:
        check_address(source)

    assert "s3cret" not in str(refused.value)


@pytest.mark.parametrize(
    "source",
    [
        "films/a.mp4",
        "rtsp://u:p%2Fw@10.0.0.5/x",
        "rtsp://${USER}:${WORD}@h/x",
        "v4l2:///dev/video0",
        "rtsp://h:554/a@b",
    ],
)
def test_what_may_be_opened_is_taken(source: str) -> None:
    check_address(source)
