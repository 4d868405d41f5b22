"""Set-up: what is done again and what is not, and whose settings are kept."""

from __future__ import annotations

from pathlib import Path

import pytest

from deploy.setup import platform_check, user_settings, work
from deploy.setup.work import SetupFailed, Step, call, run_steps


@pytest.fixture(autouse=True)
def _stack_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(work, "STACK", tmp_path / "stack")
    monkeypatch.setattr(work, "AGAIN_AFTER_SEC", (0.0, 0.0))


def a_step(tmp_path: Path, name: str, done: list[str], after: tuple[str, ...] = ()) -> Step:
    lock = tmp_path / f"{name}.txt"
    if not lock.exists():
        lock.write_text("one==1")
    made = tmp_path / f"made-{name}"

    def do(step: Step) -> None:
        done.append(step.name)
        made.touch()

    return Step(name, f"the {name}", [lock], made, do, after)


def test_a_step_is_done_once_for_its_lock(tmp_path: Path) -> None:
    done: list[str] = []
    step = a_step(tmp_path, "env", done)

    run_steps([step])
    run_steps([step])
    assert done == ["env"]

    (tmp_path / "env.txt").write_text("one==2")
    run_steps([step])
    assert done == ["env", "env"]


def test_what_was_removed_by_hand_is_made_again(tmp_path: Path) -> None:
    done: list[str] = []
    step = a_step(tmp_path, "env", done)
    run_steps([step])

    step.made.unlink()
    run_steps([step])

    assert done == ["env", "env"]


def test_a_step_waits_for_what_it_needs(tmp_path: Path) -> None:
    done: list[str] = []
    jars = a_step(tmp_path, "jars", done, after=("env",))

    run_steps([jars, a_step(tmp_path, "env", done)])

    assert done == ["env", "jars"]


def test_what_fails_for_a_moment_is_done_once_more(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tries = tmp_path / "tries"

    def do(step: Step) -> None:
        call(step, ["sh", "-c", f"echo x >> {tries}; [ $(wc -l < {tries}) -ge 3 ]"])

    (tmp_path / "lock").write_text("")
    run_steps([Step("jars", "the jars", [tmp_path / "lock"], tries, do)])

    assert tries.read_text().count("x") == 3
    assert "jars: sh failed" in capsys.readouterr().out


def test_a_program_that_fails_is_named_with_its_output(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def do(step: Step) -> None:
        call(step, ["sh", "-c", "echo no such package; exit 3"])

    (tmp_path / "lock").write_text("")
    with pytest.raises(SetupFailed, match=r"env: sh failed; all of its output is in .*setup-env\.log"):
        run_steps([Step("env", "the env", [tmp_path / "lock"], tmp_path / "never", do)])

    assert "no such package" in capsys.readouterr().err


def test_pips_settings_are_translated_and_the_environments_come_first() -> None:
    listing = ":env:.index-url='https://mirror.example/simple'\nglobal.index-url='https://other.example'\n"
    listing += (
        "global.cert='/etc/ssl/own.pem'\nglobal.extra-index-url='\\nhttps://a.example\\nhttps://b.example'"
    )

    assert user_settings.translate(listing) == {
        "UV_DEFAULT_INDEX": "https://mirror.example/simple",
        "SSL_CERT_FILE": "/etc/ssl/own.pem",
        "UV_INDEX": "https://a.example https://b.example",
    }


def test_another_platform_is_pointed_to_compose(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platform.machine", lambda: "arm64")

    assert str(platform_check.complain()).endswith("use docker compose up")


def test_too_little_disk_is_told_before_anything_is_installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(platform_check, "CHECKOUT", tmp_path)
    monkeypatch.setattr(platform_check, "NEEDED_GB", 1e6)

    assert str(platform_check.too_little_disk()).endswith("GB free, 1000000 GB are needed")
