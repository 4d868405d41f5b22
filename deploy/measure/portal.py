"""A signed-in browser at the portal, without the browser."""

from __future__ import annotations

import re
from contextlib import AbstractContextManager
from uuid import UUID

import httpx

from contracts.errors import Stop

WITHIN_SEC = 20.0
_CSRF = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')


class PortalUser:
    """Signs in, then asks as this user until closed.

    Raises:
        Stop: the portal refuses what is asked. `httpx.HTTPError`: it does not answer.
    """

    def __init__(self, portal: str, *, name: str, password: str) -> None:
        self._client = httpx.Client(base_url=portal, timeout=WITHIN_SEC, follow_redirects=True)
        try:
            self._sign_in(name, password)
        except BaseException:
            self.close()
            raise

    def get(self, path: str) -> httpx.Response:
        return self._client.get(path)

    def stream(self, path: str) -> AbstractContextManager[httpx.Response]:
        """An answer that goes on for as long as one listens."""
        return self._client.stream("GET", path, timeout=None)

    def upload(self, name: str, jpeg: bytes) -> UUID:
        """Hands in a picture; the id under which the portal keeps it."""
        answer = self._client.post(
            "/uploads",
            data={"csrf_token": self._token("/uploads")},
            files={"picture": (name, jpeg, "image/jpeg")},
            follow_redirects=False,
        )
        if answer.status_code != httpx.codes.FOUND:
            raise Stop(f"the portal does not take {name}: status {answer.status_code}")
        return UUID(answer.headers["Location"].rpartition("/")[2])

    def close(self) -> None:
        self._client.close()

    def _sign_in(self, name: str, password: str) -> None:
        answer = self._client.post(
            "/sign-in", data={"name": name, "password": password, "csrf_token": self._token("/sign-in")}
        )
        if answer.status_code != httpx.codes.OK or "/sign-in" in str(answer.url):
            raise Stop(f"the portal refused the sign-in: status {answer.status_code}")

    def _token(self, path: str) -> str:
        """What a form of this page carries, so that nobody else can send it."""
        found = _CSRF.search(self.get(path).text)
        return found.group(1) if found else ""
