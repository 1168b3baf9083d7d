"""Kiro's own session files: what is read from them, what is not, and that nothing in them can do harm."""

import csv
import io
import json
import os
import random
import stat
import subprocess
import sys
import tempfile
import tracemalloc
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from fakes import START, FakeClock
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kiro_tui.commands.days import MOST_DAYS
from kiro_tui.commands.spend import Asked, account_figure, run
from kiro_tui.domain.spend import By, Day, Session, Skipped, Tally, explained, spend_by
from kiro_tui.domain.state import Snapshot, Way
from kiro_tui.domain.usage import Report, Window, WindowKind
from kiro_tui.errors import UsageError
from kiro_tui.journal.store import Journal
from kiro_tui.output.spend import COLUMNS, as_csv, document, text
from kiro_tui.simulator.sessions import Made, Past, write_sessions
from kiro_tui.spend import lines
from kiro_tui.spend.book import LARGEST_DOCUMENT
from kiro_tui.spend.cache import FILE
from kiro_tui.spend.ledger import Ledger, Progress, read, turns_of
from kiro_tui.spend.root import Sources, root_of

AT = "2026-07-01T02:17:07.966Z"
HOSTILE = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
ALL_UNITS = [{"value": 0.05, "unit": "credit", "unitPlural": "credits"}]


def v2(metering: Any = ALL_UNITS, *, at: Any = AT, turns: int = 1, **more: Any) -> bytes:
    """Return a session of engine v2; a metering that is ... is left out."""
    turn = {"end_timestamp": at} | ({} if metering is ... else {"metering_usage": metering})
    state = {
        "conversation_metadata": {"user_turn_metadatas": [turn] * turns},
        "rts_model_state": {"model_info": {"model_id": "sonnet"}},
    }
    return json.dumps({"cwd": "/home/p/work", "title": "Fix it", "session_state": state} | more).encode()


def usage_line(name: Any = "a", usage: Any = 18.5, *, at: Any = AT, unit: str = "credit", **payload: Any) -> bytes:
    """Return a line of engine v3, with its line break."""
    summary = {
        "type": "usage_summary",
        "promptTurnSummaries": [{"unit": unit, "unitPlural": "credits", "usage": usage}],
    }
    return json.dumps({"id": name, "timestamp": at, "payload": summary | payload}).encode() + b"\n"


class Kiro:
    """A folder of sessions, and a state folder beside it."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "sessions"
        self.state = folder / "state"
        for path in (self.root, self.state):
            path.mkdir()

    @property
    def sources(self) -> Sources:
        return Sources((self.root,))

    def v2(self, content: bytes, name: str = "0") -> Path:
        return self._write(self.root / "cli" / f"{name}.json", content)

    def v3(self, content: bytes, name: str = "1", folder: str = "aa", about: bytes | None = None) -> Path:
        if about is not None:
            self._write(self.root / folder / f"sess_{name}" / "session.json", about)
        return self._write(self.root / folder / f"sess_{name}" / "messages.jsonl", content)

    def _write(self, path: Path, content: bytes) -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        return path

    def read(self, zone: tzinfo | None = UTC, *, keep: bool = True) -> Ledger:
        *_, ledger = read(self.sources, self.state if keep else None, zone)
        assert isinstance(ledger, Ledger)
        return ledger

    def total(self, *, keep: bool = True) -> Tally:
        return spend_by(By.MODEL, self.read(keep=keep).sessions).total

    def credits(self, *, keep: bool = True) -> Decimal | None:
        return self.total(keep=keep).credits

    def skipped(self) -> dict[str, int]:
        return {each.reason: each.count for each in self.read().skipped}

    def read_anew(self) -> int:
        """Read, and return how many sessions had to be read for it."""
        return sum(isinstance(step, Progress) for step in read(self.sources, self.state, UTC))


@pytest.fixture
def kiro(tmp_path: Path) -> Kiro:
    return Kiro(tmp_path)


@contextmanager
def a_kiro() -> Iterator[Kiro]:
    with tempfile.TemporaryDirectory() as folder:
        yield Kiro(Path(folder))


# What is read ---------------------------------------------------------------------------------------------------------


def test_a_session_of_engine_v2_is_read_with_its_project_title_and_model(kiro: Kiro) -> None:
    kiro.v2(v2([{"value": 0.05, "unit": "credit"}, {"value": 0.1, "unit": "credit"}], turns=2), "abc")

    (session,) = kiro.read().sessions

    assert (session.id, session.project, session.title, session.model) == ("abc", "/home/p/work", "Fix it", "sonnet")
    at = datetime(2026, 7, 1, 2, 17, 7, 966000, tzinfo=UTC)
    assert session.days == (Day(at.date(), at.date(), Tally(Decimal("0.3"), 2, 0, at)),)


def test_a_session_of_engine_v3_is_read_with_what_stands_beside_it(kiro: Kiro) -> None:
    line = (
        b'{"id":"7","timestamp":"2026-07-01T02:17:07.966Z","payload":{"type":"usage_summary","promptTurnSummaries":'
        b'[{"unit":"credit","unitPlural":"credits","usage":18.5}],"status":"success","executionId":"x"}}\n'
    )
    about = b'{"title":"Ship it","workspacePaths":["/w/one/","/w/two"],"modelId":"opus","createdAt":"2026-07-01"}'
    kiro.v3(line, "xyz", about=about)

    (session,) = kiro.read().sessions

    assert (session.id, session.project, session.title, session.model) == (
        "sess_xyz",
        "/w/one, /w/two",
        "Ship it",
        "opus",
    )
    assert [day.tally.credits for day in session.days] == [Decimal("18.5")]


@pytest.mark.parametrize(
    "metering",
    [
        ..., None, [], {}, "credit", [None], [{}],
        [{"unit": "credit"}], [{"unit": "credit", "value": None}], [{"unit": "credit", "value": "0.05"}],
        [{"unit": "credit", "value": True}], [{"unit": "credit", "value": -1}], [{"unit": "credit", "value": 1e300}],
        [{"unit": "credit", "value": float("nan")}], [{"unit": "credit", "value": float("inf")}],
        [{"unit": "request", "value": 3}], [{"value": 3}],
    ],
)  # fmt: skip
def test_a_cost_that_is_not_stated_in_credits_is_unknown_and_not_0(kiro: Kiro, metering: Any) -> None:
    kiro.v2(v2(metering))

    total = kiro.total()

    assert (total.credits, total.turns, total.unknown) == (None, 1, 1)


def test_a_turn_that_was_free_costs_0_and_is_known(kiro: Kiro) -> None:
    kiro.v3(usage_line(usage=0))

    total = kiro.total()

    assert (total.credits, total.unknown) == (Decimal(0), 0)


def test_units_other_than_credit_are_not_added_to_credits(kiro: Kiro) -> None:
    kiro.v2(v2([{"value": 0.05, "unit": "credit"}, {"value": 9, "unit": "token"}]))

    assert kiro.credits() == Decimal("0.05")


@pytest.mark.parametrize("payload", [{"promptTurnSummaries": None}, {"promptTurnSummaries": []}, {}])
def test_a_null_usage_is_unknown(kiro: Kiro, payload: dict[str, Any]) -> None:
    kiro.v3(usage_line(usage=None, **payload) + usage_line("b", 2))

    total = kiro.total()

    assert (total.credits, total.turns, total.unknown) == (Decimal(2), 2, 1)


def test_running_totals_and_talk_about_usage_are_never_added(kiro: Kiro) -> None:
    split = {"type": "session_metadata", "key": "creditSplit", "value": [{"unit": "credit", "usage": 500}]}
    talk = {"type": "assistant_message", "content": usage_line("t", 700).decode()}
    events = ({"id": str(n), "timestamp": AT, "payload": payload} for n, payload in enumerate((split, talk)))
    kiro.v3(usage_line() + b"".join(json.dumps(event).encode() + b"\n" for event in events) + usage_line(type="other"))

    assert kiro.credits() == Decimal("18.5")


def test_an_id_that_comes_again_is_counted_once(kiro: Kiro) -> None:
    kiro.v3(usage_line("a", 1) + usage_line("b", 2) + usage_line("a", 1))

    total = kiro.total()

    assert (total.credits, total.turns) == (Decimal(3), 2)


def test_of_two_lines_about_one_turn_the_one_that_knows_counts_also_when_it_is_appended(kiro: Kiro) -> None:
    file = kiro.v3(usage_line("a", None))
    assert kiro.total().unknown == 1

    with file.open("ab") as appended:
        appended.write(usage_line("a", 4))

    assert kiro.total() == Tally(Decimal(4), 1, 0, kiro.total().last_at)


def test_lines_without_an_id_are_all_counted(kiro: Kiro) -> None:
    kiro.v3(usage_line(None, 1) * 2 + usage_line("", 1) + usage_line(7, 1))

    assert kiro.credits() == Decimal(4)


def test_times_of_other_zones_are_the_same_instants_and_those_of_none_are_utc(kiro: Kiro) -> None:
    for number, at in enumerate(("2026-07-01T02:00:00Z", "2026-07-01T04:00:00+02:00", "2026-07-01T02:00:00")):
        kiro.v3(usage_line(str(number), at=at), str(number))

    assert {session.days[0].tally.last_at for session in kiro.read().sessions} == {datetime(2026, 7, 1, 2, tzinfo=UTC)}


def test_a_byte_that_is_no_utf_8_costs_a_character_and_no_credits(kiro: Kiro) -> None:
    kiro.v2(v2(title="Fix XX").replace(b"XX", b"\xff\xfe"))

    assert kiro.credits() == Decimal("0.05")


def test_titles_paths_and_models_are_harmless_to_show(kiro: Kiro) -> None:
    kiro.v2(v2(title="a\x1b[2Jb\nc", cwd="/w\x00\u202e/x"))

    (session,) = kiro.read().sessions

    assert session.title == "a[2Jb c"
    assert session.project == "/w/x"


def test_the_single_turns_of_a_session_are_read_on_demand_the_latest_first(kiro: Kiro) -> None:
    kiro.v3(usage_line("a", 1, at="2026-07-01T01:00:00Z") + usage_line("b", None, at="2026-07-01T02:00:00Z"))
    kiro.v2(v2())
    of_v2, of_v3 = sorted(kiro.read().sessions, key=lambda session: session.id)

    assert [(turn.at.hour, turn.credits) for turn in turns_of(of_v3)] == [(2, None), (1, Decimal(1))]
    assert [turn.credits for turn in turns_of(of_v2)] == [Decimal("0.05")]
    (kiro.root / "cli" / "0.json").unlink()
    assert turns_of(of_v2) == ()


@pytest.mark.parametrize(
    ("environment", "root"),
    [
        ({"HOME": "/h"}, "/h/.kiro/sessions"),
        ({"HOME": "/h", "KIRO_HOME": ""}, "/h/.kiro/sessions"),
        ({"HOME": "/h", "KIRO_HOME": "/k"}, "/k/sessions"),
    ],
)
def test_the_sessions_are_where_kiro_puts_them(environment: dict[str, str], root: str) -> None:
    assert root_of(environment) == Path(root)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 12), st.integers(0, 120), st.sampled_from([0.0, 0.5, 1.0]))
def test_what_is_read_is_what_was_written(seed: int, sessions: int, turns: int, v3_share: float) -> None:
    with a_kiro() as kiro:
        until = datetime(2026, 11, 12, 9, tzinfo=UTC)
        made = write_sessions(kiro.root, Past(until, sessions, turns, v3=v3_share, odd=0.1, talk=50, seed=seed))
        read_sessions = kiro.read().sessions

    keys: dict[By, Callable[[Made], str]] = {
        By.PROJECT: lambda turn: turn.project,
        By.MODEL: lambda turn: turn.model,
        By.SESSION: lambda turn: turn.session,
        By.DAY: lambda turn: turn.at.date().isoformat(),
    }
    for by, key in keys.items():
        expected: dict[str, list[Decimal | None]] = {}
        for turn in made:
            expected.setdefault(key(turn), []).append(turn.credits)
        rows = {row.key: (row.tally.credits, row.tally.turns) for row in spend_by(by, read_sessions).rows}
        assert rows == {name: (_sum(costs), len(costs)) for name, costs in expected.items()}


def _sum(costs: Sequence[Decimal | None]) -> Decimal | None:
    known = [cost for cost in costs if cost is not None]
    return sum(known, Decimal(0)) if known else None


# What is in the way ---------------------------------------------------------------------------------------------------

DEEP = b"[" * 100_000


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "damaged file"), (b"{", "damaged file"), (v2()[:-20], "damaged file"), (DEEP, "damaged file"),
        (b"null", "file of an unknown form"), (b"[]", "file of an unknown form"), (b"{}", "file of an unknown form"),
        (v2() + v2(), "damaged file"), (b"\x00\xff", "damaged file"),
        (b"1e99999999999999999999", "file of an unknown form"),
        (v2(at=None), "turn without a time"), (v2(at="yesterday"), "turn without a time"),
        (v2(at="0001-01-01T00:00:00+14:00"), "turn without a time"), (v2(at=5), "turn without a time"),
        (v2(at="9999-12-31T23:59:59Z"), "turn without a time"), (v2(at="0001-01-01T00:00:00Z"), "turn without a time"),
    ],
)  # fmt: skip
def test_a_document_that_cannot_be_read_is_counted_and_ends_nothing(kiro: Kiro, content: bytes, reason: str) -> None:
    kiro.v2(content, "bad")
    kiro.v2(v2(), "good")

    assert kiro.credits() == Decimal("0.05")
    assert kiro.skipped() == {reason: 1}
    assert kiro.skipped() == {reason: 1}, "the second time it is known"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b'{"payload": {"type": "usage_summary"\n', "damaged line"),
        (b'"usage_summary"' + DEEP + b"\n", "damaged line"),
        (b'{"x": ' + DEEP + b', "type": "usage_summary"\n', "damaged line"),
        (usage_line("x").strip() * 2 + b"\n", "damaged line"),
        (usage_line("x", at=None), "turn without a time"),
        (b"x" * (lines.LONGEST_LINE + lines.BLOCK) + b'"usage_summary"\n', "line too long"),
        (b'"usage_summary"' + b"x" * (lines.LONGEST_LINE + lines.BLOCK) + b"\n", "line too long"),
        (b"x" * (5 * lines.BLOCK - len(usage_line("a", 1)) - 4) + b'"usage_summary" \n', "line too long"),
    ],
)  # fmt: skip
def test_a_line_that_cannot_be_read_is_counted_and_ends_nothing(kiro: Kiro, content: bytes, reason: str) -> None:
    kiro.v3(usage_line("a", 1) + content + usage_line("b", 2))

    assert kiro.credits() == Decimal(3)
    assert kiro.skipped() == {reason: 1}


def test_a_line_that_is_still_being_written_is_said_and_counted_when_it_is_whole(kiro: Kiro) -> None:
    line = usage_line("b", 2)
    file = kiro.v3(usage_line("a", 1) + line[:40])
    assert kiro.credits() == Decimal(1)
    assert kiro.skipped() == {"unfinished line": 1}

    with file.open("ab") as appended:
        appended.write(line[40:])

    assert kiro.credits() == Decimal(3)
    assert kiro.skipped() == {}


def test_a_last_line_without_its_line_break_counts_and_counts_once(kiro: Kiro) -> None:
    file = kiro.v3(usage_line("a", 1) + usage_line(None, 2).rstrip())
    assert kiro.credits() == Decimal(3)

    with file.open("ab") as appended:
        appended.write(b"\n" + usage_line("c", 4))

    assert kiro.credits() == Decimal(7)


def test_a_line_of_a_hundred_megabytes_takes_little_memory(kiro: Kiro) -> None:
    file = kiro.v3(usage_line("a", 1))
    with file.open("ab") as enormous:
        enormous.truncate(100 << 20)
        enormous.seek(0, os.SEEK_END)
        enormous.write(b"\n" + usage_line("b", 2))

    tracemalloc.start()
    credits_read = kiro.credits()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert credits_read == Decimal(3)
    assert peak < 8 * lines.LONGEST_LINE


def test_a_document_of_any_size_takes_little_memory(kiro: Kiro) -> None:
    with kiro.v2(v2()).open("ab") as enormous:
        enormous.truncate(LARGEST_DOCUMENT + 1)

    assert kiro.skipped() == {"file too large": 1}


def test_links_are_not_followed_and_pipes_are_not_opened(kiro: Kiro, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "messages.jsonl").write_bytes(usage_line())
    (elsewhere / "0.json").write_bytes(v2())
    kiro.v3(usage_line("a", 1))
    kiro.v2(v2([{"unit": "credit", "value": 2}]))
    (kiro.root / "loop").symlink_to(kiro.root)
    (kiro.root / "aa" / "sess_loop").symlink_to(kiro.root / "aa")
    (kiro.root / "aa" / "sess_out").symlink_to(elsewhere)
    (kiro.root / "cli" / "out.json").symlink_to(elsewhere / "0.json")
    pipe = kiro.root / "aa" / "sess_pipe"
    pipe.mkdir()
    os.mkfifo(pipe / "messages.jsonl")
    os.mkfifo(kiro.root / "cli" / "pipe.json")

    assert kiro.credits() == Decimal(3)
    assert kiro.skipped() == {"symbolic link": 4}


def test_a_root_that_is_a_link_is_the_persons_own_choice(kiro: Kiro, tmp_path: Path) -> None:
    kiro.v2(v2())
    (tmp_path / "link").symlink_to(kiro.root)

    *_, ledger = read(Sources((tmp_path / "link",)), None, UTC)

    assert isinstance(ledger, Ledger)
    assert len(ledger.sessions) == 1


def test_no_sessions_at_all_is_no_failure(kiro: Kiro) -> None:
    kiro.root.rmdir()
    assert kiro.read() == Ledger((), ())

    kiro.root.write_bytes(b"")
    assert kiro.read() == Ledger((), (Skipped("unreadable folder", 1),))


def test_a_file_that_is_gone_when_its_turn_comes_is_counted(kiro: Kiro) -> None:
    gone = kiro.v2(v2(), "0")
    kiro.v2(v2(), "1")
    steps = read(kiro.sources, None, UTC)
    next(steps)
    gone.unlink()

    *_, ledger = steps

    assert isinstance(ledger, Ledger)
    assert [session.id for session in ledger.sessions] == ["1"]
    assert ledger.skipped == (Skipped("unreadable file", 1),)


def test_a_description_that_cannot_be_read_costs_the_names_and_no_credits(kiro: Kiro) -> None:
    kiro.v3(usage_line("a", 1), about=b"{")

    (session,) = kiro.read().sessions

    assert (session.title, session.project, session.days[0].tally.credits) == (None, None, Decimal(1))
    assert kiro.skipped() == {"damaged file": 1}


def test_kiros_files_are_left_as_they_are(kiro: Kiro) -> None:
    write_sessions(kiro.root, Past(datetime(2026, 11, 12, tzinfo=UTC), 8, 40))

    def seen() -> dict[str, tuple[int, int, bytes]]:
        return {
            str(path): (path.stat().st_mtime_ns, path.stat().st_mode, path.read_bytes() if path.is_file() else b"")
            for path in kiro.root.rglob("*")
        }

    before = seen()
    kiro.read()
    kiro.read()

    assert seen() == before


KEYS = (
    *("payload", "type", "id", "timestamp", "promptTurnSummaries", "unit", "usage", "value", "session_state"),
    *("title", "cwd", "workspacePaths", "modelId", "conversation_metadata", "user_turn_metadatas"),
    *("metering_usage", "end_timestamp"),
)
NASTY = st.one_of(
    st.binary(max_size=60),
    st.sampled_from([b'"usage_summary"', b"\n", b"{}", b"[" * 9, v2(), v2()[:-30], usage_line(), usage_line()[:50]]),
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.just("usage_summary"),
        lambda inner: (
            st.lists(inner, max_size=4)
            | st.dictionaries(
                st.sampled_from(
                    [
                        "payload",
                        "type",
                        "id",
                        "timestamp",
                        "promptTurnSummaries",
                        "unit",
                        "usage",
                        "value",
                        "session_state",
                        "title",
                        "cwd",
                        "workspacePaths",
                        "conversation_metadata",
                        "user_turn_metadatas",
                        "metering_usage",
                        "end_timestamp",
                        "modelId",
                    ]
                ),
                inner,
                max_size=5,
            )
        ),
        max_leaves=12,
    ).map(lambda value: json.dumps(value).encode() + b"\n"),
)


@HOSTILE
@given(st.lists(NASTY, max_size=5).map(b"".join), st.lists(NASTY, max_size=5).map(b"".join), NASTY)
def test_any_bytes_in_any_file_are_met(v2_content: bytes, v3_content: bytes, about: bytes) -> None:
    with a_kiro() as kiro:
        kiro.v2(v2_content)
        kiro.v3(v3_content, about=about)
        kiro.v2(v2([{"unit": "credit", "value": 1}]), "good")

        first, second = kiro.read(), kiro.read()

    assert first == second
    assert "good" in {session.id for session in first.sessions}


def test_what_was_passed_over_is_counted_once_also_when_the_file_grows(kiro: Kiro) -> None:
    file = kiro.v3(usage_line("a", 1) + b'{"x":"usage_summary"\n', about=b"{")
    assert kiro.skipped() == {"damaged file": 1, "damaged line": 1}

    with file.open("ab") as appended:
        appended.write(b'{"y":"usage_summary"\n' + usage_line("b", 1))

    assert kiro.skipped() == {"damaged file": 1, "damaged line": 2}


# What is kept ---------------------------------------------------------------------------------------------------------


def test_only_what_has_changed_is_read(kiro: Kiro) -> None:
    document = kiro.v2(v2())
    messages = kiro.v3(usage_line("a", 1), about=b"{}")
    assert kiro.read_anew() == 2
    assert kiro.read_anew() == 0

    with messages.open("ab") as appended:
        appended.write(usage_line("b", 2))
    assert kiro.read_anew() == 1
    document.write_bytes(v2(turns=3))
    assert kiro.read_anew() == 1
    (messages.parent / "session.json").write_bytes(b'{"title": "New"}')
    assert kiro.read_anew() == 1
    assert "New" in {session.title for session in kiro.read().sessions}
    assert kiro.credits() == Decimal("3.15")


def test_what_was_appended_is_read_and_what_was_there_is_not(kiro: Kiro) -> None:
    padding = b"x" * 8000 + b"\n"
    file = kiro.v3(usage_line("a", 1) + padding + usage_line("b", 1))
    kiro.read()

    with file.open("r+b") as changed:  # far before the end, where only somebody who reads it all again would notice
        changed.write(usage_line("z", 7))
        changed.seek(0, os.SEEK_END)
        changed.write(usage_line("a", 2))
        changed.write(usage_line("c", 4))

    assert kiro.credits() == Decimal(7), "a is told of once more, and its last value counts"
    assert kiro.credits(keep=False) == Decimal(14)


def test_what_comes_after_the_last_turn_is_looked_at_again_because_its_turn_goes_on(kiro: Kiro) -> None:
    answer = b'{"payload":{"type":"assistant","executionId":"e","reasoningModelId":"qdev::opus"}}\n'
    file = kiro.v3(usage_line("a", 1) + answer)
    kiro.read()

    with file.open("ab") as appended:
        appended.write(usage_line("e-usage", 2, executionId="e"))

    assert {row.key: row.tally.credits for row in spend_by(By.MODEL, kiro.read().sessions).rows} == {
        "opus": Decimal(2), "": Decimal(1)
    }  # fmt: skip


@pytest.mark.parametrize(
    "change",
    [
        lambda file: file.write_bytes(usage_line("b", 7)),
        lambda file: file.write_bytes(usage_line("b", 7) + b"x" * 300 + b"\n"),
        lambda file: os.truncate(file, len(usage_line("a", 7))),
        lambda file: file.with_name("new").write_bytes(usage_line("b", 7)) and file.with_name("new").replace(file),
    ],
)
def test_a_file_that_was_cut_or_written_anew_is_read_anew(kiro: Kiro, change: Any) -> None:
    file = kiro.v3(usage_line("a", 7) + usage_line("c", 1))
    kiro.read()

    change(file)

    assert kiro.credits() == Decimal(7)


def test_sessions_that_are_gone_are_gone(kiro: Kiro) -> None:
    file = kiro.v2(v2())
    kiro.v3(usage_line())
    kiro.read()

    file.unlink()

    assert kiro.credits() == Decimal("18.5")


def test_what_is_kept_is_the_owners_alone_and_holds_no_conversation(kiro: Kiro) -> None:
    kiro.v3(b'{"text": "my secret"}\n' + usage_line(), about=b'{"title": "Ship it"}')
    kiro.read()

    (kept,) = kiro.state.iterdir()

    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert b"secret" not in kept.read_bytes()


@pytest.mark.parametrize(
    "damage",
    [
        lambda _: b"", lambda _: b"\n\n\n", lambda kept: kept[:-1], lambda kept: kept[: len(kept) // 2],
        lambda kept: kept.replace(b"spend 2", b"spend 1"), lambda kept: kept.replace(b"18.5", b"99.5"),
        lambda kept: kept + b"x", lambda kept: kept[::-1], lambda _: b"kiro-tui spend 2 00000000\n",
    ],
)  # fmt: skip
def test_what_is_kept_and_damaged_is_as_good_as_none(kiro: Kiro, damage: Any, caplog: pytest.LogCaptureFixture) -> None:
    kiro.v3(usage_line())
    kiro.read()
    kept = kiro.state / FILE
    kept.write_bytes(damage(kept.read_bytes()))

    assert kiro.credits() == Decimal("18.5")
    assert "read anew" in caplog.text
    caplog.clear()
    assert kiro.read_anew() == 0
    assert caplog.text == ""


def test_a_state_folder_that_cannot_be_written_to_costs_time_only(kiro: Kiro, caplog: pytest.LogCaptureFixture) -> None:
    kiro.v3(usage_line())
    kiro.state.rmdir()

    assert kiro.credits() == Decimal("18.5")
    assert "cannot be kept" in caplog.text


def test_another_zone_or_another_root_has_other_sums(kiro: Kiro, tmp_path: Path) -> None:
    kiro.v3(usage_line(at="2026-07-01T02:00:00Z"))
    west = timezone(timedelta(hours=-5))

    assert [row.key for row in spend_by(By.DAY, kiro.read(UTC).sessions).rows] == ["2026-07-01"]
    assert [row.key for row in spend_by(By.DAY, kiro.read(west).sessions).rows] == ["2026-06-30"]
    *_, other = read(Sources((tmp_path / "nothing",)), kiro.state, west)
    assert other == Ledger((), ())


def test_a_reading_that_is_left_keeps_what_it_has_and_the_next_one_goes_on(kiro: Kiro) -> None:
    for number in range(4):
        kiro.v3(usage_line(str(number), 1), str(number))
    steps = read(kiro.sources, kiro.state, UTC)
    assert [next(steps), next(steps), next(steps)] == [Progress(0, 4), Progress(1, 4), Progress(2, 4)]

    steps.close()

    assert kiro.read_anew() == 2
    assert kiro.credits() == Decimal(4)


def test_a_turn_that_stands_in_two_sessions_is_counted_for_the_first(kiro: Kiro) -> None:
    kiro.v3(usage_line("a", 1) + usage_line("b", 2), "two")
    kiro.read()
    first = kiro.v3(usage_line("a", 1) + usage_line("c", 4), "one")

    def by_session() -> dict[str, Decimal | None]:
        return {row.key: row.tally.credits for row in spend_by(By.SESSION, kiro.read().sessions).rows}

    assert by_session() == {"sess_one": Decimal(5), "sess_two": Decimal(2)}
    assert kiro.read_anew() == 0
    first.unlink()
    assert by_session() == {"sess_two": Decimal(3)}


def test_sessions_that_share_turns_are_left_alone_while_they_do_not_change(kiro: Kiro) -> None:
    files = [kiro.v3(usage_line("a", 1) + usage_line(name, 2), name) for name in ("x", "y")]
    assert kiro.credits() == Decimal(5)
    for file in files:  # where only somebody who opens it again would notice
        before = file.stat()
        file.write_bytes(file.read_bytes().replace(b"1", b"9"))
        os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))

    kiro.v3(usage_line("b", 4), "z")

    assert kiro.credits() == Decimal(9)


TURNS = st.tuples(st.sampled_from("abcdefgh"), st.sampled_from([None, 0.1, 0.25, 3]), st.integers(0, 23))


def lines_of(turns: Iterable[tuple[str, float | None, int]]) -> list[bytes]:
    return [usage_line(name, usage, at=f"2026-07-01T{hour:02}:30:00Z") for name, usage, hour in turns]


@HOSTILE
@given(st.lists(TURNS, max_size=8), st.randoms(use_true_random=False))
def test_order_and_repetition_of_lines_change_no_sum(
    turns: list[tuple[str, float | None, int]], chance: random.Random
) -> None:
    in_order = lines_of([(name, usage, "abcdefgh".index(name)) for name, usage, _ in turns])
    in_order = list({line.split(b",")[0]: line for line in in_order}.values())
    shuffled = in_order + chance.choices(in_order, k=3) if in_order else []
    chance.shuffle(shuffled)
    with a_kiro() as kiro, a_kiro() as other:
        kiro.v3(b"".join(in_order))
        other.v3(b"".join(shuffled))

        assert [each.days for each in kiro.read().sessions] == [each.days for each in other.read().sessions]


EDITS = st.lists(
    st.tuples(
        st.sampled_from(["append", "cut", "replace", "delete", "half"]),
        st.sampled_from("xyz"),
        st.lists(TURNS, max_size=4),
    ),
    min_size=1,
    max_size=6,
)


@HOSTILE
@given(EDITS, st.booleans())
def test_what_was_brought_up_to_date_is_what_is_read_from_scratch(
    edits: Sequence[tuple[str, str, list[tuple[str, float | None, int]]]],
    left_early: bool,  # noqa: FBT001 - drawn
) -> None:
    with a_kiro() as kiro:
        for number, (what, name, turns) in enumerate(edits):
            file = kiro.root / "aa" / f"sess_{name}" / "messages.jsonl"
            before = file.read_bytes() if file.exists() else b""
            content = b"".join(lines_of(turns))
            match what:
                case "append":
                    kiro.v3(before, name) if not before else None
                    with file.open("ab") as appended:
                        appended.write(content)
                case "half":
                    kiro.v3(before + content[: len(content) // 2], name)
                case "cut":
                    kiro.v3(before[: len(before) // 2], name)
                case "replace":
                    kiro.v3(content, name)
                case _:
                    file.unlink(missing_ok=True)
            if file.exists():  # two writes within one tick of the clock of the file system look like none
                os.utime(file, ns=(number, number))
            if left_early:
                steps = read(kiro.sources, kiro.state, UTC)
                next(steps)
                steps.close()
            assert kiro.read() == kiro.read(keep=False)


def test_the_same_id_of_two_executions_is_two_turns(kiro: Kiro) -> None:
    kiro.v3(usage_line("1", 1, executionId="e"), "one")
    kiro.v3(usage_line("1", 2, executionId="f"), "two")

    assert kiro.credits() == Decimal(3)


# How it is added up ---------------------------------------------------------------------------------------------------


def a_session(
    place: str, *days: tuple[str, str | None], project: str | None = "/p", model: str | None = "m"
) -> Session:
    """Return a session with one turn at noon, UTC, of each day."""
    moments = [(datetime.fromisoformat(day).replace(hour=12, tzinfo=UTC), cost) for day, cost in days]
    return Session(
        place,
        f"id-{place}",
        project,
        f"Title {place}",
        model,
        tuple(
            Day(
                at.date(), at.date().replace(day=1), Tally(None if cost is None else Decimal(cost), 1, cost is None, at)
            )
            for at, cost in moments
        ),
    )


SESSIONS = (
    a_session("a", ("2026-06-30", "1"), ("2026-07-01", "2")),
    a_session("b", ("2026-07-01", "4"), project="/q"),
    a_session("c", ("2026-07-02", None), project=None, model=None),
    a_session("d", ("2026-07-02", "1"), project="/q"),
)


@pytest.mark.parametrize(
    ("by", "rows"),
    [
        (By.PROJECT, [("/q", "5", 2, "62.50"), ("/p", "3", 1, "37.50"), ("", None, 1, None)]),
        (By.MODEL, [("m", "8", 3, "100.00"), ("", None, 1, None)]),
        (
            By.SESSION,
            [("id-b", "4", 1, "50.00"), ("id-a", "3", 1, "37.50"), ("id-d", "1", 1, "12.50"), ("id-c", None, 1, None)],
        ),
        (By.DAY, [("2026-07-01", "6", 2, "75.00"), ("2026-06-30", "1", 1, "12.50"), ("2026-07-02", "1", 2, "12.50")]),
    ],
)
def test_each_table_has_the_most_first_the_unknown_last_and_the_same_total(
    by: By, rows: list[tuple[str, str | None, int, str | None]]
) -> None:
    spend = spend_by(by, SESSIONS)

    def maybe(text: str | None) -> Decimal | None:
        return None if text is None else Decimal(text)

    assert [(row.key, row.tally.credits, row.sessions, row.share) for row in spend.rows] == [
        (key, maybe(used), sessions, maybe(share)) for key, used, sessions, share in rows
    ]
    assert (spend.total.credits, spend.total.turns, spend.total.unknown, spend.sessions) == (Decimal(8), 5, 1, 4)


def test_what_is_unknown_stands_behind_what_was_free() -> None:
    spend = spend_by(By.SESSION, [a_session("a", ("2026-07-01", None)), a_session("b", ("2026-07-01", "0"))])

    assert [row.tally.credits for row in spend.rows] == [Decimal(0), None]


def test_midnight_may_lie_at_any_quarter_of_an_hour(kiro: Kiro) -> None:
    kiro.v3(usage_line("a", 1, at="2026-07-01T18:14:59Z") + usage_line("b", 2, at="2026-07-01T18:15:00Z"))

    rows = spend_by(By.DAY, kiro.read(ZoneInfo("Asia/Kathmandu")).sessions).rows

    assert {row.key: row.tally.credits for row in rows} == {"2026-07-01": Decimal(1), "2026-07-02": Decimal(2)}


def test_days_before_the_first_one_do_not_count() -> None:
    spend = spend_by(By.SESSION, SESSIONS, date(2026, 7, 1))

    assert {row.key: row.tally.credits for row in spend.rows} == {
        "id-a": Decimal(2), "id-b": Decimal(4), "id-c": None, "id-d": Decimal(1)
    }  # fmt: skip
    assert spend_by(By.DAY, SESSIONS, date(2026, 8, 1)).rows == ()


def test_nothing_used_has_no_shares() -> None:
    spend = spend_by(By.DAY, [a_session("a", ("2026-07-01", "0"))])

    assert [(row.tally.credits, row.share) for row in spend.rows] == [(Decimal(0), None)]


def test_a_day_is_the_persons_own_and_a_billing_month_is_utcs(kiro: Kiro) -> None:
    tokyo = ZoneInfo("Asia/Tokyo")
    late, early = "2026-06-30T23:30:00Z", "2026-07-01T00:30:00Z"
    kiro.v3(usage_line("a", 1, at=late) + usage_line("b", 2, at=early))

    sessions = kiro.read(tokyo).sessions

    assert [(row.key, row.tally.credits) for row in spend_by(By.DAY, sessions).rows] == [("2026-07-01", Decimal(3))]
    assert explained(sessions, date(2026, 6, 1), Decimal(4)).percent == 25
    assert explained(sessions, date(2026, 7, 1), Decimal(4)).percent == 50


def test_what_an_account_used_is_not_explained_by_what_is_unknown() -> None:
    assert explained(SESSIONS, date(2025, 1, 1), Decimal(100)).percent is None
    assert explained(SESSIONS, date(2026, 7, 1), Decimal(0)).percent is None
    assert explained(SESSIONS, date(2026, 7, 1), Decimal(5)).percent == 140, "another account's sessions are among them"


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 4 * 365 * 96 - 1), st.integers(1, 9)), min_size=1, max_size=30))
def test_every_turn_is_on_the_day_that_its_zone_says(moments: list[tuple[int, int]]) -> None:
    begin = datetime(2024, 1, 1, 0, 7, tzinfo=UTC)
    turns = [(begin + timedelta(minutes=15 * quarter), cost) for quarter, cost in moments]
    for zone in map(ZoneInfo, ("Asia/Kathmandu", "Australia/Lord_Howe", "America/St_Johns")):
        with a_kiro() as kiro:
            kiro.v3(b"".join(usage_line(str(n), cost, at=at.isoformat()) for n, (at, cost) in enumerate(turns)))
            rows = {row.key: row.tally.credits for row in spend_by(By.DAY, kiro.read(zone).sessions).rows}
        expected: dict[str, int] = {}
        for at, cost in turns:
            day = at.astimezone(zone).date().isoformat()
            expected[day] = expected.get(day, 0) + cost
        assert rows == expected


# How it is said -------------------------------------------------------------------------------------------------------


def test_the_table_says_that_it_is_a_lower_bound_and_what_it_does_not_know() -> None:
    said = text(
        spend_by(By.PROJECT, SESSIONS, date(2026, 6, 30)),
        [Skipped("damaged line", 2), Skipped("symbolic link", 1)],
        explained(SESSIONS, date(2026, 7, 1), Decimal(40)),
        where="/h/.kiro/sessions",
    )

    assert said == (
        "Project           Credits     Share   Turns   Sessions\n"
        "/q                   5.00    62.5 %       2          2\n"
        "/p                   3.00    37.5 %       2          1\n"
        "unknown project         –         –       1          1\n"
        "Total                8.00   100.0 %       5          4\n"
        "\n"
        "This machine's sessions since 2026-06-30: at least 8.00 credits.\n"
        "The account says 40.00 this month; 7.00 of them, 17.5 %, were used here.\n"
        "These files do not say which account paid: the IDE may be signed in to another one, and a session that was "
        "loaded may be a colleague's.\n"
        "Turns that do not say what they cost: 1 (1 × no cost recorded).\n"
        "Passed over: 2 × damaged line, 1 × symbolic link.\n"
        "Read from /h/.kiro/sessions.\n"
        "Other machines and the web are not in it, nor are Kiro's SQLite databases, which are never opened.\n"
    )


def test_no_figure_is_said_where_none_is_known() -> None:
    unknown = text(spend_by(By.DAY, [a_session("a", ("2026-07-01", None))]))
    nothing = text(spend_by(By.DAY, []))

    assert "0.00" not in unknown + nothing
    assert "This machine's sessions do not say what they cost." in unknown
    assert nothing == "No turns of Kiro were found on this machine.\n"


def test_columns_stay_in_line_whatever_a_title_holds() -> None:
    titled = [
        Session(str(n), str(n), None, title, None, SESSIONS[0].days)
        for n, title in enumerate(("修复登录页面", "x" * 300, "naïve", "修" * 100, None))
    ]

    table, _ = text(spend_by(By.SESSION, titled)).split("\n\n")

    from wcwidth import wcswidth  # noqa: PLC0415 - the judge of this one test

    heading, *rows, _ = table.splitlines()
    begins = heading.index("Project")
    assert {wcswidth(row.removesuffix("unknown project")) for row in rows} == {begins}
    assert "untitled" in table


def test_json_has_always_the_same_keys_and_null_for_what_is_unknown() -> None:
    account = explained(SESSIONS, date(2026, 7, 1), Decimal(40))
    content = json.loads(json.dumps(document(spend_by(By.SESSION, SESSIONS), [Skipped("damaged line", 2)], account)))

    assert list(content) == [
        "schema", "ok", "by", "since", "lower_bound", "total", "rows", "account", "unknown", "skipped", "error"
    ]  # fmt: skip
    assert content["total"] == {
        "credits": 8, "turns": 5, "unknown_turns": 1, "sessions": 4, "last_at": "2026-07-02T12:00:00Z"
    }  # fmt: skip
    assert content["account"] == {"month": "2026-07-01", "credits": 40, "here": 7, "explained_percent": 17.5}
    assert content["unknown"] == [{"reason": "no cost recorded", "count": 1}]
    assert content["skipped"] == [{"reason": "damaged line", "count": 2}]
    assert content["rows"][0] == {
        "key": "id-b", "label": "Title b", "project": "/q", "model": "m", "share_percent": 50, "credits": 4,
        "turns": 1, "unknown_turns": 0, "sessions": 1, "last_at": "2026-07-01T12:00:00Z",
    }  # fmt: skip
    assert content["rows"][-1]["credits"] is None
    assert {tuple(row) for by in By for row in document(spend_by(by, SESSIONS))["rows"]} == {tuple(content["rows"][0])}
    assert document(spend_by(By.MODEL, SESSIONS))["rows"][-1]["key"] is None
    assert json.loads(json.dumps(document(spend_by(By.DAY, []))))["total"]["credits"] is None


def test_csv_is_rfc_4180_with_a_header_and_comes_back_as_it_was() -> None:
    odd = Session("x", "x", '/a,"b"', "two\nlines, and", "m", SESSIONS[0].days)
    said = as_csv(spend_by(By.SESSION, [odd, SESSIONS[2]]))

    rows = list(csv.DictReader(io.StringIO(said, newline="")))

    assert said.splitlines()[0] == ",".join(COLUMNS)
    assert said.count("\r\n") == 3
    assert [(row["label"], row["project"], row["credits"], row["last_at"]) for row in rows] == [
        ("two\nlines, and", '/a,"b"', "3", "2026-07-01T12:00:00Z"),
        ("Title c", "", "", "2026-07-02T12:00:00Z"),
    ]


# The command ----------------------------------------------------------------------------------------------------------


class Shell:
    """`kiro-tui spend` on a small tree, on 2 July 2026."""

    def __init__(self, kiro: Kiro, capsys: pytest.CaptureFixture[str]) -> None:
        self.kiro = kiro
        self._capsys = capsys

    def __call__(self, asked: Asked, account: Decimal | None = None) -> str:
        clock = FakeClock(datetime(2026, 7, 2, 12, tzinfo=UTC))
        environment = {"KIRO_HOME": str(self.kiro.root.parent)}
        assert run(asked, environment=environment, clock=clock, account=account) == 0
        return self._capsys.readouterr().out


@pytest.fixture
def shell(kiro: Kiro, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Shell:
    monkeypatch.setenv("XDG_STATE_HOME", str(kiro.state))
    days = ("2026-06-30", "2026-07-01", "2026-07-02")
    kiro.v3(b"".join(usage_line(day, n, at=f"{day}T12:00:00Z") for n, day in enumerate(days, start=1)))
    return Shell(kiro, capsys)


def test_days_are_counted_back_from_today_with_today(shell: Shell) -> None:
    def keys(days: str | None) -> list[str]:
        return [row["key"] for row in json.loads(shell(Asked("day", days, json=True)))["rows"]]

    assert keys("1") == ["2026-07-02"]
    assert keys("2") == ["2026-07-02", "2026-07-01"]
    assert keys(None) == keys("36500") == ["2026-07-02", "2026-07-01", "2026-06-30"]


def test_the_accounts_own_figure_stands_beside_the_machines_where_it_is_known(shell: Shell) -> None:
    assert "The account says 50.00 this month; 5.00 of them, 10.0 %, were used here." in shell(Asked(), Decimal(50))
    assert "The account" not in shell(Asked())


def test_the_second_run_reads_what_the_first_has_kept(shell: Shell) -> None:
    first = shell(Asked(csv=True))

    assert (shell.kiro.state / "kiro-tui" / FILE).exists()
    assert shell(Asked(csv=True)) == first


@pytest.mark.parametrize("days", ["0", "-1", "", "x", "1.5", "٣", "9" * 5000, str(MOST_DAYS + 1)])
def test_a_number_of_days_that_is_none_is_told(shell: Shell, days: str) -> None:
    with pytest.raises(UsageError, match="--days"):
        shell(Asked(days=days))


def test_json_and_csv_at_once_is_told(shell: Shell) -> None:
    with pytest.raises(UsageError, match="not both"):
        shell(Asked(json=True, csv=True))


def test_the_program_prints_it_without_asking_kiro_cli(kiro: Kiro, tmp_path: Path) -> None:
    kiro.v3(usage_line("a", 1) + b'{"x":"usage_summary"\n', about=b'{"title": "x", "workspacePaths": ["/w/one"]}')
    program = tmp_path / "kiro-cli"
    program.write_text(f"#!/bin/sh\ntouch {tmp_path}/asked\n")
    program.chmod(0o700)
    environment = {"HOME": str(tmp_path), "KIRO_HOME": str(tmp_path), "PATH": f"{tmp_path}:/usr/bin:/bin"}

    def kiro_tui(*argv: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "kiro_tui", "spend", *argv]
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)

    said = kiro_tui("--json", "--by", "project")
    wrong = kiro_tui("--by", "week")

    content = json.loads(said.stdout)
    assert (said.returncode, said.stderr) == (0, "")
    assert [(row["key"], row["credits"]) for row in content["rows"]] == [("/w/one", 1)]
    assert content["skipped"] == [{"reason": "damaged line", "count": 1}]
    assert (wrong.returncode, wrong.stdout) == (2, "")
    assert not (tmp_path / "asked").exists()


def test_the_accounts_own_figure_is_the_last_one_of_the_running_month(tmp_path: Path) -> None:
    clock = FakeClock()
    plan = Window(WindowKind.PLAN, "Credits", Decimal(40), Decimal(50), ends_at=START + timedelta(days=3))
    assert account_figure(tmp_path, clock) is None
    with closing(Journal(tmp_path, clock)) as journal:
        journal.keep(Snapshot(Report("KIRO FREE", (plan,)), Way.REPORT, START, took=1.0))

    assert account_figure(tmp_path, clock) == 40
    clock.advance(4 * 86400)
    assert account_figure(tmp_path, clock) is None
