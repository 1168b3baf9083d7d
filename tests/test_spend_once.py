"""A turn is paid once, however many of Kiro's files hold it, and each file that Kiro writes is found."""

import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import tracemalloc
from collections.abc import Callable
from copy import deepcopy
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from kiro_files import Machine, event, lines, session_v2, turn, usage

from kiro_tui.domain.spend import By, spend_by
from kiro_tui.output.spend import document, text
from kiro_tui.spend import book, documents
from kiro_tui.spend.book import SMALL_DOCUMENT
from kiro_tui.spend.executions import decoded_folder
from kiro_tui.spend.ledger import Progress, read, turns_of
from kiro_tui.spend.pruned import BLOCK, LONGEST_VALUE, read_pruned
from kiro_tui.spend.reasons import Unreadable
from kiro_tui.spend.root import roots_of, sources_of

TREES = Path(__file__).parent / "session_trees"


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path / "machine")


# Trees that are known to be right ------------------------------------------------------------------------------------


@pytest.mark.parametrize("tree", sorted(path.name for path in TREES.iterdir()))
def test_known_trees_have_their_sums(tree: str, tmp_path: Path) -> None:
    expected = json.loads((TREES / tree / "expect.json").read_text())
    machine = Machine(tmp_path / "machine")
    shutil.copytree(TREES / tree / "home", machine.home)

    total = spend_by(By.DAY, machine.read().sessions).total

    assert (total.credits, total.turns, total.unknown) == (Decimal(str(expected["credits"])), expected["turns"], 0)
    for by, name in ((By.PROJECT, "by_project"), (By.DAY, "by_day")):
        assert {key: float(used) for key, used in machine.credits(by).items()} == expected[name]


# Engine v2 -----------------------------------------------------------------------------------------------------------


def test_a_rewound_session_counts_only_what_came_after_the_rewind(machine: Machine) -> None:
    first, second, third = turn(1, 1.0), turn(2, 2.0), turn(3, 4.0)
    machine.v2(session_v2("b", [first, second, third]))
    machine.v2(session_v2("a", [first, second, turn(4, 0.5)], parent_session_id="b", session_created_reason="rewind"))

    assert machine.credits(By.SESSION) == {"b": Decimal(7), "a": Decimal("0.5")}


def test_a_loaded_session_leaves_the_turns_to_the_one_that_it_was_loaded_from(machine: Machine) -> None:
    machine.v2(session_v2("z", [turn(1), turn(2)]))
    machine.v2(session_v2("a", [turn(1), turn(2), turn(3)], imported_from="z", cwd="/home/dev/other"))

    assert machine.credits(By.PROJECT) == {"/home/dev/shop": Decimal(2), "/home/dev/other": Decimal(1)}


def test_copies_of_copies_leave_a_turn_to_the_earliest(machine: Machine) -> None:
    machine.v2(session_v2("c", [turn(1)]))
    machine.v2(session_v2("b", [turn(1), turn(2)], parent_session_id="c"))
    machine.v2(session_v2("a", [turn(1), turn(2), turn(3)], parent_session_id="b"))

    assert machine.credits(By.SESSION) == {"c": Decimal(1), "b": Decimal(1), "a": Decimal(1)}


def test_the_earliest_file_that_remains_keeps_a_turn(machine: Machine) -> None:
    first = machine.v2(session_v2("c", [turn(1)]))
    second = machine.v2(session_v2("b", [turn(1), turn(2)], parent_session_id="c"))
    machine.v2(session_v2("a", [turn(1), turn(2), turn(3)], parent_session_id="b"))
    assert machine.credits() == 3

    first.unlink()
    assert machine.credits(By.SESSION) == {"b": Decimal(2), "a": Decimal(1)}
    second.rename(second.with_name("renamed.json"))
    assert machine.credits(By.SESSION) == {"b": Decimal(2), "a": Decimal(1)}
    second.with_name("renamed.json").unlink()
    assert machine.credits(By.SESSION) == {"a": Decimal(3)}


def test_turns_with_equal_messages_are_two_where_the_loop_or_the_time_is_another_one(machine: Machine) -> None:
    same: dict[str, Any] = {"message_ids": ["p", "a"], "result": {}}
    machine.v2(session_v2("a", [turn(1, **same), turn(2, **same)]))
    machine.v2(session_v2("b", [turn(1, **(same | {"end_timestamp": None, "loop_id": None}))]))
    machine.v2(session_v2("c", [turn(1, **(same | {"end_timestamp": None, "loop_id": None}))]))

    assert machine.credits() == 4


def test_a_turn_that_was_resumed_in_a_second_file_of_its_session_counts_once(machine: Machine) -> None:
    bare: dict[str, Any] = {"message_ids": []}
    first = turn(1, 0.25, model="auto", **bare)
    second = first | {"result": {"Ok": {"id": "second"}}, "model": "claude-sonnet-4.5"}
    machine.v2(session_v2("a", [first]), "original")
    machine.v2(session_v2("a", [first, first, second]), "resumed")

    assert machine.credits(By.MODEL) == {"auto": Decimal("0.25"), "claude-sonnet-4.5": Decimal("0.25")}
    assert spend_by(By.SESSION, machine.read().sessions).sessions == 1


def test_a_copied_session_without_any_marks_counts_once_and_its_own_equal_turns_each(machine: Machine) -> None:
    bare = {"end_timestamp": "2026-09-02T09:00:00Z", "metering_usage": [{"unit": "credits", "value": 2}]}
    for name in ("one", "two"):
        machine.v2(session_v2("same", [bare, bare]), name)
    machine.v2(session_v2("other", [bare]))

    assert machine.credits(By.SESSION) == {"same": Decimal(4), "other": Decimal(2)}


def test_a_turns_own_model_beats_the_sessions(machine: Machine) -> None:
    machine.v2(session_v2("a", [turn(1, 1.5, model="claude-opus-4.5"), turn(2, 2.0), turn(3, 4, model=None)]))

    assert machine.credits(By.MODEL) == {"claude-opus-4.5": Decimal("1.5"), "claude-sonnet-5": Decimal(6)}
    (row,) = document(spend_by(By.SESSION, machine.read().sessions))["rows"]
    assert row["model"] == "claude-sonnet-5, claude-opus-4.5"


def test_both_words_for_the_unit_are_credits_and_others_are_none(machine: Machine) -> None:
    mixed = [{"value": n, "unit": unit} for n, unit in enumerate(("credit", "credits", "token", "requests"), start=1)]
    machine.v2(session_v2("a", [turn(1, metering_usage=mixed)]))
    summaries = [{"usage": n, "unit": unit} for n, unit in enumerate(("credit", "credits", "token"), start=1)]
    machine.v3("sess_1", lines(usage("e", promptTurnSummaries=summaries)))

    assert machine.credits() == 6


def test_a_turn_without_a_time_stands_at_its_sessions(machine: Machine) -> None:
    machine.v2(session_v2("a", [turn(1, at=None), turn(2, at="some day")]))
    machine.v3("sess_1", lines(usage("e", 4, at="")))

    assert machine.credits(By.DAY) == {"2026-09-09": Decimal(6)}
    assert machine.skipped() == {}


def test_what_is_unknown_is_counted_by_its_reason_and_said(machine: Machine) -> None:
    machine.v2(session_v2("a", [turn(1, None), turn(2, metering_usage=None)]))
    machine.v2(session_v2("killed", None))
    machine.v3("sess_1", lines(usage("e", None), event("turn_end"), event("user"), event("turn_end", name="n")))

    ledger = machine.read()
    spend = spend_by(By.SESSION, ledger.sessions)

    said = document(spend, ledger.skipped)
    assert (said["total"]["turns"], said["total"]["unknown_turns"], said["total"]["credits"]) == (4, 4, None)
    assert said["unknown"] == [
        {"reason": "no cost recorded", "count": 3},
        {"reason": "ended without a record of the cost", "count": 1},
    ]
    assert said["skipped"] == [{"reason": "session without a list of turns (running or killed)", "count": 1}]
    assert "4 (3 × no cost recorded, 1 × ended without a record of the cost)." in text(spend, ledger.skipped)
    assert "1 × session without a list of turns" in text(spend, ledger.skipped)


# Engine v3 and the IDE -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "again",
    [
        usage("e", 3.5),
        usage("e", None),
        usage("e", 3.5, at="2026-09-03T10:01:00.000+02:00"),
        usage("e", 3.50, elapsedTime=1, requestIds=["r"]),
    ],
)
def test_a_record_that_comes_again_in_any_bytes_and_any_bucket_counts_once(
    machine: Machine, again: dict[str, Any]
) -> None:
    text = json.dumps(dict(reversed(again.items())), separators=(" , ", " : ")).encode()
    machine.v3("sess_1", lines(usage("e", 3.5)) + text + b"\r\n")
    assert machine.credits() == Decimal("3.5")

    machine.v3("sess_1", text + b"\r\n" + lines(usage("f", 3)), bucket="_global")

    assert machine.credits() == Decimal("6.5")
    assert len(machine.read().sessions) == 2
    assert spend_by(By.SESSION, machine.read().sessions).sessions == 1


def test_the_last_known_value_of_a_record_wins_in_a_file_and_across_buckets(machine: Machine) -> None:
    later = "2026-09-03T09:00:00Z"
    machine.v3("sess_1", lines(usage("e", 4), usage("e", 2), usage("e", None)))
    assert machine.credits() == 2

    machine.v3("sess_1", lines(usage("e", 5, at=later)), bucket="ffff")
    assert machine.credits() == 5
    machine.v3("sess_1", lines(usage("e", None, at="2026-09-04T09:00:00Z")), bucket="fffe")
    assert machine.credits() == 5
    machine.v3("sess_1", lines(usage("e", 3), usage("f", 1, at="2026-09-05T09:00:00Z")), bucket="fffd")
    assert machine.credits() == 6


def test_of_two_values_of_the_same_time_the_one_in_the_file_that_went_on_wins(machine: Machine) -> None:
    machine.v3("sess_1", lines(usage("e", 3), usage("f", 1, at="2026-09-05T09:00:00Z")), bucket="a")
    machine.v3("sess_1", lines(usage("e", 5)), bucket="b")

    assert machine.credits() == 4


def test_an_unknown_cost_is_known_once_any_file_knows_it(machine: Machine) -> None:
    machine.v3("sess_1", lines(event("turn_end", executionId="e")))
    assert machine.totals(By.SESSION) == {"sess_1": (None, 1, 1)}

    machine.v3("sess_1", lines(event("turn_end", executionId="e"), usage("e", 2)), bucket="ffff")

    assert machine.totals(By.SESSION) == {"sess_1": (Decimal(2), 1, 0)}


def test_every_folder_with_messages_counts_and_what_is_being_imported_does_not(machine: Machine) -> None:
    machine.v3("sess_1", lines(usage("a", 1)))
    machine.v3("cli_2_aB3dE5gH", lines(usage("b", 2)))
    machine.v3("sess_3", lines(usage("c", 4)), bucket="_global")
    machine.v3("anything", lines(usage("d", 8)), bucket="odd bucket")
    for number, name in enumerate((".import-staging", ".tmp")):
        machine.v3("sess_4", lines(usage(f"x{number}", 100)), bucket=name)
        machine.v3(name, lines(usage(f"y{number}", 100)))
    machine.write(machine.sessions / "0123456789abcdef/sess_1/sub-executions/s.jsonl", lines(usage("s", 100)))
    machine.write(machine.sessions / "0123456789abcdef/sess_1/sub-executions/messages.jsonl", lines(usage("s", 100)))
    (machine.sessions / "0123456789abcdef/no messages").mkdir()

    assert machine.credits() == 15
    assert machine.skipped() == {}


def test_what_was_converted_or_imported_leaves_its_turns_to_the_original(machine: Machine) -> None:
    machine.v2(session_v2("one", [turn(1, 2.0)]))
    old = [event("user", at="2026-09-02T08:59:00+00:00"), event("turn_end", at="2026-09-02T09:00:00+00:00")]
    machine.v3("cli_one_aB3dE5gH", lines(*old))
    machine.v3("sess_z", lines(usage("e", 4)))
    machine.v3("cli_zip", lines(usage("e", 4)), workspacePaths=["/elsewhere"])

    assert machine.totals(By.SESSION) == {"one": (Decimal(2), 1, 0), "sess_z": (Decimal(4), 1, 0)}

    machine.v3("cli_one_aB3dE5gH", lines(*old, usage("f", 1), event("turn_end"), event("turn_end", name="killed")))

    assert machine.totals(By.SESSION)["cli_one_aB3dE5gH"] == (Decimal(1), 2, 1)


def test_running_totals_sub_executions_and_tombstones_change_nothing(machine: Machine) -> None:
    split = event("session_metadata", key="creditSplit", value=[{"unit": "credit", "usage": 500}])
    machine.v3("sess_1", lines(usage("e", 3), split, event("tombstone", targetId="e-usage", executionId="e")))

    assert machine.credits() == 3


def test_the_model_that_answered_in_an_execution_beats_the_sessions_auto(machine: Machine) -> None:
    answer = {"executionId": "e", "reasoningModelId": "qdev::claude-sonnet-4.6", "content": 'said "executionId"'}
    machine.v3("sess_1", lines(event("assistant", **answer), usage("e", 3), usage("f", 1)))
    machine.v3("sess_2", lines(usage("g", 8), event("assistant", executionId="g", reasoningModelId="qdev::opus")))

    assert machine.credits(By.MODEL) == {"claude-sonnet-4.6": Decimal(3), "auto": Decimal(1), "opus": Decimal(8)}
    (first, second) = sorted(machine.read().sessions, key=lambda session: session.id)
    assert {each.model for each in turns_of(first)} == {"claude-sonnet-4.6", None}
    assert [each.model for each in turns_of(second)] == ["opus"]


def test_an_interrupted_turn_is_counted_once_wherever_its_file_is_copied(machine: Machine) -> None:
    events = (usage("e", 1), event("turn_end", name="t1"), event("user"), event("turn_end", name="t2"))
    file = machine.v3("sess_1", lines(*events[:2]))
    assert machine.totals(By.SESSION) == {"sess_1": (Decimal(1), 1, 0)}
    with file.open("ab") as appended:
        appended.write(lines(*events[2:]))
    machine.v3("sess_1", lines(*events), bucket="_global")

    assert machine.totals(By.SESSION) == {"sess_1": (Decimal(1), 2, 1)}


def test_a_long_line_that_is_about_something_else_is_no_loss_and_no_warning(machine: Machine) -> None:
    picture = event("user", content="A" * (6 << 20))
    machine.v3("sess_1", b"\xef\xbb\xbf" + lines(usage("e", 1), picture, usage("f", 2)).replace(b"\n", b"\r\n"))

    assert machine.credits() == 3
    assert machine.skipped() == {}


# Where Kiro keeps its files ------------------------------------------------------------------------------------------


def test_kiro_home_and_the_home_are_both_read_and_once_where_they_coincide(tmp_path: Path) -> None:
    machine = Machine(tmp_path / "machine", {"KIRO_HOME": str(tmp_path / "kiro")})
    machine.v2(session_v2("ide", [turn(1, 1)]))
    machine.write(tmp_path / "kiro/sessions/cli/a.json", session_v2("a", [turn(2, 2)]))
    machine.write(tmp_path / "third/sessions/cli/b.json", session_v2("b", [turn(3, 4), turn(1, 1)]))
    assert machine.credits() == 3

    machine.more = (str(tmp_path / "third"), str(tmp_path / "nowhere"))
    assert machine.credits() == 7
    (tmp_path / "same").symlink_to(tmp_path / "third")
    roots = roots_of(machine.environment, (*machine.more, str(tmp_path / "same")))
    assert roots == tuple(
        path / "sessions"
        for path in (tmp_path / "kiro", machine.home / ".kiro", tmp_path / "third", tmp_path / "nowhere")
    )
    machine.environment["KIRO_HOME"] = f"{machine.home}/.kiro/"
    assert len(roots_of(machine.environment)) == 1


@pytest.mark.parametrize(("environment", "is_wsl"), [({"WSL_DISTRO_NAME": "Debian"}, True), ({}, False)])
def test_the_homes_of_windows_are_found_under_wsl_only(
    tmp_path: Path,
    environment: dict[str, str],
    is_wsl: bool,  # noqa: FBT001 - a parameter
) -> None:
    machine = Machine(tmp_path / "machine", environment)
    windows = machine.folder / "windows" / "dev"
    machine.write(windows / ".kiro/sessions/cli/a.json", session_v2("a", [turn(1, 2)], cwd="C:\\work\\shop\\"))
    storage = windows / "AppData/Roaming/Kiro/User/globalStorage/kiro.kiroagent"
    machine.execution("e1")
    storage.parent.mkdir(parents=True)
    machine.storage.rename(storage)

    expected = {"C:\\work\\shop": Decimal(2), "": Decimal("0.5")}
    assert machine.credits(By.PROJECT) == (expected if is_wsl else {})


# The older IDE -------------------------------------------------------------------------------------------------------


def test_the_older_ides_executions_count_with_folder_title_and_model(machine: Machine) -> None:
    machine.execution("e1")
    machine.execution("e2", usageSummary=[{"usage": 1, "unit": "credit"}, {"usage": 9, "unit": "token"}])
    machine.execution("e3", "/home/dev/shop", chatSessionId="chat-2", status="failed")
    machine.execution("e4", status="running", endTime=0, usageSummary=None)
    machine.chat("chat-1")
    machine.v2(session_v2("a", [turn(1, 4)]))
    (executions,) = {
        path.parent
        for path in machine.storage.glob("*/414d*/*")
        if "old" not in path.name and (json.loads(path.read_text())["executionId"] == "e1")
    }
    machine.write(executions / "f62de366d0006e17ea00a01f6624aabf", {"executions": [{"executionId": "e1"}]})
    machine.write(executions.parent / "f62de366d0006e17ea00a01f6624aabf", {"executions": [{"executionId": "e1"}]})
    machine.write(executions / "notes.txt", b"{")

    assert machine.totals(By.SESSION) == {
        "a": (Decimal(4), 1, 0), "chat-1": (Decimal("1.5"), 3, 1), "chat-2": (Decimal("0.5"), 1, 0)
    }  # fmt: skip
    assert machine.credits(By.PROJECT) == {"/home/dev/shop": Decimal("4.5"), "/home/dev/old": Decimal("1.5")}
    assert machine.credits(By.MODEL) == {
        "claude-opus-4.5": Decimal("1.5"), "claude-sonnet-5": Decimal(4), "": Decimal("0.5")
    }  # fmt: skip
    assert machine.credits(By.DAY) == {"2026-05-20": Decimal(2), "2026-09-02": Decimal(4)}
    assert machine.skipped() == {}
    rows = {row.key: row for row in spend_by(By.SESSION, machine.read().sessions).rows}
    assert (rows["chat-1"].label, rows["chat-1"].sessions) == ("Old chat", 1)
    session = rows["chat-1"].session
    assert session is not None
    assert len(turns_of(session)) == 3


def test_a_profile_that_default_links_to_is_read_once(machine: Machine) -> None:
    machine.execution("e1", below="profile-1")
    machine.execution("e2")
    (machine.storage / "default").symlink_to(machine.storage / "profile-1")
    moved = machine.storage.parents[1] / "profiles/p/globalStorage/kiro.kiroagent"
    shutil.copytree(machine.storage, moved, symlinks=True)

    assert machine.credits() == 1
    assert machine.skipped() == {}


@pytest.mark.parametrize("below", ["profiles/p", "../elsewhere", "../../../beyond"])
def test_an_active_profile_is_found_wherever_it_is(machine: Machine, below: str) -> None:
    machine.execution("e1", below=below)
    machine.chat("chat-1")
    (machine.storage / "default").symlink_to(machine.storage / below)
    (machine.storage / below / "default").symlink_to(machine.storage)

    assert machine.credits() == Decimal("0.5")


def test_an_execution_that_the_new_store_took_over_counts_once(machine: Machine) -> None:
    machine.execution("e1")
    machine.v3("sess_1", lines(usage("e1", 0.5)))

    assert machine.credits() == Decimal("0.5")


@pytest.mark.parametrize("folder", ["/home/dev/old", "/a", "/ab", "/abc", "/w?>~", "/ünï/码", "c:\\Users\\dev", "/a/?"])
def test_a_folder_is_read_from_the_name_that_the_ide_gives_it(folder: str) -> None:
    from base64 import urlsafe_b64encode  # noqa: PLC0415 - the judge of this one test

    encoded = urlsafe_b64encode(folder.encode()).decode()

    assert decoded_folder(encoded.replace("=", "_")) == folder
    assert decoded_folder(encoded) == folder
    assert decoded_folder(encoded.rstrip("=")) == folder


@pytest.mark.parametrize("name", ["", "_", "___", "x", "naïve", "sessions", "L2hvbWU!", "\udcff"])
def test_a_name_that_stands_for_no_folder_is_none(name: str) -> None:
    assert decoded_folder(name) is None


PIECES = st.binary(max_size=20) | st.sampled_from([b"{}", b"[[", b'{"executionId":"e"}', b'{"sessionId":3}'])
IDE_KEYS = ("executionId", "chatSessionId", "startTime", "endTime", "usageSummary", "executions", "sessionId")
IDE_VALUES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3) | st.lists(st.none())


@given(st.lists(PIECES, max_size=3), st.dictionaries(st.sampled_from(IDE_KEYS), IDE_VALUES))
def test_any_bytes_in_any_file_of_the_ide_are_met(pieces: list[bytes], content: dict[str, Any]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        machine = Machine(Path(folder) / "machine")
        good = machine.execution("good", startTime=5)
        machine.write(good.with_name("0" * 32), b"".join(pieces))
        machine.write(good.with_name("1" * 32), content)
        chats = machine.storage / "workspace-sessions/L2E_"
        for name in ("sessions.json", "x.json", "chat-1.json"):
            machine.write(chats / name, b"".join(pieces) if name < "sd" else content)

        assert machine.read() == machine.read()
        assert "chat-1" in machine.totals(By.SESSION)


def test_a_loop_of_any_depth_is_met(machine: Machine) -> None:
    deep: Any = {}
    for _ in range(400):
        deep = {"a": [deep]}
    machine.v2(session_v2("a", [turn(1, loop=deep, message_ids=deep)]))

    assert machine.credits() == 1


def test_the_command_reads_the_homes_that_the_settings_name(tmp_path: Path) -> None:
    machine = Machine(tmp_path / "machine")
    machine.v2(session_v2("a", [turn(1, 1)]))
    machine.write(tmp_path / "more/sessions/cli/b.json", session_v2("b", [turn(1, 1), turn(2, 2)]))
    environment = {"HOME": str(machine.home), "KIRO_TUI_KIRO_HOMES": str(tmp_path / "more"), "PATH": "/usr/bin:/bin"}

    done = subprocess.run(
        [sys.executable, "-m", "kiro_tui", "spend", "--json"], env=environment, capture_output=True, check=True
    )

    assert json.loads(done.stdout)["total"]["credits"] == 3


# Large documents -----------------------------------------------------------------------------------------------------


def test_a_document_of_40_megabytes_is_read_in_a_few(machine: Machine) -> None:
    pictures = {"last_request": {"images": ['iVBOR\\"w0KG' * 100_000] * 40, "text": [{"a": ['\\"}]{']}] * 1000}}
    content = session_v2("a", [turn(n, 0.25, extra=["{"] * 50) for n in range(500)]) | pictures
    content["session_state"] = pictures | content["session_state"] | pictures
    file = machine.v2(content)
    with file.open("r+b") as changed:
        old = changed.read()
        changed.seek(0)
        changed.write(b"\xef\xbb\xbf" + old + b"\r\n")
    assert file.stat().st_size > 40 << 20
    del content, old, pictures

    tracemalloc.start()
    used = machine.credits()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert used == 125
    assert machine.skipped() == {}
    assert peak < 8 << 20


@pytest.mark.parametrize(
    "damage", [lambda b: b[:-2], lambda b: b + b"x", lambda b: b + b"\0" * 9, lambda b: b[:-1] + b"]"]
)
def test_a_large_document_that_is_damaged_is_told(machine: Machine, damage: Callable[[bytes], bytes]) -> None:
    content = json.dumps(session_v2("a", [turn(1)], padding="x" * SMALL_DOCUMENT)).encode()
    machine.write(machine.sessions / "cli/a.json", damage(content))

    assert machine.credits() is None
    assert machine.skipped() == {"damaged file": 1}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=9),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["a", "b", '"', "c\\", "é"]), inner, max_size=4)
    ),
    max_leaves=25,
)


def pruned(value: Any, pattern: Any) -> Any:
    """Return what must be left of a value."""
    if pattern is None:
        return value
    if isinstance(pattern, list):
        return [pruned(each, pattern[0]) for each in value] if isinstance(value, list) else None
    if not isinstance(value, dict):
        return None
    return {key: pruned(each, pattern[key]) for key, each in value.items() if key in pattern}


@given(JSON, st.integers(1, 40), st.sampled_from([None, 1, "\t"]), st.booleans())
def test_pruning_a_document_leaves_what_is_wanted_wherever_blocks_end(
    value: Any,
    block: int,
    indent: Any,
    ascii_only: bool,  # noqa: FBT001 - drawn
) -> None:
    pattern = {"a": None, "b": {"a": None, "b": [{"a": None}]}, '"': [None]}
    with tempfile.TemporaryFile() as file, pytest.MonkeyPatch.context() as patch:
        patch.setattr("kiro_tui.spend.pruned.BLOCK", block)
        file.write(json.dumps(value, indent=indent, ensure_ascii=ascii_only).encode())
        file.flush()
        for wanted in (pattern, None, [pattern]):
            assert read_pruned(file.fileno(), file.tell(), wanted) == pruned(value, wanted)


@given(st.binary(max_size=80) | st.text('{}[]",:\\ab1 ', max_size=60).map(str.encode), st.integers(1, 9))
def test_pruning_any_bytes_ends_with_a_value_or_is_told(content: bytes, block: int) -> None:
    with tempfile.TemporaryFile() as file, pytest.MonkeyPatch.context() as patch:
        patch.setattr("kiro_tui.spend.pruned.BLOCK", block)
        file.write(content)
        file.flush()
        try:
            read_pruned(file.fileno(), len(content), {"a": [None]})
        except Unreadable:
            return


def test_a_wanted_value_that_is_enormous_reads_as_unknown(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_text(json.dumps({"a": "x" * (LONGEST_VALUE + BLOCK), "b": 1}))
    with path.open("rb") as file:
        assert read_pruned(file.fileno(), path.stat().st_size, {"a": None, "b": None}) == {"a": None, "b": 1}


def test_small_and_large_documents_are_read_alike(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    odd = turn(2, 2.5, model="m", at="2026-09-02T10:00:00+02:00")
    machine.v2(session_v2("a", [turn(1), odd, turn(3, None)], imported_from="x") | {"extra": [1, {"b": "c"}]})
    whole = machine.read(keep=False)

    monkeypatch.setattr(book, "SMALL_DOCUMENT", 0)

    assert machine.read(keep=False) == whole
    assert documents.PATTERN is not None


# The law -------------------------------------------------------------------------------------------------------------

COSTS = st.sampled_from([0, 0.05, 1.25, 3, None])
MODELS = st.sampled_from([None, "claude-sonnet-4.6", "claude-opus-4.5"])
TIMES = st.sampled_from(["2026-09-02T23:59:59.5Z", "2026-09-03T00:00:00.123456789Z", None])
ORIGINALS = st.lists(
    st.tuples(st.booleans(), st.lists(st.tuples(COSTS, MODELS, TIMES), min_size=1, max_size=3)), min_size=1, max_size=3
)
WAYS = ("copy", "rewind", "load", "convert", "bucket", "move", "reserialise", "home", "grow back")


class Copier:
    """Makes further files of the sessions of a machine, as Kiro and people do, and spends nothing."""

    def __init__(self, machine: Machine, chance: random.Random) -> None:
        self.machine = machine
        self.chance = chance
        self.count = 0

    def write_originals(self, originals: list[tuple[bool, list[tuple[Any, Any, Any]]]]) -> None:
        for number, (is_v2, turns) in enumerate(originals):
            if is_v2:
                of_v2 = [
                    turn(10 * number + n, cost, at=at) | ({"model": model} if model else {})
                    for n, (cost, model, at) in enumerate(turns)
                ]
                self.machine.v2(session_v2(f"m{number}", of_v2, cwd=f"/home/dev/{number}"))
                continue
            events: list[dict[str, Any]] = []
            for n, (cost, model, at) in enumerate(turns):
                name = f"e{number}-{n}"
                events += [event("assistant", executionId=name, reasoningModelId=f"qdev::{model}")] if model else []
                events += [usage(name, cost, at=at or "2026-09-05T00:00:00Z")]
                events += [event("turn_end", name=f"t{name}")] * (1 + (at is None))
            about: dict[str, Any] = {"workspacePaths": [f"/home/dev/{number}"]}
            self.machine.v3(f"sess_m{number}", lines(*events), **about)

    def apply(self, way: str) -> None:
        self.count += 1
        documents = sorted(self.machine.home.glob("*/sessions/cli/*.json"))
        folders = sorted(path.parent for path in self.machine.home.glob("*/sessions/*/*/messages.jsonl"))
        if documents and (not folders or self.chance.random() < 0.5):
            self._of_v2(way, self.chance.choice(documents))
        else:
            self._of_v3(way, self.chance.choice(folders))

    def _new_name(self) -> str:
        return f"{self.chance.choice('az')}{self.count}"  # before and behind the originals

    def _of_v2(self, way: str, path: Path) -> None:
        content = json.loads(path.read_bytes().removeprefix(b"\xef\xbb\xbf"))
        name = self._new_name()
        target = path.with_name(f"{name}.json")
        match way:
            case "copy" | "bucket":
                shutil.copy(path, target)
            case "move":
                path.rename(target)
            case "rewind":
                turns = content["session_state"]["conversation_metadata"]["user_turn_metadatas"]
                del turns[self.chance.randint(0, len(turns)) :]
                content |= {"session_id": name, "parent_session_id": content["session_id"]}
                content |= {"session_created_reason": "rewind", "updated_at": "2026-09-10T08:00:00Z"}
                target.write_text(json.dumps(content))
            case "load":
                content |= {"imported_from": content["session_id"], "session_id": name, "cwd": "/elsewhere"}
                target.write_text(json.dumps(content))
            case "convert":
                old = [event("user"), event("turn_end", name=f"{name}-end", at="2026-09-02T09:00:00+00:00")]
                self.machine.v3(f"cli_{content['session_id']}_aB3dE5g{self.count}", lines(*old))
            case "home":
                self._copy_to_another_home(path)
            case _:
                path.write_bytes(b"\xef\xbb\xbf" + json.dumps(self._shuffled(content), indent=1).encode())

    def _of_v3(self, way: str, folder: Path) -> None:
        messages, about = folder / "messages.jsonl", json.loads((folder / "session.json").read_text())
        name = self._new_name()
        match way:
            case "bucket" | "copy":
                shutil.copytree(folder, folder.parents[1] / f"{name}0" / folder.name)
            case "move":
                target = folder.parents[1] / f"{name}1" / folder.name
                target.parent.mkdir()
                folder.rename(target)
            case "rewind":
                kept = messages.read_bytes().splitlines(keepends=True)
                self._copy_session(about, f"sess_{name}", b"".join(kept[: self.chance.randint(0, len(kept))]),
                                   parentSessionId=about["id"])  # fmt: skip
            case "load" | "convert":
                self._copy_session(about, f"cli_{name}", messages.read_bytes(), workspacePaths=["/elsewhere"])
            case "home":
                self._copy_to_another_home(folder)
            case "grow back":
                whole = messages.read_bytes()
                os.truncate(messages, len(whole) // 2)
                self.machine.read()
                messages.write_bytes(whole)
            case _:
                again = [self._shuffled(json.loads(line)) for line in messages.read_bytes().splitlines()]
                told = [each for each in again if each["payload"]["type"] == "usage_summary"]
                unknown = deepcopy(told[:1])
                for each in unknown:
                    each["payload"]["promptTurnSummaries"] = None
                text = [
                    json.dumps(each, separators=(" ,", ": "), ensure_ascii=False) for each in again + told + unknown
                ]
                messages.write_bytes("\r\n".join([*text, ""]).encode())

    def _copy_session(self, about: dict[str, Any], name: str, content: bytes, **more: Any) -> None:
        self.machine.v3(name, content, bucket=f"{name}2", **(about | {"id": name} | more))

    def _copy_to_another_home(self, path: Path) -> None:
        home = self.machine.home / f"other{self.count % 2}"
        self.machine.more = (str(self.machine.home / "other0"), str(self.machine.home / "other1"))
        target = home / "sessions" / path.parent.name / path.name
        target.parent.mkdir(parents=True, exist_ok=True)
        if path == target:
            return
        if path.is_dir():
            shutil.copytree(path, target, dirs_exist_ok=True)
        else:
            shutil.copy(path, target)

    def _shuffled(self, value: Any) -> Any:
        """Return a JSON value that says the same in another order."""
        if isinstance(value, list):
            return [self._shuffled(each) for each in value]
        if isinstance(value, str) and value.endswith("Z"):
            return value[:-1] + "+00:00"
        if not isinstance(value, dict):
            return value
        keys = list(value)
        self.chance.shuffle(keys)
        return {key: self._shuffled(value[key]) for key in keys}


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(ORIGINALS, st.lists(st.sampled_from(WAYS), min_size=1, max_size=6), st.randoms(use_true_random=False))
def test_no_way_of_copying_a_session_changes_any_total(
    originals: list[tuple[bool, list[tuple[Any, Any, Any]]]], ways: list[str], chance: random.Random
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        machine = Machine(Path(folder) / "machine")
        copier = Copier(machine, chance)
        copier.write_originals(originals)
        before = {by: machine.totals(by) for by in By}
        for way in ways:
            copier.apply(way)
            for by in By:
                assert machine.totals(by) == before[by], (way, by)
        assert {by: machine.totals(by, keep=False) for by in By} == before


def test_a_reading_that_is_left_early_settles_shared_turns_all_the_same(machine: Machine) -> None:
    machine.v2(session_v2("a", [turn(1)]))
    machine.v2(session_v2("b", [turn(1), turn(2)], parent_session_id="a"))
    steps = read(sources_of(machine.environment), machine.folder / "state")
    assert [next(steps), next(steps)] == [Progress(0, 2), Progress(1, 2)]

    steps.close()

    assert machine.credits(By.SESSION) == {"a": Decimal(1), "b": Decimal(1)}
