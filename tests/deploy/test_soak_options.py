"""What may be asked of a soak: a wrong choice is told before anything is made."""

from __future__ import annotations

import pytest

from deploy.soak.__main__ import main


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("--minutes", "0"),
        ("--minutes", "nan"),
        ("--minutes", "inf"),
        ("--cameras", "3"),
        ("--film", "gone.mp4"),
    ],
)
def test_a_wrong_choice_is_named(option: str, value: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([option, value])

    assert ended.value.code == 2
    assert f"error: {option} {value}: " in capsys.readouterr().err
