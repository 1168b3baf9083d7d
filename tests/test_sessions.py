"""The simulator's session files: a past that could have been, and the same one each time."""

import json
import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from kiro_tui.simulator.sessions import Past, write_sessions

UNTIL = datetime(2026, 11, 12, 9, tzinfo=UTC)


def files(root: Path) -> dict[str, bytes]:
    return {str(path.relative_to(root)): path.read_bytes() for path in sorted(root.rglob("*")) if path.is_file()}


def test_the_same_past_is_the_same_files_and_another_one_is_not(tmp_path: Path) -> None:
    made = write_sessions(tmp_path / "a", Past(UNTIL, 12, 100))

    assert write_sessions(tmp_path / "b", Past(UNTIL, 12, 100)) == made
    assert files(tmp_path / "a") == files(tmp_path / "b")
    assert write_sessions(tmp_path / "c", Past(UNTIL, 12, 100, seed=2)) != made


def test_both_layouts_stand_where_kiro_puts_them(tmp_path: Path) -> None:
    write_sessions(tmp_path, Past(UNTIL, 20, 100))

    v2 = [json.loads(path.read_text()) for path in tmp_path.glob("cli/*.json")]
    v3 = list(tmp_path.glob("*/sess_*/messages.jsonl"))
    assert len(v2) + len(v3) == 20
    assert v2
    assert v3
    assert all(path.with_name("session.json").exists() for path in v3)
    events = [json.loads(line)["payload"] for path in v3 for line in path.read_text().splitlines()]
    assert {event.get("key") or event["type"] for event in events} == {
        "user_message", "assistant_message", "usage_summary", "turn_end", "creditSplit"
    }  # fmt: skip
    turns = [turn for each in v2 for turn in each["session_state"]["conversation_metadata"]["user_turn_metadatas"]]
    assert all({"end_timestamp", "metering_usage"} <= turn.keys() for turn in turns)


@settings(max_examples=20, deadline=None)
@given(st.integers(1, 9), st.integers(0, 60), st.integers(1, 90), st.integers(0, 7 * 24 * 60))
def test_there_are_as_many_turns_as_were_asked_for_and_all_of_them_in_that_time(
    sessions: int, turns: int, days: int, minutes: int
) -> None:
    until = UNTIL + timedelta(minutes=minutes)
    with TemporaryDirectory() as folder:
        made = write_sessions(Path(folder), Past(until, sessions, turns, days, talk=10))

    assert len(made) == turns
    assert all(until - timedelta(days=days + 1) <= turn.at <= until for turn in made)


def test_work_is_done_on_weekdays_and_some_projects_get_more_of_it(tmp_path: Path) -> None:
    made = write_sessions(tmp_path, Past(UNTIL, 300, 3000, talk=10))

    weekend = sum(turn.at.weekday() >= 5 for turn in made)
    projects = Counter(turn.project for turn in made).most_common()
    assert weekend < len(made) * 0.2
    assert len(projects) >= 5
    assert projects[0][1] > 2 * projects[-1][1]


def test_a_turn_costs_about_what_was_asked_for_and_a_few_do_not_say(tmp_path: Path) -> None:
    made = write_sessions(tmp_path, Past(UNTIL, 50, 3000, mean=0.4, talk=10))

    known = [turn.credits for turn in made if turn.credits is not None]
    assert Decimal("0.3") < sum(known) / len(known) < Decimal("0.5")
    assert 0 < len(made) - len(known) < 100


def test_it_can_be_run_by_hand(tmp_path: Path) -> None:
    argv = [sys.executable, "-m", "kiro_tui.simulator.sessions", str(tmp_path), "3", "20"]
    done = subprocess.run(argv, capture_output=True, text=True, check=True)

    assert done.stdout == "20 turns\n"
    assert files(tmp_path)
