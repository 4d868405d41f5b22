"""Video sources: real files, broken files, a peer that says nothing."""

from __future__ import annotations

import itertools
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import pytest

from contracts.cameras import Camera, Zone
from ingest.camera.capture import CaptureError, Picture, pictures
from ingest.sources.video import VideoSource
from tests.ingest.camera.films import make_film


def frames(path: Path | str, **options: Any) -> Iterator[Picture]:
    return pictures(VideoSource(Camera(id="gate", source=str(path), **options)))


def test_every_frame_of_a_film_comes_with_its_time(tmp_path: Path) -> None:
    found = list(frames(make_film(tmp_path / "film.mp4", seconds=2, fps=25)))
    assert len(found) == 50
    assert [round(frame.media_sec or 0, 2) for frame in found[:3]] == [0.0, 0.04, 0.08]


def test_frames_that_an_encoder_put_in_another_order_come_in_that_of_their_times(tmp_path: Path) -> None:
    found = list(frames(make_film(tmp_path / "film.mp4", seconds=2, preset="medium")))
    times = [frame.media_sec or 0 for frame in found]
    assert len(times) == 50
    assert times == sorted(times)
    assert round(times[-1] - times[0], 2) == 1.96


def test_a_frame_becomes_a_jpeg_that_shows_what_the_film_shows(tmp_path: Path) -> None:
    frame = next(iter(frames(make_film(tmp_path / "film.mp4"))))
    jpeg = frame.encode()
    image = cv2.imdecode(np.frombuffer(jpeg.data, np.uint8), cv2.IMREAD_COLOR)
    assert image is not None
    assert image.shape == (180, 320, 3)
    assert image[90, 10].mean() > 190  # the bar: limited range is stretched to JPEG's full range
    assert image[90, 200].mean() < 60  # the ground


def test_a_decoder_that_is_not_there_is_told_and_the_processor_decodes(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Where there is a GPU nothing is told; the frames are the same."""
    film = make_film(tmp_path / "film.mp4", seconds=1)
    found = list(frames(film, hardware="auto"))
    assert len(found) == 25
    assert found[0].encode().width == 320
    assert caplog.text == "" or "by processor" in caplog.text


def test_zones_are_cut_out_before_encoding(tmp_path: Path) -> None:
    film = make_film(tmp_path / "film.mp4", seconds=0.2, width=640, height=360)
    lane = Zone(name="lane", corners=((0.25, 0.5), (0.75, 0.5), (0.75, 1.0), (0.25, 1.0)))
    whole = next(iter(frames(film))).encode()
    cut = next(iter(frames(film, zones=(lane,), cut_to_zones=True))).encode()
    assert (cut.width, cut.height) == (320, 180)
    both = [cv2.imdecode(np.frombuffer(jpeg.data, np.uint8), cv2.IMREAD_GRAYSCALE) for jpeg in (whole, cut)]
    assert both[0] is not None
    assert both[1] is not None
    assert cv2.absdiff(both[0][180:360, 160:480], both[1]).max() < 12
    assert len(cut.data) < len(whole.data)


def test_a_wide_film_is_scaled_down_to_the_cameras_width(tmp_path: Path) -> None:
    film = make_film(tmp_path / "film.mp4", seconds=0.2, width=640, height=360)
    jpeg = next(iter(frames(film, max_width=320))).encode()
    assert (jpeg.width, jpeg.height) == (320, 180)


@pytest.mark.parametrize("content", [b"", b"this is no film", b"\x00" * 5000])
def test_a_file_that_is_no_video_is_named_with_its_reason(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "film.mp4"
    path.write_bytes(content)
    with pytest.raises(CaptureError, match=r"camera gate: .*film\.mp4 cannot be opened"):
        list(frames(path))


def test_a_missing_file_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(CaptureError, match=r"nowhere\.mp4 cannot be opened: No such file") as error:
        list(frames(tmp_path / "nowhere.mp4"))
    assert error.value.refused


def test_a_cut_film_gives_the_frames_that_are_there(tmp_path: Path) -> None:
    whole = make_film(tmp_path / "film.mkv", seconds=4).read_bytes()
    cut = tmp_path / "cut.mkv"
    cut.write_bytes(whole[: len(whole) // 2])
    assert 10 < len(list(frames(cut))) < 100


def test_damage_in_mid_stream_costs_frames_and_not_the_film(tmp_path: Path) -> None:
    film = make_film(tmp_path / "film.mkv", seconds=4)
    content = bytearray(film.read_bytes())
    for place in range(len(content) // 2, len(content) // 2 + 400):
        content[place] ^= 0x55
    film.write_bytes(content)
    assert len(list(frames(film))) > 40


def test_damage_that_looks_like_an_unknown_kind_of_picture_costs_that_picture(tmp_path: Path) -> None:
    film = tmp_path / "film.avi"
    with av.open(str(film), "w") as container:
        stream = container.add_stream("mjpeg", rate=25)
        stream.width, stream.height, stream.pix_fmt = 320, 180, "yuvj420p"
        for number in range(10):
            image = np.full((180, 320, 3), 20 * number, np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(image, "rgb24")))
        container.mux(stream.encode())
    content = film.read_bytes()
    first, *others = content.split(b"\xff\xc0")  # the header of each picture, its sampling factors at 9
    others[3] = others[3][:9] + b"\x13" + others[3][10:]
    film.write_bytes(b"\xff\xc0".join([first, *others]))
    assert len(list(frames(film))) == 9


def test_a_peer_that_accepts_and_says_nothing_is_given_up_after_the_time_out() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        started = time.monotonic()
        with pytest.raises(CaptureError, match=r"rtsp://127\.0\.0\.1") as error:
            list(frames(f"rtsp://viewer:s3cret@127.0.0.1:{port}/stream"))
    assert time.monotonic() - started < 12
    assert "s3cret" not in str(error.value)
    assert not error.value.refused


def test_an_rtsp_port_where_nobody_listens_is_told_at_once() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(CaptureError, match="Connection refused"):
        list(frames(f"rtsp://127.0.0.1:{port}/stream"))


@pytest.mark.parametrize(
    ("device", "reason"),
    [("/dev/no-such-video", "No such file or directory"), ("/dev/null", "Inappropriate ioctl for device")],
)
def test_a_device_that_is_no_camera_is_told_by_the_driver_for_devices(device: str, reason: str) -> None:
    """Only Video4Linux asks by ioctl: the address has gone to it, as the path of a device."""
    with pytest.raises(CaptureError, match=f"v4l2://{device} cannot be opened: {reason}"):
        list(frames(f"v4l2://{device}"))


def test_a_peer_that_answers_garbage_is_given_up() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]

        def answer() -> None:
            peer, _ = server.accept()
            with peer:
                peer.recv(1000)
                peer.sendall(bytes(itertools.islice(itertools.cycle(range(256)), 4096)))

        thread = threading.Thread(target=answer)
        thread.start()
        with pytest.raises(CaptureError, match="camera gate"):
            list(frames(f"rtsp://127.0.0.1:{port}/stream"))
        thread.join()
