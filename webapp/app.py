"""Settings -> the Flask application with all its pages and guards."""

from __future__ import annotations

from flask import Flask

from webapp import formatting, health, security
from webapp.pages import (
    audit,
    board,
    cameras,
    errors,
    files,
    owners,
    passages,
    pictures,
    search,
    sign_in,
    uploads,
)
from webapp.parts import Parts, install, make_parts
from webapp.settings import Settings


def create_app(settings: Settings, *, made: Parts | None = None) -> Flask:
    """The portal. Nothing runs in the background until `start_background`."""
    app = Flask("webapp")
    made = made or make_parts(settings)
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    install(app.extensions, made)
    formatting.install(app, made.zone)
    errors.install(app)
    security.secure(app, settings, made.users)
    for page in (board, search, passages, owners, pictures, uploads, cameras, audit, sign_in, files, health):
        app.register_blueprint(page.blueprint)
    return app
