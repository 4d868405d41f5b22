"""Browser libraries and fonts that npm put into the set-up folder -> the portal's own addresses."""

from __future__ import annotations

from flask import Blueprint, abort, send_file
from werkzeug.wrappers import Response

from webapp.parts import parts

blueprint = Blueprint("files", __name__)

# Only these are served: a name in the address never becomes part of a path.
_FILES = {
    "htmx.js": ("htmx.org/dist/htmx.min.js", "text/javascript"),
    "inter.woff2": ("@fontsource-variable/inter/files/inter-latin-wght-normal.woff2", "font/woff2"),
    "plate-600.woff2": ("@fontsource/overpass-mono/files/overpass-mono-latin-600-normal.woff2", "font/woff2"),
    "plate-700.woff2": ("@fontsource/overpass-mono/files/overpass-mono-latin-700-normal.woff2", "font/woff2"),
}
_DAY_SEC = 24 * 3600


@blueprint.get("/vendor/<name>")
def vendor(name: str) -> Response:
    found = _FILES.get(name)
    if found is None:
        abort(404)
    path, kind = found
    whole = parts().settings.web_files / path
    if not whole.is_file():
        abort(404)
    response = send_file(whole, mimetype=kind, conditional=True, max_age=_DAY_SEC)
    response.headers["Cache-Control"] = f"public, max-age={_DAY_SEC}"
    return response
