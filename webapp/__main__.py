"""`python -m webapp`: the portal under gunicorn with one gevent worker, by the environment's settings."""

# Everything imported below must already meet gevent's versions of sockets, locks and time.
from gevent import monkey

monkey.patch_all()

import logging  # noqa: E402
import os  # noqa: E402
import sys  # noqa: E402
from typing import Any  # noqa: E402

from flask import Flask  # noqa: E402
from gunicorn.app.base import BaseApplication  # noqa: E402
from gunicorn.arbiter import Arbiter  # noqa: E402

from contracts.errors import Stop  # noqa: E402
from webapp import health  # noqa: E402
from webapp.app import create_app  # noqa: E402
from webapp.live import listener  # noqa: E402
from webapp.settings import Settings, from_environment  # noqa: E402
from webapp.uploads import sending  # noqa: E402

log = logging.getLogger(__name__)

_EXIT_MISCONFIGURED = 2


class Portal(BaseApplication):
    """One worker: limits, measures and the listening connection belong to a process.

    More capacity is more portals behind a proxy, not more workers in one.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        super().__init__()

    def load_config(self) -> None:
        options: dict[str, Any] = {
            # Our own settings come from the environment alone, gunicorn's from here alone.
            "bind": str(self._settings.http),
            "worker_class": "gevent",
            "workers": 1,
            "worker_connections": 2000,
            "timeout": 60,
            # Boards hold their streams open: waiting for them to end would only delay the stop.
            "graceful_timeout": 1,
            "keepalive": 5,
            "limit_request_line": 4094,
            "forwarded_allow_ips": "127.0.0.1",
            "proc_name": "platestream-webapp",
            "errorlog": "-",
            "loglevel": "warning",
        }
        for name, value in options.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:  # type: ignore[override]
        try:
            app = create_app(self._settings)
            start_background(app, self._settings)
        except Stop as reason:
            log.error("webapp cannot start: %s", reason)  # noqa: TRY400
            sys.exit(Arbiter.APP_LOAD_ERROR)
        log.info("the portal is at http://%s", self._settings.http)
        return app


def start_background(app: Flask, settings: Settings) -> None:
    """What goes on beside the requests: the listening connection, late uploads, the health page."""
    listener.start(app)
    sending.start(app)
    if settings.health is not None:
        health.start(app, settings.health)


def main() -> None:
    logging.basicConfig(
        level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s", stream=sys.stderr
    )
    try:
        settings = from_environment(os.environ)
        Portal(settings).run()
    except Stop as reason:
        log.error("webapp cannot start: %s", reason)  # noqa: TRY400
        sys.exit(_EXIT_MISCONFIGURED)


if __name__ == "__main__":
    main()
