import json
import logging
import stat
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kiro_tui.domain.state import SourceName
from kiro_tui.domain.usage import Account
from kiro_tui.probe.memory import MAX_VERSIONS, NOTHING_LEARNED, Lessons, Memory, Settled, settle, settled_key

ALL = Lessons(
    chat=frozenset({"--legacy-ui"}),
    acp=frozenset(),
    off=frozenset({SourceName.REPORT_V1}),
    own_home=True,
    pipes=True,
    whoami_as_text=True,
    settled={"a": Settled(SourceName.ACP_V2, clamped=True, failures=1)},
)


def test_everything_learned_is_there_after_a_restart(tmp_path: Path) -> None:
    Memory(tmp_path).learn("2.21.1", ALL)

    assert Memory(tmp_path).about("2.21.1") == ALL
    assert Memory(tmp_path).about("2.21.2") == NOTHING_LEARNED


def test_the_file_is_the_owners_alone_and_nothing_else_is_left(tmp_path: Path) -> None:
    Memory(tmp_path).learn("2.21.1", ALL)

    (file,) = tmp_path.iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_without_a_folder_it_remembers_for_as_long_as_it_lives(tmp_path: Path) -> None:
    memory = Memory(None)

    memory.learn("2.21.1", ALL)

    assert memory.about("2.21.1") == ALL
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "damage",
    [b"", b"{", b"[]", b"\xff\xfe", b'{"versions": {"1": 3}}', b'{"versions": {"1": {"off": ["x"]}}}', b"[" * 10**5],
)
def test_a_damaged_file_is_as_good_as_none_and_is_replaced(
    tmp_path: Path, damage: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "learned.json").write_bytes(damage)
    caplog.set_level(logging.INFO)

    memory = Memory(tmp_path)
    assert memory.about("1") == NOTHING_LEARNED
    assert "learned anew" in caplog.text

    memory.learn("2.21.1", ALL)
    assert Memory(tmp_path).about("2.21.1") == ALL


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(
    st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=4), lambda inner: st.lists(inner) | inner)
)
def test_no_json_at_all_ends_in_an_exception(tmp_path: Path, value: object) -> None:
    for content in (value, {"versions": value}, {"versions": {"1": value}}, {"versions": {"1": {"settled": value}}}):
        (tmp_path / "learned.json").write_text(json.dumps(content))
        Memory(tmp_path).about("1")


OLD = {
    "chat": ["--legacy-ui"],
    "acp": [],
    "off": ["report"],
    "own_home": True,
    "pipes": True,
    "whoami_as_text": True,
    "session_first": True,
    "settled": {"a report+acp+panel": {"way": "acp", "clamped": False, "failures": 0}},
}


def test_a_file_that_knew_only_kinds_of_sources_is_still_read(tmp_path: Path) -> None:
    (tmp_path / "learned.json").write_text(json.dumps({"schema": 1, "versions": {"2.21.1": OLD}}))

    learned = Memory(tmp_path).about("2.21.1")

    assert learned == Lessons(
        off=frozenset({SourceName.REPORT_V1}), own_home=True, pipes=True, whoami_as_text=True
    )  # flags and what was settled are learned anew


@pytest.mark.parametrize(
    ("old", "off"),
    [
        ("report", {SourceName.REPORT_V1}),
        ("acp", {SourceName.ACP_V2, SourceName.ACP_V3}),
        ("panel", {SourceName.PANEL}),
    ],
)
def test_what_an_older_version_switched_off_stays_off(tmp_path: Path, old: str, off: set[SourceName]) -> None:
    (tmp_path / "learned.json").write_text(json.dumps({"schema": 1, "versions": {"2.21.1": OLD | {"off": [old]}}}))

    assert Memory(tmp_path).about("2.21.1").off == off


def test_a_folder_that_cannot_be_written_to_costs_only_the_memory(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    memory = Memory(tmp_path / "gone")

    with caplog.at_level(logging.INFO):
        memory.learn("2.21.1", ALL)

    assert memory.about("2.21.1") == ALL
    assert "cannot be kept" in caplog.text


def test_two_programs_do_not_undo_each_others_lessons(tmp_path: Path) -> None:
    one, other = Memory(tmp_path), Memory(tmp_path)

    one.learn("2.21.1", replace(NOTHING_LEARNED, off=frozenset({SourceName.REPORT_V1})))
    other.learn("2.21.1", replace(NOTHING_LEARNED, pipes=True))
    other.learn("2.22.0", ALL)

    learned = Memory(tmp_path)
    assert learned.about("2.21.1") == replace(NOTHING_LEARNED, off=frozenset({SourceName.REPORT_V1}), pipes=True)
    assert learned.about("2.22.0") == ALL


def test_old_versions_are_forgotten_in_time(tmp_path: Path) -> None:
    memory = Memory(tmp_path)
    for patch in range(MAX_VERSIONS + 1):
        memory.learn(f"2.21.{patch}", ALL)

    assert memory.about("2.21.0") == NOTHING_LEARNED
    assert memory.about(f"2.21.{MAX_VERSIONS}") == ALL


def test_no_address_is_written_down(tmp_path: Path) -> None:
    account = Account("Builder ID", "person@example.com")
    key = settled_key(account, (SourceName.REPORT_V1, SourceName.ACP_V2))

    Memory(tmp_path).learn("2.21.1", settle(NOTHING_LEARNED, key, Settled(SourceName.ACP_V2)))

    assert "person" not in (tmp_path / "learned.json").read_text()
    assert key != settled_key(replace(account, email="other@example.com"), (SourceName.REPORT_V1, SourceName.ACP_V2))
    assert key != settled_key(account, (SourceName.ACP_V2,))
