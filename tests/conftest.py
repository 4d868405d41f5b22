"""For every test: nothing of this installation leaks in, and hypothesis is the same on every machine."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

# The real parts, for every test that asks for one. Pytest takes plugins from this conftest alone.
pytest_plugins = ["tests.integration.parts"]

settings.register_profile(
    "platestream",
    deadline=None,  # shared machines are slow at times; a time limit would make good code fail
    max_examples=50,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("platestream")


@pytest.fixture(autouse=True, scope="session")
def _no_variables_of_an_installation() -> Iterator[None]:
    """A running stack's variables in the caller's shell must not decide what a test sees."""
    patch = pytest.MonkeyPatch()
    for name in [name for name in os.environ if name.startswith("PLATESTREAM_")]:
        patch.delenv(name)
    yield
    patch.undo()
