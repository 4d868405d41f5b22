"""Passages, cameras and drawn pictures with defaults, written into a real database. Nobody is real."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import msgspec
import psycopg
from PIL import Image, ImageDraw, ImageFont
from psycopg import sql
from psycopg.types.json import Jsonb

from contracts.messages.personal import PersonalData
from contracts.sealing import Sealer

NOON = datetime(2026, 11, 23, 6, 30, tzinfo=UTC)
FRAME_WH = (1280, 720)
MODELS = ("vehicle", "plate", "characters")
_FONT = "/usr/share/fonts/truetype/dejavu/DejaVuSans-Bold.ttf"
_INK = {"white": "#14181a", "yellow": "#14181a", "green": "white", "black": "#ffd94d"}
_BACK = {"white": "#fbfbf6", "yellow": "#ffce2e", "green": "#0f7a3d", "black": "#15181a"}
_PLATE_AT = (560, 470, 720, 508)
_VEHICLE_AT = (400, 250, 880, 560)


def jpeg(picture: Image.Image) -> bytes:
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=88)
    return out.getvalue()


def a_plate_picture(text: str, colour: str = "white") -> Image.Image:
    picture = Image.new("RGB", (320, 76), _BACK.get(colour, "white"))
    draw = ImageDraw.Draw(picture)
    draw.rectangle((3, 3, 316, 72), outline=_INK.get(colour, "black"), width=3)
    font = ImageFont.truetype(_FONT, 44) if Path(_FONT).exists() else ImageFont.load_default(44)
    draw.text((160, 38), text, font=font, fill=_INK.get(colour, "black"), anchor="mm")
    return picture


def a_frame_picture(text: str, colour: str = "white", paint: str = "#8a2f2a") -> Image.Image:
    picture = Image.new("RGB", FRAME_WH, "#9fb0b8")
    draw = ImageDraw.Draw(picture)
    draw.polygon([(0, 720), (1280, 720), (860, 180), (420, 180)], fill="#4a4f52")
    for y in range(200, 720, 60):
        draw.rectangle((636, y, 644, y + 28), fill="#d8d8cf")
    x0, y0, x1, y1 = _VEHICLE_AT
    draw.rounded_rectangle((x0 + 60, y0, x1 - 60, y0 + 150), 60, fill=paint)
    draw.rounded_rectangle((x0, y0 + 100, x1, y1 - 20), 40, fill=paint)
    draw.rounded_rectangle((x0 + 90, y0 + 20, x1 - 90, y0 + 110), 40, fill="#22303a")
    draw.ellipse((x0 + 20, y1 - 70, x0 + 110, y1), fill="#16181a")
    draw.ellipse((x1 - 110, y1 - 70, x1 - 20, y1), fill="#16181a")
    plate = a_plate_picture(text, colour).resize((_PLATE_AT[2] - _PLATE_AT[0], _PLATE_AT[3] - _PLATE_AT[1]))
    picture.paste(plate, _PLATE_AT[:2])
    return picture


class EvidenceFolder:
    """Puts pictures where the processors would: under the SHA-256 of their bytes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def put(self, picture: Image.Image) -> dict[str, Any]:
        data = jpeg(picture)
        digest = hashlib.sha256(data).hexdigest()
        key = f"evidence/{digest[:2]}/{digest}.jpg"
        path = self.folder / key
        path.parent.mkdir(parents=True, exist_ok=True)
        # Whole or not at all, as the object store does it: a page that shows the same picture may be reading.
        draft = path.with_suffix(".draft")
        draft.write_bytes(data)
        draft.replace(path)
        return {"key": key, "sha256": digest, "width": picture.width, "height": picture.height}


def pictures_of(
    evidence: EvidenceFolder, text: str, colour: str = "white", paint: str = "#8a2f2a"
) -> dict[str, Any]:
    """The picture columns of a passage."""
    frame = a_frame_picture(text, colour, paint)
    stored = {
        "frame": evidence.put(frame),
        "vehicle": evidence.put(frame.crop(_VEHICLE_AT)),
        "plate": evidence.put(a_plate_picture(text, colour)),
    }
    return {f"{kind}_{name}": value for kind, one in stored.items() for name, value in one.items()}


def a_reading(text: str, confidence: float = 0.973) -> dict[str, Any]:
    """The columns of a reading. The third character is the doubtful one."""
    x0, y0, x1, y1 = _PLATE_AT
    step = (x1 - x0 - 12) / max(len(text), 1)
    doubt = {"0": "O", "1": "7", "8": "B"}
    characters = [
        {
            "character": character,
            "confidence": 0.62 if place == 2 else 0.995,
            "xyxy": [x0 + 6 + place * step, y0 + 6, x0 + 6 + (place + 1) * step - 2, y1 - 6],
            "line": 0,
            "probabilities": {character: 0.62, doubt.get(character, "3"): 0.31}
            if place == 2
            else {character: 0.995},
        }
        for place, character in enumerate(text)
    ]
    other = text[:2] + "7" + text[3:]
    return {
        "text": text,
        "text_read": text,
        "confidence": confidence,
        "accepted": confidence >= 0.8,
        "series": "standard",
        "format_state": text[:2],
        "format_rto": text[2:4],
        "format_valid": True,
        "lines": 1,
        "plate_colour": "white",
        "characters": Jsonb(characters),
        "candidates": Jsonb(
            [{"text": text, "probability": confidence}, {"text": other, "probability": 0.02}]
        ),
        "candidate_texts": [text, other],
        "posterior": Jsonb([one["probabilities"] for one in characters]),
        "corners": Jsonb([[x0, y0], [x1, y0], [x1, y1], [x0, y1]]),
    }


def a_registry_answer() -> dict[str, Any]:
    """The columns of an answer that a simulator gave: the owner is invented."""
    return {
        "registry_status": "found",
        "registry_provider": "surepass",
        "registry_simulated": True,
        "registry_asked_at": NOON + timedelta(seconds=2),
        "vehicle_record": Jsonb(
            {
                "make": "Maruti Suzuki",
                "model": "Swift VXI",
                "vehicle_class": "Motor Car (LMV)",
                "fuel": "Petrol",
                "colour": "Red",
                "registered_on": "2019-07-14",
                "registered_at": "Mumbai (West)",
                "fitness_upto": "2034-07-13",
                "insurance_upto": "2027-01-31",
                "status": "Active",
                "blacklisted": None,
            }
        ),
        "owner_masked": "R*H*L S*A*M*",
    }


def a_sealed_owner(sealer: Sealer, registration: str, **fields: str) -> dict[str, Any]:
    """The columns of personal data. Nobody lives there."""
    personal = PersonalData(**({"owner": "RAHUL SHARMA", "present_address": "12 Invented Street"} | fields))
    token = sealer.seal(msgspec.json.encode(personal), registration=registration)
    return {"sealed_key_id": sealer.key_id, "sealed_personal": token}


def a_passage(text: str | None = "MH12AB1234", **columns: Any) -> dict[str, Any]:
    """A final passage at the camera `gate`; any column can be given another value."""
    at: datetime = columns.get("captured_at", NOON)
    row = {
        "event_id": uuid4(),
        "captured_at": at,
        "best_captured_at": at + timedelta(seconds=1.2),
        "last_captured_at": at + timedelta(seconds=2.4),
        "clock": "rtcp",
        "processed_at": at + timedelta(seconds=3),
        "enriched_at": at + timedelta(seconds=3.2),
        "state": "final",
        "revision": 3,
        "camera": "gate",
        "place": "North gate",
        "direction": "approaching",
        "origin": "live",
        "epoch": "e1",
        "vehicle_class": "car",
        "vehicle_confidence": 0.94,
        "vehicle_xyxy": Jsonb(list(_VEHICLE_AT)),
        "frames": 14,
        "reads": 9,
        "agreement": 0.889,
        "models": Jsonb([{"name": name, "version": "1", "sha256": "ab" * 32} for name in MODELS]),
        "frame_position": Jsonb({"topic": "frames", "partition": 4, "offset": 1234}),
        "event": Jsonb({}),
    }
    reading = a_reading(text) if text else {}
    return row | reading | a_registry_answer() | columns


def insert(connection: psycopg.Connection[Any], table: str, row: dict[str, Any]) -> None:
    query = sql.SQL("INSERT INTO {} ({}) VALUES ({})").format(
        sql.Identifier(table),
        sql.SQL(", ").join(map(sql.Identifier, row)),
        sql.SQL(", ").join(map(sql.Placeholder, row)),
    )
    connection.execute(query, row)


def insert_passage(
    connection: psycopg.Connection[Any], text: str | None = "MH12AB1234", **columns: Any
) -> UUID:
    row = a_passage(text, **columns)
    insert(connection, "passages", row)
    event_id: UUID = row["event_id"]
    return event_id


def notify(connection: psycopg.Connection[Any], *event_ids: UUID) -> None:
    """Tells the boards, as the rows stage does."""
    connection.execute("SELECT pg_notify('plates', %s)", [",".join(map(str, event_ids))])


def insert_camera(
    connection: psycopg.Connection[Any], camera_id: str, *, now: datetime,
    coverage: Mapping[str, Any] | None = None, **columns: Any,
) -> None:  # fmt: skip
    row = {"id": camera_id, "place": "North gate", "state": "live", "last_frame_at": now} | columns
    insert(connection, "cameras", row)
    counts = {"captured": 300, "gated": 0, "sent": 298, "shed": 2, "processed": 298, "plates": 17}
    minute = now.replace(second=0, microsecond=0) - timedelta(minutes=1)
    insert(
        connection,
        "coverage",
        {"camera": camera_id, "minute": minute, "stage": "ingest", "instance": "a", "lag_ms": 140}
        | counts
        | dict(coverage or {}),
    )
