"""The checksum in a `config.pbtxt`: put in once, whatever stood there before."""

from __future__ import annotations

import hashlib

import pytest

from contracts.errors import Stop
from triton_models.checksum import checksum_in, refuse_other_content, with_checksum

CONFIG = 'name: "plate"\nparameters { key: "inter_op_thread_count" value: { string_value: "1" } }\n'


def test_a_configuration_tells_the_last_file_that_it_was_made_to_stand_for() -> None:
    told = with_checksum(CONFIG, "ab" * 32)
    assert told == f'{CONFIG}parameters {{ key: "sha256" value: {{ string_value: "{"ab" * 32}" }} }}\n'
    assert with_checksum(with_checksum(CONFIG, "cd" * 32), "ab" * 32) == told
    assert with_checksum(with_checksum(CONFIG, "cd" * 32).rstrip("\n"), "ab" * 32) == told


@pytest.mark.parametrize(
    "parameter",
    [
        'parameters {\n  key: "sha256"\n  value: {\n    string_value: "@"\n  }\n}\n',
        'parameters:{key:"sha256",value{string_value:"@"}}\n',
        "  parameters [ { key : 'sha256' value : { string_value : '@' } } ]\n",
        'parameters {\n  key: "sha256"  # of model.onnx\n  value: { string_value: "@" }\n}\n',
    ],
    ids=["several lines", "no spaces", "a list", "a comment"],
)
def test_the_checksum_takes_the_place_of_one_that_was_written_otherwise(parameter: str) -> None:
    before = f"{CONFIG}{parameter}max_batch_size: 16\n"
    for old in ("CD" * 32, ""):
        assert with_checksum(before.replace("@", old), "ab" * 32) == before.replace("@", "ab" * 32)


def test_a_checksum_that_is_commented_out_or_of_something_else_is_left() -> None:
    before = (
        '# parameters { key: "sha256" value: { string_value: "cd" } }\n'
        'parameters { key: "sha256_of_labels" value: { string_value: "ef" } }\n'
        """parameters { key: "note" value: { string_value: "# key: 'sha256'" } }\n"""
    )
    added = f'parameters {{ key: "sha256" value: {{ string_value: "{"ab" * 32}" }} }}\n'
    assert with_checksum(before, "ab" * 32) == before + added
    assert with_checksum(before + added, "cd" * 32) == before + added.replace("ab", "cd")


def test_what_a_server_tells_is_found_in_its_parameters() -> None:
    assert checksum_in({"parameters": {"sha256": {"string_value": "ab" * 32}}}) == "ab" * 32
    assert checksum_in({"parameters": {"threads": {"string_value": "1"}}}) is None
    assert checksum_in({}) is None


def test_capital_letters_make_no_other_checksum() -> None:
    assert checksum_in({"parameters": {"sha256": {"string_value": "AB" * 32}}}) == "ab" * 32


def test_a_file_is_loaded_when_it_is_the_one_that_its_configuration_tells() -> None:
    sha256 = hashlib.sha256(b"model").hexdigest()
    for told in (sha256, sha256.upper(), ""):
        refuse_other_content(b"model", {"name": "plate", "parameters": {"sha256": {"string_value": told}}})
    refuse_other_content(b"model", {"name": "plate"})


def test_another_file_is_refused_with_both_checksums() -> None:
    config = {"name": "plate", "parameters": {"sha256": {"string_value": "AB" * 32}}}
    sha256 = hashlib.sha256(b"half").hexdigest()
    told = f"^model plate: its file is sha256 {sha256[:12]}, its config.pbtxt tells abababababab$"
    with pytest.raises(Stop, match=told):
        refuse_other_content(b"half", config)
