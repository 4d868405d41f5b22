"""Options, ports and keys -> the variables that every process of the stack is given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from deploy.local.folders import State
from deploy.local.keys import OWNER_KEY, Keys
from deploy.local.options import KAFKA, POSTGRES, REGISTRY, STAGES, TRITON, WEBAPP, Options
from deploy.local.parts import postgres
from deploy.local.ports import HOST

EXTERNAL: Mapping[str, str] = {
    KAFKA: "PLATESTREAM_KAFKA",
    TRITON: "PLATESTREAM_TRITON",
    POSTGRES: "PLATESTREAM_DATABASE",
    REGISTRY: "PLATESTREAM_REGISTRY_URL",
}
"""A part whose variable is already set is somebody else's server: it is used, not started."""

DATABASE_ROLES: Mapping[str, str] = {"rows": "platestream_writer", "webapp": "platestream_portal"}
"""The role that a process takes in our own database, so that a mistake there can do no more than it may.

No wall: it signs in as the owner. Compose gives each a login of its own."""


@dataclass(frozen=True, kw_only=True)
class Addresses:
    """Where everything of one stack is."""

    state: State
    keys: Keys
    ports: Mapping[str, int]
    options: Options
    environment: Mapping[str, str]
    cameras: Path | None

    def common(self) -> dict[str, str]:
        """Variables that all processes share; what the caller's environment already says stays."""
        own = {
            "PLATESTREAM_EVIDENCE": self._folder_url("evidence"),
            "PLATESTREAM_UPLOADS": self._folder_url("uploads"),
            "PLATESTREAM_REGISTRY_DIALECT": self.options.registry_dialect,
            "PLATESTREAM_REGISTRY_KEY_FILE": str(self.keys.registry_key),
            "PLATESTREAM_SECRETS": str(self.state.secrets),
            **self._servers(),
        }
        names = {*own, *EXTERNAL.values()}
        kept = {name: self.environment[name] for name in sorted(names) if self.environment.get(name)}
        fixed = {
            "PLATESTREAM_STATE": str(self.state.root),
            "PLATESTREAM_MODELS": str(self.options.repository),
            "PYTHONUNBUFFERED": "1",
        }
        if self.cameras is not None:
            fixed["PLATESTREAM_CAMERAS"] = str(self.cameras)
        return {**own, **kept, **fixed}

    def for_process(self, name: str) -> dict[str, str]:
        """Variables of one process."""
        env = self.common()
        if f"{name}.health" in self.ports:
            env["PLATESTREAM_HEALTH"] = f"{HOST}:{self.ports[f'{name}.health']}"
        if f"{name}.http" in self.ports:
            env["PLATESTREAM_HTTP"] = f"{HOST}:{self.ports[f'{name}.http']}"
        if name in STAGES:
            # A member that Kafka knows by name takes its place again at once after it was killed.
            env["PLATESTREAM_SLOT"] = "0"
        if name in DATABASE_ROLES and "postgres.database" in self.ports:
            role = quote(f"-c role={DATABASE_ROLES[name]}", safe="")
            env["PLATESTREAM_DATABASE"] += f"?options={role}"
        if name == WEBAPP:
            # The key with which `enriched` seals: here alone it opens, for those who have the role.
            env["PLATESTREAM_OWNER_KEY_FILE"] = str(Path(env["PLATESTREAM_SECRETS"]) / OWNER_KEY)
        extra = self.options.extra_env
        return {**env, **extra.get("*", {}), **extra.get(name, {})}

    def _servers(self) -> dict[str, str]:
        servers = {}
        if "kafka.broker" in self.ports:
            servers["PLATESTREAM_KAFKA"] = f"{HOST}:{self.ports['kafka.broker']}"
        if "triton.grpc" in self.ports:
            servers["PLATESTREAM_TRITON"] = f"{HOST}:{self.ports['triton.grpc']}"
        if "postgres.database" in self.ports:
            port = self.ports["postgres.database"]
            servers["PLATESTREAM_DATABASE"] = postgres.uri(self.keys.database_password, port)
        if "registry.http" in self.ports:
            servers["PLATESTREAM_REGISTRY_URL"] = f"http://{HOST}:{self.ports['registry.http']}"
        return servers

    def _folder_url(self, name: str) -> str:
        folder = self.state.data / name
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return folder.as_uri()
