"""Asks a registry over HTTPS in its dialect, once; whatever happens there becomes an `Outcome`."""

from __future__ import annotations

import asyncio
from types import TracebackType
from urllib.parse import urlsplit

import httpx

from contracts.errors import Stop
from processors.registry.answers import Answer, Dialect, Outcome, Reply
from processors.registry.regcheck import Regcheck
from processors.registry.surepass import Surepass

DIALECTS: dict[str, type[Dialect]] = {"surepass": Surepass, "regcheck": Regcheck}
# A record has a few kilobytes; a body beyond this is not read to its end.
_MOST_BODY_BYTES = 512 * 1024


class HttpRegistry:
    """`Registry` over httpx. One connection pool for the process."""

    def __init__(self, address: str, dialect: Dialect, *, key: str, timeout_sec: float = 30.0) -> None:
        """
        Raises:
            Stop: the address is no http(s) address, or has credentials in it.
        """
        _check_address(address)
        self._dialect = dialect
        self._key = key
        self._timeout_sec = timeout_sec
        self._client = httpx.AsyncClient(
            base_url=address,
            # No limit of its own: whoever asks decides how many do at once, and waiting there is no failure.
            timeout=httpx.Timeout(timeout_sec, connect=5.0, pool=None),
            limits=httpx.Limits(max_connections=None, max_keepalive_connections=16),
            # A redirect would carry the key elsewhere.
            follow_redirects=False,
            # The address is settings; proxies and .netrc of the machine must not change where a key goes.
            trust_env=False,
        )

    def __repr__(self) -> str:
        return f"HttpRegistry({self.provider}, {self._client.base_url})"

    @property
    def provider(self) -> str:
        return self._dialect.provider

    async def __aenter__(self) -> HttpRegistry:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        await self._client.aclose()

    async def ask(self, registration: str) -> Answer:
        """See `processors.registry.answers.Registry`."""
        try:
            # httpx bounds each read, which a trickling server passes; this bounds the whole.
            async with asyncio.timeout(self._timeout_sec):
                reply = await self._post(registration)
        except (TimeoutError, httpx.TimeoutException):
            return Answer(outcome=Outcome.TIMEOUT, reason=f"no answer within {self._timeout_sec:g} s")
        except httpx.HTTPError as error:
            return Answer(outcome=Outcome.UPSTREAM_DOWN, reason=type(error).__name__)
        if reply is None:
            return Answer(outcome=Outcome.MALFORMED, reason=f"more than {_MOST_BODY_BYTES} bytes")
        return self._dialect.understand(reply, registration=registration)

    async def _post(self, registration: str) -> Reply | None:
        request = self._dialect.request(registration, key=self._key)
        async with self._client.stream(
            "POST", request.path, headers=request.headers, json=request.json, data=request.form
        ) as response:
            body = bytearray()
            async for chunk in response.aiter_bytes():
                body += chunk
                if len(body) > _MOST_BODY_BYTES:
                    return None
            headers = {name.lower(): value for name, value in response.headers.items()}
            return Reply(status=response.status_code, headers=headers, body=bytes(body))


def open_registry(address: str, *, dialect: str, key: str, timeout_sec: float = 30.0) -> HttpRegistry:
    """The registry that the settings name.

    Raises:
        Stop: unknown dialect, a key that cannot stand in a header, impossible address.
    """
    if dialect not in DIALECTS:
        raise Stop(f"registry dialect {dialect!r}: known are {', '.join(sorted(DIALECTS))}")
    if not key.isascii() or not key.isprintable() or not key or " " in key:
        raise Stop(f"registry key for {dialect}: it must be printable characters on one line")
    return HttpRegistry(address, DIALECTS[dialect](), key=key, timeout_sec=timeout_sec)


def _is_near(host: str) -> bool:
    """This machine, or a name of the network of containers: those have no dot."""
    return host in ("localhost", "127.0.0.1", "::1") or ("." not in host and ":" not in host)


def _check_address(address: str) -> None:
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise Stop(f"registry address {parts.scheme}://{parts.hostname or ''}: no http or https address")
    if parts.scheme == "http" and not _is_near(parts.hostname):
        raise Stop(f"registry address of {parts.hostname}: a key and owners' data travel by https alone")
    if parts.username or parts.password or parts.query:
        raise Stop(f"registry address of {parts.hostname}: credentials belong into the key file")
