"""LOCK CACHE FOLDER: the jars of a lock file -> one folder, each checked against its SHA-256.

Run inside the environment that set-up made first (it needs jgo).
"""

from __future__ import annotations

import hashlib
import shutil
import sys
import tomllib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from jgo.maven import MavenContext

AT_ONCE = 6
TIMEOUT_SEC = 60


def install(lock: Path, cache: Path, folder: Path) -> int:
    """All jars of the lock and none besides; returns how many. The folder is replaced as a whole."""
    wanted = tomllib.loads(lock.read_text())["dependencies"]
    maven = MavenContext(repo_cache=cache, timeout=TIMEOUT_SEC)
    draft = folder.with_name(f"{folder.name}.draft")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(parents=True)
    with ThreadPoolExecutor(max_workers=AT_ONCE) as pool:
        for jar in pool.map(lambda entry: fetch(maven, entry), wanted):
            shutil.copyfile(jar, draft / jar.name)
    shutil.rmtree(folder, ignore_errors=True)
    draft.rename(folder)
    return len(wanted)


def fetch(maven: MavenContext, entry: dict[str, Any]) -> Path:
    component = maven.project(entry["groupId"], entry["artifactId"]).at_version(entry["version"])
    artifact = component.artifact(entry.get("classifier", ""), entry["packaging"])
    jar = Path(artifact.resolve())
    actual = hashlib.sha256(jar.read_bytes()).hexdigest()
    if actual != entry["sha256"]:
        # What does not match must not be found in the cache the next time either.
        jar.unlink()
        sys.exit(f"{jar.name} has SHA-256 {actual}, the lock says {entry['sha256']}")
    return jar


if __name__ == "__main__":
    lock_file, cache_folder, target = map(Path, sys.argv[1:4])
    print(f"{install(lock_file, cache_folder, target)} jars in {target}")
