"""`python3 -m deploy.setup [train]`: everything that platestream needs, into `.stack` of the checkout."""

from __future__ import annotations

import sys

from deploy.setup.platform_check import complain
from deploy.setup.steps import basic_steps, training_steps
from deploy.setup.work import SetupFailed, run_steps


def main(arguments: list[str]) -> int:
    complaint = complain()
    if complaint is not None:
        print(f"setup: {complaint}", file=sys.stderr)
        return 1
    steps = training_steps() if arguments == ["train"] else basic_steps()
    try:
        run_steps(steps)
    except SetupFailed as failure:
        print(f"setup: {failure}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("setup: interrupted; the next run goes on from here", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
