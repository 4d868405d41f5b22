"""Evidence in a folder and on a real S3 server: one suite for both, by the parts that write and read."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import msgspec
import numpy as np
import pytest
import simplejpeg

from contracts.errors import Rejected, Stop, TryAgain
from deploy.object_store import policies
from deploy.object_store.provision import Account
from processors.adapters.evidence import ObjectStoreEvidence
from tests.integration.s3_server import S3
from webapp.pictures import PictureShelf, open_shelf


@dataclass(frozen=True)
class Place:
    """One store as each side opens it."""

    evidence: ObjectStoreEvidence
    evidence_at_the_portal: PictureShelf
    uploads_at_the_portal: PictureShelf


def a_folder(folder: Path) -> Place:
    evidence, uploads = (folder / "evidence").as_uri(), (folder / "uploads").as_uri()
    return Place(
        ObjectStoreEvidence.open(evidence),
        open_shelf(evidence, name="evidence", s3_file=None),
        open_shelf(uploads, name="uploads", s3_file=None),
    )


def fields(account: Account) -> dict[str, str]:
    return {name: str(value) for name, value in msgspec.to_builtins(account).items()}


def an_s3(s3: S3) -> Place:
    return Place(
        ObjectStoreEvidence.open(s3.evidence_url, account=fields(s3.writer)),
        open_shelf(s3.evidence_url, name="evidence", s3_file=s3.web_file),
        open_shelf(s3.uploads_url, name="uploads", s3_file=s3.web_file),
    )


@pytest.fixture(params=["folder", "s3"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    if request.param == "folder":
        return a_folder(tmp_path)
    return an_s3(request.getfixturevalue("s3"))


def a_jpeg(shade: int, *, width: int = 64, height: int = 40) -> bytes:
    return bytes(simplejpeg.encode_jpeg(np.full((height, width, 3), shade, np.uint8)))


async def test_a_picture_is_kept_under_its_checksum_and_the_portal_reads_it(place: Place) -> None:
    jpeg = a_jpeg(1)
    stored = await place.evidence.add(jpeg)
    assert stored.sha256 == hashlib.sha256(jpeg).hexdigest()
    assert stored.key == f"evidence/{stored.sha256[:2]}/{stored.sha256}.jpg"
    assert (stored.width, stored.height) == (64, 40)
    assert place.evidence_at_the_portal.read(key=stored.key) == jpeg


async def test_adding_the_same_picture_again_is_one_object(place: Place) -> None:
    jpeg = a_jpeg(2)
    again = await asyncio.gather(*(place.evidence.add(jpeg) for _ in range(8)))
    assert len({stored.key for stored in again}) == 1
    assert place.evidence_at_the_portal.read(key=again[0].key) == jpeg


async def test_what_is_no_jpeg_is_refused_and_not_kept(place: Place) -> None:
    for junk in (b"", b"GIF89a", b"\xff\xd8\xff\xe0 truncated"):
        with pytest.raises(Rejected, match="no JPEG"):
            await place.evidence.add(junk)


def test_a_picture_that_was_never_kept_is_none(place: Place) -> None:
    assert place.evidence_at_the_portal.read(key=f"evidence/00/{'0' * 64}.jpg") is None


def test_the_portal_keeps_and_reads_uploads(place: Place) -> None:
    jpeg = a_jpeg(3)
    place.uploads_at_the_portal.write(key="uploads/one.jpg", picture=jpeg)
    assert place.uploads_at_the_portal.read(key="uploads/one.jpg") == jpeg


def test_the_adding_side_has_no_way_to_read_or_remove() -> None:
    public = {name for name in dir(ObjectStoreEvidence) if not name.startswith("_")}
    assert public == {"open", "add", "add_reads"}


def denied(act: Callable[[], object]) -> bool:
    with pytest.raises(Stop):
        act()
    return True


async def test_on_s3_the_portal_cannot_add_evidence_and_processors_cannot_touch_uploads(s3: S3) -> None:
    place = an_s3(s3)
    assert denied(lambda: place.evidence_at_the_portal.write(key="evidence/a.jpg", picture=a_jpeg(4)))
    uploads = ObjectStoreEvidence.open(s3.uploads_url, account=fields(s3.writer))
    with pytest.raises(Stop, match="PermissionDenied"):
        await uploads.add(a_jpeg(5))
    reader = open_shelf(s3.evidence_url, name="evidence", s3_file=s3.writer_file)
    stored = await place.evidence.add(a_jpeg(6))
    assert denied(lambda: reader.read(key=stored.key))


async def test_a_wrong_secret_or_bucket_stops_and_the_secret_is_not_shown(s3: S3) -> None:
    wrong = fields(s3.writer) | {"secret_access_key": "not-the-secret"}
    for address, account in (
        (s3.evidence_url, wrong),
        (f"s3://{policies.EVIDENCE}-elsewhere/x", fields(s3.root)),
    ):
        with pytest.raises(Stop) as stopped:
            await ObjectStoreEvidence.open(address, account=account).add(a_jpeg(7))
        assert "secret" not in str(stopped.value)


async def test_a_store_that_is_away_is_waited_for(tmp_path: Path) -> None:
    account = {"access_key_id": "a", "secret_access_key": "b", "endpoint": "http://127.0.0.1:9"}
    with pytest.raises(TryAgain, match="evidence store"):
        await ObjectStoreEvidence.open("s3://somewhere/x", account=account).add(a_jpeg(8))


@pytest.mark.parametrize(
    ("address", "account"),
    [
        ("ftp://x/y", None),
        ("s3://bucket/x", None),
        ("s3://bucket/x", {"access_key_id": "a"}),
        ("s3://bucket/x", {"access_key_id": "a", "secret_access_key": "b", "endpoint": "c", "more": "d"}),
        ("file:///proc/nowhere/evidence", None),
    ],
)
def test_a_wrong_setting_stops(address: str, account: dict[str, str] | None) -> None:
    with pytest.raises(Stop):
        ObjectStoreEvidence.open(address, account=account)
