"""NVIDIA Triton from its wheel, serving the model repository; nothing outside 127.0.0.1 reaches it."""

from __future__ import annotations

import os
import shutil
import sys
import sysconfig
from pathlib import Path

from contracts.errors import Stop
from deploy.local.folders import CHECKOUT, Installed, State
from deploy.local.plan import Probe, ProcessSpec
from deploy.local.ports import HOST

BACKEND_SOURCE = CHECKOUT / "triton_models" / "backends" / "onnxruntime" / "model.py"


def spec(
    installed: Installed, state: State, repository: Path, ports: dict[str, int], run: str
) -> ProcessSpec:
    """The server with our ONNX Runtime backend laid out in the state folder."""
    packages = site_packages(installed)
    server = packages / "pytriton" / "tritonserver"
    if not (server / "bin" / "tritonserver").exists():
        raise Stop(f"Triton is not installed in {installed.triton_env}: run make setup")
    backends = lay_out_backend(server, state.root / "triton" / "backends")
    return ProcessSpec(
        name="triton",
        command=[
            str(server / "bin" / "tritonserver"),
            f"--model-repository={repository}",
            f"--backend-directory={backends}",
            # Names the shared memory of this run, so that what a killed server left can be told apart.
            f"--backend-config=python,shm-region-prefix-name={shared_memory_prefix(run)}",
            "--backend-config=python,stub-timeout-seconds=120",
            f"--http-address={HOST}",
            f"--grpc-address={HOST}",
            f"--metrics-address={HOST}",
            f"--http-port={ports['http']}",
            f"--grpc-port={ports['grpc']}",
            f"--metrics-port={ports['metrics']}",
            "--exit-timeout-secs=5",
            "--allow-gpu-metrics=false",
            "--log-verbose=0",
        ],
        env=_environment(installed, packages),
        cwd=str(CHECKOUT),
        probe=Probe(host=HOST, port=ports["http"], path="/v2/health/ready"),
        ports=ports,
        grace_sec=8.0,
    )


def _environment(installed: Installed, packages: Path) -> dict[str, str]:
    return {
        "LD_LIBRARY_PATH": f"{packages / 'nvidia_pytriton.libs'}:{python_library_folders()}",
        # The embedded Python takes its standard library from beside the first `python3` in PATH, and
        # heeds no PYTHONHOME: another Python there, or none, and no model loads.
        "PATH": f"{installed.triton_env / 'bin'}:{os.defpath}",
        "PYTHONPATH": f"{packages}:{CHECKOUT}",
        "PYTHONDONTWRITEBYTECODE": "1",
        "TF_CPP_MIN_LOG_LEVEL": "2",
    }


def shared_memory_prefix(run: str) -> str:
    return f"platestream_{run}_"


def site_packages(installed: Installed) -> Path:
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    return installed.triton_env / "lib" / version / "site-packages"


def lay_out_backend(server: Path, folder: Path) -> Path:
    """Our model.py beside the two files of the wheel that a Python-based backend needs."""
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    backend = folder / "onnxruntime"
    backend.mkdir(parents=True, exist_ok=True)
    for source in (
        BACKEND_SOURCE,
        server / "backends" / "python" / "triton_python_backend_utils.py",
        server / "python_backend_stubs" / version / "triton_python_backend_stub",
    ):
        if not source.exists():
            raise Stop(f"Triton's wheel has no Python backend for Python {version}: {source.name} is missing")
        shutil.copy2(source, backend / source.name)
    python_backend = folder / "python"
    python_backend.unlink(missing_ok=True)
    python_backend.symlink_to(server / "backends" / "python")
    return folder


def python_library_folders() -> str:
    """Where libpython may lie: a Python that was moved after it was built does not know its own place."""
    return f"{sysconfig.get_config_var('LIBDIR')}:{Path(sys.base_prefix) / 'lib'}"
