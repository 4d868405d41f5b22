"""Failures -> pages that name what is wrong, each with its status; details go to the log alone."""

from __future__ import annotations

import logging

from flask import Flask, flash, make_response, redirect, render_template, request, url_for
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from contracts.errors import Stop, TryAgain
from webapp.database import TooSlow
from webapp.metrics import UPLOADS_REFUSED
from webapp.security import safe_next
from webapp.threads import Busy

log = logging.getLogger(__name__)

_RETRY_SEC = 5
_LINES = {
    400: ("This request cannot be understood", "Something in its address or form does not fit."),
    403: ("This is not open to you", "Your sign-in does not allow this, or the form is too old."),
    404: ("There is nothing here", "The address is wrong, or what it named is no longer kept."),
    405: ("This cannot be done here", "The address exists, but not for this kind of request."),
    410: ("This is not shown", "It is not what was stored, so it is no evidence."),
    413: ("That is too much", "What was sent is larger than the portal takes."),
    429: ("Too many tries", "Wait a minute, then try again."),
    500: ("Something broke in the portal", "It was written to the log. Trying again may help."),
}


def install(app: Flask) -> None:
    """Registers a page for every kind of failure."""
    app.register_error_handler(CSRFError, form_too_old)
    app.register_error_handler(HTTPException, http_error)
    app.register_error_handler(TryAgain, away)
    app.register_error_handler(Busy, busy)
    app.register_error_handler(TooSlow, too_slow)
    app.register_error_handler(Stop, misconfigured)


def form_too_old(_: CSRFError) -> Response:
    """A form without its token: opened long ago, in another session, or not by us."""
    if request.endpoint == "sign_in.sign_in":
        # Left open over night it is the first page of the morning. A fresh one has its token.
        flash("Sign in once more: this page was open for long, or your browser keeps no cookies.")
        return redirect(url_for("sign_in.form", next=safe_next(request.form.get("next"))))
    return error_page(403, title="The form is too old", line="Open the page again and repeat what you did.")


def http_error(error: HTTPException) -> Response:
    status = error.code or 500
    if status < 400:
        return error.get_response()
    if status >= 500 and error.__cause__ is None and request.path:
        log.error("%s %s ended with %d", request.method, request.path, status)
    if status == 413 and request.endpoint == "uploads.take":
        UPLOADS_REFUSED.labels("bytes").inc()
    title, line = _LINES.get(status, _LINES[500] if status >= 500 else _LINES[400])
    return error_page(status, title=title, line=line)


def away(error: TryAgain) -> Response:
    """A dependency does not answer: the page says which one and opens itself again."""
    log.warning("%s %s: %s", request.method, request.path, error)
    opened = request.method == "GET"
    response = error_page(
        503,
        title=f"The {error.dependency} is away",
        line="The rest of the portal goes on. This page tries again by itself."
        if opened
        else "What you sent was not taken. Send it again when it is back.",
        again=opened,
    )
    response.headers["Retry-After"] = str(_RETRY_SEC)
    return response


def busy(error: Busy) -> Response:
    """Everything is there, only too much of it is wanted at once."""
    log.warning("%s %s: %s", request.method, request.path, error)
    response = error_page(
        503,
        title="The portal is busy",
        line="Too much is wanted at once. Try again in a few seconds.",
        again=request.method == "GET",
    )
    response.headers["Retry-After"] = str(_RETRY_SEC)
    return response


def too_slow(error: TooSlow) -> Response:
    """Opened again by itself, the page would only ask for as much again."""
    log.warning("%s %s: %s", request.method, request.path, error)
    return error_page(
        503,
        title="The database took too long",
        line="It is there, but what this page asks for was too much for it.",
    )


def misconfigured(error: Stop) -> Response:
    log.error("%s %s: %s", request.method, request.path, error)
    return error_page(
        503,
        title="The portal is not set up rightly",
        line="The one who runs it finds the reason in the portal's log.",
    )


def error_page(status: int, *, title: str, line: str, again: bool = False) -> Response:
    """What went wrong, and what one can do; with `again` the page opens itself again."""
    if request.endpoint in {"pictures.show", "uploads.picture", "cameras.picture"}:
        return make_response(title, status, {"Content-Type": "text/plain; charset=utf-8"})
    template = "error_part.html" if "HX-Request" in request.headers else "error.html"
    return make_response(
        render_template(
            template, status=status, title=title, line=line, again_after=_RETRY_SEC if again else None
        ),
        status,
    )
