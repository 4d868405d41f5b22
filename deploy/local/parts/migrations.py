"""Brings the stack's database to this version's schema. Run as a process."""

from __future__ import annotations

import logging
import os
import sys

from contracts.errors import Stop, TryAgain
from deploy.migrate import migrate

log = logging.getLogger(__name__)


def main() -> int:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    try:
        applied = migrate(os.environ["PLATESTREAM_DATABASE"])
    except (Stop, TryAgain) as error:
        log.error("%s", error)  # noqa: TRY400 (one line for people; the cause is in it)
        return 1
    log.info("migrations applied: %s", ", ".join(applied) or "none, all were there")
    return 0


if __name__ == "__main__":
    sys.exit(main())
