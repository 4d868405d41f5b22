"""Who may do what with the two buckets, as S3 bucket policies. Nobody else may do anything.

Processors may add evidence and do nothing else with it, not even read it back; the portal may read it.
Uploads belong to the portal alone. That evidence is not replaced is not said here, since the condition
`s3:if-none-match` is known to few servers: the writer asks for it, and a picture's key is its own SHA-256.
"""

from __future__ import annotations

from typing import Any

EVIDENCE, UPLOADS = "platestream-evidence", "platestream-uploads"
Policy = dict[str, Any]


def evidence(*, writer: str, web: str, bucket: str = EVIDENCE) -> Policy:
    """`writer` and `web` are the principals as the server names them (access keys, or ARNs)."""
    return policy(
        allow(writer, ["s3:PutObject"], f"{bucket}/*"),
        allow(web, ["s3:GetObject"], f"{bucket}/*"),
        # Without it S3 says "denied" for a picture that is not there; the portal tells the two apart.
        allow(web, ["s3:ListBucket"], bucket),
    )


def uploads(*, web: str, bucket: str = UPLOADS) -> Policy:
    return policy(
        allow(web, ["s3:GetObject", "s3:PutObject"], f"{bucket}/*"),
        allow(web, ["s3:ListBucket"], bucket),
    )


def policy(*statements: dict[str, Any]) -> Policy:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def allow(principal: str, actions: list[str], resource: str) -> dict[str, Any]:
    return {
        "Effect": "Allow",
        "Principal": {"AWS": [principal]},
        "Action": actions,
        "Resource": [f"arn:aws:s3:::{resource}"],
    }
