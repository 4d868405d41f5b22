"""The checksum in a `config.pbtxt`: put in once, whatever stood there before."""

from __future__ import annotations

from triton_models.checksum import checksum_in, with_checksum

CONFIG = 'name: "plate"\nparameters { key: "inter_op_thread_count" value: { string_value: "1" } }\n'


def test_a_configuration_tells_the_last_file_that_it_was_made_to_stand_for() -> None:
    told = with_checksum(CONFIG, "ab" * 32)
    assert told == f'{CONFIG}parameters {{ key: "sha256" value: {{ string_value: "{"ab" * 32}" }} }}\n'
    assert with_checksum(with_checksum(CONFIG, "cd" * 32), "ab" * 32) == told
    assert with_checksum(with_checksum(CONFIG, "cd" * 32).rstrip("\n"), "ab" * 32) == told


def test_what_a_server_tells_is_found_in_its_parameters() -> None:
    assert checksum_in({"parameters": {"sha256": {"string_value": "ab" * 32}}}) == "ab" * 32
    assert checksum_in({"parameters": {"threads": {"string_value": "1"}}}) is None
    assert checksum_in({}) is None
