"""`platestream users add|list|remove|passwd|grant|revoke`: who may sign in at the portal, and as what."""

from __future__ import annotations

import os
import secrets
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from contracts.errors import Rejected
from deploy.cli.environment import state_here

if TYPE_CHECKING:
    from webapp.users import UsersFile

_GENERATED_BYTES = 15

users = typer.Typer(no_args_is_help=True, help="Who may sign in at the portal.")

Secrets = Annotated[
    Path | None,
    typer.Option(
        help="Folder of users.json; else PLATESTREAM_SECRETS, else the local stack's.", file_okay=False
    ),
]
Generate = Annotated[bool, typer.Option("--generate", help="Make a password and print it once.")]
FromInput = Annotated[
    bool, typer.Option("--password-stdin", help="Read the password from the first line of standard input.")
]
Name = Annotated[str, typer.Argument(help="Small letters, digits and . _ @ -")]
Role = Annotated[
    str,
    typer.Argument(
        help="auditor: sees who looked at what. investigator: is shown owners of vehicles, for a reason."
    ),
]


@users.command()
def add(
    name: Name, generate: Generate = False, password_stdin: FromInput = False, secrets_folder: Secrets = None
) -> None:
    """Let somebody sign in."""
    file = _users_file(secrets_folder)
    if file.find(name) is not None:
        raise Rejected(f"user {name}", "exists already; `platestream users passwd` gives a new password")
    _set(file, name, generate=generate, password_stdin=password_stdin)
    typer.echo(f"{name} may sign in")


@users.command()
def passwd(
    name: Name, generate: Generate = False, password_stdin: FromInput = False, secrets_folder: Secrets = None
) -> None:
    """Give somebody a new password; sessions with the old one end."""
    file = _users_file(secrets_folder)
    if file.find(name) is None:
        raise Rejected(f"user {name}", "there is none of that name")
    _set(file, name, generate=generate, password_stdin=password_stdin)
    typer.echo(f"{name} has a new password")


@users.command("list")
def list_users(secrets_folder: Secrets = None) -> None:
    """Everybody who may sign in."""
    found = _users_file(secrets_folder).all()
    for name, user in sorted(found.items()):
        typer.echo("\t".join([name, f"since {user.created_at:%Y-%m-%d}", *sorted(user.roles)]))
    if not found:
        typer.echo("nobody may sign in yet", err=True)


@users.command()
def remove(name: Name, secrets_folder: Secrets = None) -> None:
    """Take somebody's sign-in away; open sessions end at once."""
    if not _users_file(secrets_folder).remove(name=name):
        raise Rejected(f"user {name}", "there is none of that name")
    typer.echo(f"{name} may not sign in any more")


@users.command()
def grant(name: Name, role: Role, secrets_folder: Secrets = None) -> None:
    """Give somebody a role; no sign-in is needed for it to hold."""
    new = _users_file(secrets_folder).set_role(name=name, role=role, given=True)
    typer.echo(f"{name} is {role}{'' if new else ' already'}")


@users.command()
def revoke(name: Name, role: Role, secrets_folder: Secrets = None) -> None:
    """Take a role away; open sessions lose it at once."""
    new = _users_file(secrets_folder).set_role(name=name, role=role, given=False)
    typer.echo(f"{name} is {role} no more" if new else f"{name} was no {role}")


def _users_file(folder: Path | None) -> UsersFile:
    from webapp.users import UsersFile

    named = os.environ.get("PLATESTREAM_SECRETS")
    return UsersFile((folder or (Path(named) if named else state_here().secrets)) / "users.json")


def _first_line() -> str:
    """Without its end, as Windows writes it as well: a password with that nobody could type."""
    try:
        line = sys.stdin.readline().rstrip("\r\n")
        line.encode()
    except UnicodeError as error:
        # Not the error's own words: they show what was read.
        raise Rejected("password", "standard input is no text in UTF-8") from error
    return line


def _set(file: UsersFile, name: str, *, generate: bool, password_stdin: bool) -> None:
    if generate:
        password = secrets.token_urlsafe(_GENERATED_BYTES)
    elif password_stdin:
        password = _first_line()
    else:
        password = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
    file.set_password(name=name, password=password, now=datetime.now(UTC))
    if generate:
        typer.echo(f"password: {password}")
