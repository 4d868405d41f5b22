"""AWS Signature Version 4 for httpx: what an S3 server wants on a request.

https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Generator
from datetime import UTC, datetime
from urllib.parse import quote

import httpx

SERVICE = "s3"
ALGORITHM = "AWS4-HMAC-SHA256"


class SignedRequests(httpx.Auth):
    """Signs every request of a client with one account."""

    requires_request_body = True

    def __init__(
        self,
        access_key_id: str,
        secret_access_key: str,
        region: str,
        *,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._id = access_key_id
        self._secret = secret_access_key
        self._region = region
        self._clock = clock

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        moment = self._clock().strftime("%Y%m%dT%H%M%SZ")
        body_hash = hashlib.sha256(request.content).hexdigest()
        request.headers["x-amz-date"] = moment
        request.headers["x-amz-content-sha256"] = body_hash
        scope = f"{moment[:8]}/{self._region}/{SERVICE}/aws4_request"
        signed, canonical = canonical_request(request, body_hash)
        text = f"{ALGORITHM}\n{moment}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
        key = signing_key(self._secret, moment[:8], self._region)
        signature = hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
        request.headers["authorization"] = (
            f"{ALGORITHM} Credential={self._id}/{scope}, SignedHeaders={signed}, Signature={signature}"
        )
        yield request


def canonical_request(request: httpx.Request, body_hash: str) -> tuple[str, str]:
    """Names of the signed headers, and the text that is signed."""
    headers = {
        name.lower(): " ".join(value.split())
        for name, value in request.headers.items()
        if name.lower() in ("host", "content-type", "content-md5") or name.lower().startswith("x-amz-")
    }
    signed = ";".join(sorted(headers))
    lines = "".join(f"{name}:{headers[name]}\n" for name in sorted(headers))
    query = "&".join(
        f"{quote(name, safe='-_.~')}={quote(value, safe='-_.~')}"
        for name, value in sorted(request.url.params.multi_items())
    )
    path = quote(request.url.path, safe="/-_.~")
    return signed, f"{request.method}\n{path}\n{query}\n{lines}\n{signed}\n{body_hash}"


def signing_key(secret: str, day: str, region: str) -> bytes:
    key = f"AWS4{secret}".encode()
    for part in (day, region, SERVICE, "aws4_request"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return key
