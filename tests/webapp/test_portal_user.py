"""The browser without a browser, by which drill and bench use the portal."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest

from contracts.errors import Stop
from deploy.measure.portal import PortalUser
from tests.webapp.builders import a_frame_picture, jpeg
from tests.webapp.conftest import NAME, PASSWORD, Portal
from tests.webapp.process import Process, portal_process


@pytest.fixture(scope="module")
def process(portal: Portal, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    with portal_process(portal.settings, tmp_path_factory.mktemp("process")) as running:
        yield running


def test_a_picture_that_is_handed_in_is_kept_under_the_id_that_it_is_given(
    portal: Portal, process: Process
) -> None:
    with closing(PortalUser(process.url, name=NAME, password=PASSWORD)) as user:
        upload = user.upload("still.jpg", jpeg(a_frame_picture("MH12AB1234")))
        with pytest.raises(Stop, match="status 422"):
            user.upload("notes.jpg", b"no picture")

    rows = portal.connection.execute("SELECT file_name FROM uploads WHERE id = %s", [upload]).fetchall()
    assert rows == [("still.jpg",)]


def test_a_wrong_password_is_told(process: Process) -> None:
    with pytest.raises(Stop, match="refused the sign-in"):
        PortalUser(process.url, name=NAME, password="wrong")
