"""The camera file (YAML): which cameras there are, where they look, how often they are read.

    cameras:
      - id: north-gate
        place: North gate, lane 1
        direction: into the city
        source: rtsp://${CAMERA_USER}:${CAMERA_PASSWORD}@camera.example/stream
        frames_per_second: 5
        zones: [{name: lane 1, corners: [[0.1, 0.4], [0.9, 0.4], [0.9, 1], [0.1, 1]]}]

`${NAME}` is taken from the environment, or, where NAME is not set, from the file that NAME_FILE names, so
that no password stands here; in an address's user and password it is written as it is, without escapes.
Unknown keys are refused by name. Every mistake is told with its line.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import quote
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Meta, Struct

from contracts.addresses import check_address, without_credentials
from contracts.errors import Stop
from contracts.messages.common import CameraId, UtcTime, VehicleKind
from contracts.yaml_lines import Document, FileMistakeError, read_yaml

Pace = Literal["real", "max"]
Transport = Literal["tcp", "udp"]
Hardware = Literal["auto", "none"]
MotionGate = Literal["auto", "off"]
Share = Annotated[float, Meta(ge=0, le=1)]
Rate = Annotated[float, Meta(gt=0, le=60)]
# Of the picture's: what rounding leaves of corners such as 0.1, 0.2 and 0.3 that lie on one line.
_NO_AREA = 1e-9


class Zone(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A part of the picture as a polygon; corners are shares of its width and height, from the top left."""

    name: Annotated[str, Meta(min_length=1, max_length=64)]
    corners: Annotated[tuple[tuple[Share, Share], ...], Meta(min_length=3, max_length=64)]

    def __post_init__(self) -> None:
        if _on_one_line(self.corners):
            raise ValueError(f"corners: all of zone {self.name} lie on one line, it has no area")


class Line(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A line on the road that vehicles cross, such as a stop line; its ends as corners of zones are given."""

    name: Annotated[str, Meta(min_length=1, max_length=64)]
    ends: tuple[tuple[Share, Share], tuple[Share, Share]]

    def __post_init__(self) -> None:
        if self.ends[0] == self.ends[1]:
            raise ValueError(f"ends: both of line {self.name} are the same point")


class Camera(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One camera.

    source: rtsp://, rtsps://, http(s):// (MJPEG or HLS), v4l2:///dev/video0, a video file, or a folder of
    pictures. direction: where its traffic goes, in words. time_zone: of the place (IANA); capture times
    are always UTC. groups: names under which cameras are searched and alerted together.

    frames_per_second: read while something moves; burst_frames_per_second: read while something moves in
    a zone (anywhere without zones), at most the stream's own rate. motion_gate: `auto` decodes little
    while nothing moves, `off` decodes everything. cut_to_zones: send only the rectangle around the zones.
    stream_frames_per_second: the camera's own rate, where the stream tells it wrongly; without either it
    is measured. silence_sec: so long without a packet is a break.
    transport (RTSP): tcp or udp. hardware: `auto` decodes on a GPU where one is there.

    least_plate_px: plates narrower than this in the frame are left out. vehicles: only these kinds are
    followed; all of them when empty. Zones count here as well: what stands outside them is left out.
    unread_vehicles: a vehicle whose plate could not be read becomes an event too, without a plate.
    lines: events say which of them a vehicle crossed. field_of_view_deg: the angle that the picture's whole
    width shows; with it events say how fast a vehicle was, roughly.

    pace, repeat, started_at, own_times concern files and folders alone: `max` reads at full speed behind
    all live cameras; the recording began at started_at, with own_times when the file itself says, else now.
    """

    id: CameraId
    source: Annotated[str, Meta(min_length=1)]
    enabled: bool = True
    place: str | None = None
    direction: str | None = None
    time_zone: str | None = None
    groups: tuple[Annotated[str, Meta(min_length=1, max_length=64)], ...] = ()
    zones: tuple[Zone, ...] = ()
    lines: tuple[Line, ...] = ()
    field_of_view_deg: Annotated[float, Meta(ge=1, le=150)] | None = None
    cut_to_zones: bool = False
    least_plate_px: Annotated[int, Meta(ge=1, le=8192)] | None = None
    vehicles: tuple[VehicleKind, ...] = ()
    unread_vehicles: bool = False
    frames_per_second: Rate = 5.0
    burst_frames_per_second: Rate | None = None
    stream_frames_per_second: Annotated[float, Meta(gt=0, le=240)] | None = None
    motion_gate: MotionGate = "auto"
    max_width: Annotated[int, Meta(ge=160, le=8192)] = 1920
    jpeg_quality: Annotated[int, Meta(ge=30, le=100)] = 80
    transport: Transport = "tcp"
    hardware: Hardware = "none"
    silence_sec: Annotated[float, Meta(ge=1, le=600)] = 5.0
    pace: Pace = "real"
    repeat: bool = False
    started_at: UtcTime | None = None
    own_times: bool = False

    def __post_init__(self) -> None:
        check_address(self.source)
        if self.cut_to_zones and not self.zones:
            raise ValueError("cut_to_zones: there are no zones")
        if self.burst_frames_per_second is not None and self.burst_frames_per_second < self.frames_per_second:
            raise ValueError("burst_frames_per_second: less than frames_per_second")
        if self.time_zone is not None:
            _check_time_zone(self.time_zone)

    def __repr__(self) -> str:
        return f"Camera(id={self.id!r}, source={self.shown_source()!r})"

    @property
    def is_live(self) -> bool:
        """True for a stream that goes on whether we look or not."""
        return "://" in self.source

    def shown_source(self) -> str:
        """The source as it may be printed: without user, password and query."""
        return without_credentials(self.source)


class CameraFile(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    cameras: Annotated[tuple[Camera, ...], Meta(min_length=1)]


def parse_cameras(text: str, *, environment: Mapping[str, str] | None, where: str) -> tuple[Camera, ...]:
    """The cameras of a camera file's text; without an `environment` their sources keep `${NAME}`.

    Raises:
        Stop: no YAML, a wrong or unknown key, two cameras of one id, or a missing `${NAME}`.
    """
    try:
        return _checked(read_yaml(text), environment)
    except FileMistakeError as mistake:
        place = "" if mistake.line is None else f", line {mistake.line}"
        raise Stop(f"camera file {where}{place}: {mistake.reason}") from mistake


def read_cameras(path: Path, *, environment: Mapping[str, str] | None) -> tuple[Camera, ...]:
    """The cameras of a camera file, see `parse_cameras`.

    Raises:
        Stop: it is missing, unreadable, or `parse_cameras` refuses it.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "is no text in UTF-8"
        raise Stop(f"camera file {path}: {reason}") from error
    return parse_cameras(text, environment=environment, where=str(path))


def _checked(document: Document, environment: Mapping[str, str] | None) -> tuple[Camera, ...]:
    seen = set[str]()
    filled = []
    for number, camera in enumerate(document.convert(CameraFile).cameras):
        if camera.id in seen:
            line = document.line_of(f"$.cameras[{number}].id")
            raise FileMistakeError(f"camera id {camera.id} stands there twice", line)
        seen.add(camera.id)
        line = document.line_of(f"$.cameras[{number}].source")
        filled.append(camera if environment is None else _filled_in(camera, environment, line))
    return tuple(filled)


def _on_one_line(corners: Sequence[tuple[float, float]]) -> bool:
    (x, y), *others = corners
    along_x, along_y = max(
        ((to_x - x, to_y - y) for to_x, to_y in others), key=lambda along: math.hypot(*along)
    )
    return all(abs(along_x * (to_y - y) - along_y * (to_x - x)) < _NO_AREA for to_x, to_y in others)


def _check_time_zone(name: str) -> None:
    try:
        ZoneInfo(name)
    except (OSError, ValueError, KeyError) as error:  # a folder's name, `../x`, a zone nobody knows
        raise ValueError(f"time_zone: {name} is not known") from error


def _filled_in(camera: Camera, environment: Mapping[str, str], line: int | None) -> Camera:
    # An address up to the last @ before its path: user and password, where every sign means itself.
    sign_in = re.match(r"\w+://(?P<sign_in>[^/]*)@", camera.source)
    end_of_sign_in = sign_in.end() if sign_in else 0

    def value(match: re.Match[str]) -> str:
        if not re.fullmatch("[A-Z0-9_]+", match.group(1)):
            raise FileMistakeError(
                f"camera {camera.id}: {match.group()}: names are of capitals, digits and _", line
            )
        found = _secret(match.group(1), environment)
        if found is None:
            raise FileMistakeError(f"camera {camera.id} needs {match.group(1)} in the environment", line)
        return quote(found, safe="") if match.start() < end_of_sign_in else found

    try:
        return msgspec.structs.replace(camera, source=re.sub(r"\$\{([^}]*)\}", value, camera.source))
    except OSError as error:
        raise FileMistakeError(
            f"camera {camera.id}: its secret file cannot be read: {error.strerror}", line
        ) from error
    except UnicodeDecodeError as error:
        # Not the error's own words: they show what the file holds.
        raise FileMistakeError(f"camera {camera.id}: its secret file is no text in UTF-8", line) from error
    except ValueError as error:
        raise FileMistakeError(f"camera {camera.id}: {error}", line) from error


def _secret(name: str, environment: Mapping[str, str]) -> str | None:
    if name in environment:
        return environment[name]
    file = environment.get(f"{name}_FILE")
    return None if file is None else Path(file).read_text(encoding="utf-8").strip()
