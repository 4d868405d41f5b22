"""`python -m deploy.demo`: the demo, told by environment variables what `make demo` was told."""

from __future__ import annotations

import logging
import os
import signal
import sys

INTERRUPTED = 128 + signal.SIGINT


def main() -> int:
    """Exit status 0 when every stage worked and nothing was lost, 1 otherwise, 130 when it was broken off
    before it had begun."""
    # While the libraries load, Ctrl-C ends the program without a word.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    from rich.console import Console
    from rich.text import Text

    from contracts.errors import PlatestreamError
    from deploy.demo.options import options_from
    from deploy.demo.run import run_demo
    from deploy.local.folders import state_folder

    signal.signal(signal.SIGINT, signal.default_int_handler)
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    # The demo says itself which process is away, once; the client would say it several times a second.
    logging.getLogger("librdkafka").setLevel(logging.CRITICAL)
    console = Console(highlight=False)
    try:
        return run_demo(options_from(os.environ), state_folder(os.environ), console)
    except PlatestreamError as error:
        console.print(Text(str(error), style="red"), soft_wrap=True)
        return 1
    except KeyboardInterrupt:
        console.show_cursor()  # a progress bar hides it
        console.print("[red]interrupted[/red]")
        return INTERRUPTED


if __name__ == "__main__":
    sys.exit(main())
