"""FOLDER with root.json, evidence-writer.json, web.json -> the S3 server's accounts, buckets, policies."""

from __future__ import annotations

import sys
from pathlib import Path

from contracts.errors import Stop, TryAgain
from deploy.object_store.provision import Account, Provisioner


def main(folder: Path) -> int:
    try:
        Provisioner(Account.from_file(folder / "root.json")).provision(
            writer=Account.from_file(folder / "evidence-writer.json"),
            web=Account.from_file(folder / "web.json"),
        )
    except (Stop, TryAgain) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
