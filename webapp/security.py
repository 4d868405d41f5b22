"""Every request -> known user or sign-in page, safe headers, forms with tokens, bounded rates."""

from __future__ import annotations

import logging
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from flask import Flask, abort, flash, redirect, request, url_for
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_login import LoginManager, UserMixin, current_user
from flask_talisman import Talisman
from flask_wtf.csrf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.wrappers import Response

from contracts.errors import Stop
from webapp.settings import Settings
from webapp.users import AUDITOR, INVESTIGATOR, User, UsersFile

log = logging.getLogger(__name__)

_MIN_KEY_BYTES = 32
_SESSION_LIFE = timedelta(hours=12)
# Forms are short; a picture comes to one address alone, and only from those who are signed in.
_MOST_FORM_BYTES = 16 * 1024
_UPLOAD_ENDPOINT = "uploads.take"
_UPLOAD_FORM = "uploads.form"
_PAGE_OF_EXPORT = {"search.export": "search.show", "audit.export": "audit.show"}
_OWNER_ENDPOINT = "owners.show"
_UPLOAD_READ_AT_MOST = 2
"""Up to twice an upload's limit is read, so that a file which is too large can be refused by its name."""
# Pages that a stranger may see. Everything else, unknown addresses included, asks for a sign-in.
_OPEN_ENDPOINTS = frozenset({"sign_in.form", "sign_in.sign_in", "static", "files.vendor", "health.healthz"})
_ROLE_NEEDED = {"audit": AUDITOR}
"""Blueprint -> the role without which none of its pages is shown."""
_POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "font-src": "'self'",
    "img-src": "'self' blob:",
    "connect-src": "'self'",
    "manifest-src": "'self'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
    "base-uri": "'none'",
}

limiter = Limiter(get_remote_address, storage_uri="memory://", headers_enabled=True)
csrf = CSRFProtect()


class SignedIn(UserMixin):  # type: ignore[misc]
    """The user of a session. Its id carries the password's stamp, so a new password ends old sessions."""

    def __init__(self, name: str, user: User) -> None:
        self.name = name
        self.roles = user.roles
        self.may_audit = AUDITOR in user.roles
        self.may_see_owners = INVESTIGATOR in user.roles
        self.id = f"{name}:{user.stamp}"


def secure(app: Flask, settings: Settings, users: UsersFile) -> None:
    """Puts every guard in front of the application's pages."""
    app.config.update(
        SECRET_KEY=session_key(settings.secrets / "session.key"),
        SESSION_COOKIE_NAME="platestream",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.https,
        PERMANENT_SESSION_LIFETIME=_SESSION_LIFE,
        WTF_CSRF_TIME_LIMIT=None,
        MAX_CONTENT_LENGTH=_MOST_FORM_BYTES,
    )
    if settings.https:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1, x_proto=1, x_host=1)  # type: ignore[method-assign]
    # In this order they see a request. Rates and tokens read its body, so strangers are sent away before.
    _headers(app, https=settings.https)
    _sessions(app, users, most_upload_bytes=settings.max_upload_bytes * _UPLOAD_READ_AT_MOST)
    limiter.init_app(app)
    csrf.init_app(app)


def session_key(path: Path) -> bytes:
    """The key that signs sessions.

    Raises:
        Stop: the file is missing, or too short to be a key.
    """
    try:
        key = path.read_bytes().strip()
    except OSError as error:
        raise Stop(f"session key {path}: {type(error).__name__}") from error
    if len(key) < _MIN_KEY_BYTES:
        raise Stop(f"session key {path}: {len(key)} bytes, at least {_MIN_KEY_BYTES} are needed")
    return key


def safe_next(target: str | None) -> str | None:
    """A place inside the portal to go on to; None for anything that could lead elsewhere."""
    if not target or not target.startswith("/") or target.startswith(("//", "/\\")):
        return None
    parts = urlsplit(target)
    odd = any(ord(character) < 0x20 or character == "\\" for character in target)
    return None if parts.scheme or parts.netloc or odd else target


def _headers(app: Flask, *, https: bool) -> None:
    Talisman(
        app,
        force_https=https,
        strict_transport_security=https,
        session_cookie_secure=https,
        session_cookie_samesite="Lax",
        content_security_policy=_POLICY,
        referrer_policy="same-origin",
        permissions_policy={"camera": "()", "microphone": "()", "geolocation": "()", "interest-cohort": "()"},
        x_xss_protection=False,
    )

    @app.after_request
    def keep_private(response: Response) -> Response:
        # What a signed-in user sees must not stay in a shared cache.
        if "Cache-Control" not in response.headers:
            response.headers["Cache-Control"] = "private, no-store"
        return response


def _sessions(app: Flask, users: UsersFile, *, most_upload_bytes: int) -> None:
    manager = LoginManager(app)
    manager.session_protection = "basic"

    @manager.user_loader  # type: ignore[untyped-decorator]
    def load(session_id: str) -> SignedIn | None:
        try:
            found = users.of_session(session_id)
        except Stop as reason:
            # Nobody is let in by a users file that cannot be read; the pages must still be able to say so.
            log.error("%s", reason)  # noqa: TRY400
            return None
        return SignedIn(*found) if found is not None else None

    @app.before_request
    def deny_by_default() -> Response | None:
        if request.endpoint in _OPEN_ENDPOINTS:
            return None
        if not current_user.is_authenticated:
            return ask_to_sign_in()
        role = _ROLE_NEEDED.get(request.blueprint or "")
        if role is not None and role not in current_user.roles:
            log.warning("%s is no %s: %s is not shown", current_user.name, role, request.path)
            abort(403)
        if request.endpoint == _UPLOAD_ENDPOINT:
            request.max_content_length = most_upload_bytes
        return None


def ask_to_sign_in() -> Response:
    """To the sign-in page, and afterwards back to where the visitor wanted to go."""
    if request.endpoint in {_UPLOAD_ENDPOINT, _OWNER_ENDPOINT}:
        flash("What you sent was not taken: you were not signed in any more.")
    wanted = _place_wanted()
    target = url_for("sign_in.form", next=wanted if wanted != "/" else None)
    if "HX-Request" in request.headers:
        # htmx would put the sign-in page into a corner of the present one.
        return Response(status=401, headers={"HX-Redirect": target})
    if request.accept_mimetypes.best == "text/event-stream":
        return Response(status=401)
    return redirect(target)


def _place_wanted() -> str | None:
    if request.endpoint == _UPLOAD_ENDPOINT:
        return url_for(_UPLOAD_FORM)
    if request.endpoint == _OWNER_ENDPOINT:
        return url_for("passages.show", **(request.view_args or {}))
    if request.endpoint in _PAGE_OF_EXPORT:
        # A file would come and the sign-in page stay: back to the page that it is of.
        return f"{url_for(_PAGE_OF_EXPORT[request.endpoint])}?{request.query_string.decode(errors='replace')}"
    # A path without a query has a ? behind it there; one at the end of a query stands for a character.
    place = request.full_path if request.query_string else request.path
    return safe_next(place) if request.method == "GET" else None
