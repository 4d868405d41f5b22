"""The state folder that a command works on: the one that the environment names, else the checkout's."""

from __future__ import annotations

import os

from deploy.local.folders import State, state_folder


def state_here() -> State:
    return state_folder(os.environ)
