"""What other programs and people get to read. The golden files are promises: change one only to add a key."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiro_tui.domain import spans
from kiro_tui.domain.state import Failure, Snapshot, State, Way, advance
from kiro_tui.domain.usage import Account, Note, NoteCode, Overage, Report, Window, WindowKind
from kiro_tui.errors import KiroTuiError, NotLoggedIn, PromptExecuted, UsageError
from kiro_tui.output.as_json import document, error_document, render
from kiro_tui.output.as_text import text

GOLDEN = Path(__file__).parent / "golden"
TAKEN_AT = datetime(2026, 11, 23, 1, 2, 3, tzinfo=UTC)
NOW = TAKEN_AT + timedelta(seconds=0.4)
SIGNED_OUT = Failure(NotLoggedIn("Nobody is signed in.", "Run: kiro-cli login"), at=TAKEN_AT + timedelta(minutes=5))

FULL = Snapshot(
    Report(
        "KIRO PRO+",
        (
            Window(
                WindowKind.PLAN,
                "Credits",
                Decimal("640.25"),
                Decimal(2000),
                Decimal(32),
                ends_at=datetime(2026, 12, 1, tzinfo=UTC),
            ),
            Window(WindowKind.BONUS, "Welcome bonus", Decimal("386.34"), Decimal(500), ends_in_days=15),
            Window(WindowKind.BONUS, "Grant", Decimal("1.00"), Decimal("12.50"), ends_in_days=1),
            Window(
                WindowKind.ADD_ON,
                "Additional credits",
                Decimal("100.00"),
                Decimal(100),
                Decimal("145.9"),
                ends_at=datetime(2027, 6, 18, tzinfo=UTC),
            ),
            Window(WindowKind.ADD_ON, "Additional credits", Decimal("0.00"), Decimal(0)),
        ),
        Overage(True, Decimal("40.29"), Decimal("0.04"), Decimal("1.61"), None, "USD"),  # noqa: FBT003 - read as `on`
        notes=(Note(NoteCode.MAYBE_CLAMPED, "The figure may be cut off at the limit: at least this much was used."),),
    ),
    Way.REPORT,
    TAKEN_AT,
    took=2.4142,
    version="2.21.1",
    path="/usr/local/bin/kiro-cli",
    account=Account("Builder ID", "person@example.com"),
)
BARE = Snapshot(Report(None, managed=True), Way.ACP, TAKEN_AT, took=3.0)


def after(*outcomes: Snapshot | Failure) -> State:
    state = State(interval=300)
    for outcome in outcomes:
        state = advance(state, outcome)
    return state


def with_window(window: Window) -> Snapshot:
    return replace(FULL, report=replace(FULL.report, windows=(window,)))


def said(state: State, now: datetime = NOW, *, show_email: bool = False) -> str:
    return text(state, now, show_email=show_email, zone=ZoneInfo("Europe/Berlin"))


def test_a_full_reading_is_to_the_letter_what_was_promised() -> None:
    assert render(document(after(FULL), NOW, show_email=False), pretty=True) == golden("reading.json")


def test_a_failure_keeps_the_last_good_reading_with_its_true_age() -> None:
    later = TAKEN_AT + timedelta(minutes=5)

    content = document(after(FULL, SIGNED_OUT), later, show_email=True)

    assert render(content, pretty=True) == golden("failure-after-reading.json")
    assert content["reading"]["stale"] is True


def test_a_failure_without_a_reading_has_all_keys() -> None:
    assert render(document(after(SIGNED_OUT), NOW, show_email=False), pretty=False) == (
        '{"schema": 1, "ok": false, "reading": null, "error": '
        '{"code": "not_logged_in", "message": "Nobody is signed in.", "hint": "Run: kiro-cli login"}}'
    )
    assert error_document(UsageError("no such command")) == {
        "schema": 1,
        "ok": False,
        "reading": None,
        "error": {"code": "usage", "message": "no such command", "hint": ""},
    }


def test_what_is_unknown_is_null_and_all_keys_are_there() -> None:
    full = document(after(FULL), NOW, show_email=False)["reading"]
    bare = document(after(BARE), NOW, show_email=False)["reading"]

    assert list(bare) == list(full)
    assert bare["kiro_cli"] == {"path": None, "version": None}
    assert bare["account"] == {"login_method": None, "email": None, "organization": None}
    assert bare["plan"] == {"name": None, "display_name": None, "managed": True}
    assert (bare["windows"], bare["overage"], bare["notes"]) == ([], None, [])
    assert bare["took_seconds"] == 3


def test_unknown_overage_figures_are_null_and_not_nothing() -> None:
    report = replace(FULL.report, overage=Overage(enabled=False))

    overage = document(after(replace(FULL, report=report)), NOW, show_email=False)["reading"]["overage"]

    assert overage == {"enabled": False, "credits": None, "rate": None, "cost": None, "cap": None, "currency": None}


def test_a_pooled_account_has_no_limit_no_percent_and_no_rest() -> None:
    pooled = with_window(Window(WindowKind.PLAN, "Requests", Decimal("320.00"), None))

    window = document(after(pooled), NOW, show_email=False)["reading"]["windows"][0]

    assert (window["used"], window["limit"], window["remaining"], window["used_percent"]) == (320, None, None, None)
    assert "320.00 used" in said(after(pooled))
    assert "%" not in said(after(pooled))


def test_the_e_mail_is_masked_unless_it_is_to_be_shown() -> None:
    state = after(FULL)

    assert document(state, NOW, show_email=False)["reading"]["account"]["email"] == "p•••@example.com"
    assert document(state, NOW, show_email=True)["reading"]["account"]["email"] == "person@example.com"
    assert "person@" not in said(state)
    assert "p•••@example.com" in said(state)
    assert "person@example.com" in said(state, show_email=True)


def test_a_reading_is_stale_after_two_intervals_and_never_of_negative_age() -> None:
    state = after(FULL)

    def age(seconds: float) -> tuple[int, bool]:
        reading = document(state, TAKEN_AT + timedelta(seconds=seconds), show_email=False)["reading"]
        return reading["age_seconds"], reading["stale"]

    assert [age(0), age(600), age(600.5), age(-3600)] == [(0, False), (600, False), (600, True), (0, False)]


def test_a_warning_that_came_with_a_reading_is_told() -> None:
    warned = replace(FULL, warning=PromptExecuted("The model answered.", "Do nothing."))

    notes = document(after(warned), NOW, show_email=False)["reading"]["notes"]

    assert [note["code"] for note in notes] == ["maybe_clamped", "prompt_executed"]
    assert "Warning: The model answered." in said(after(warned))


def amounts() -> st.SearchStrategy[Decimal]:
    return st.decimals(0, 10**7, places=2)


def leaves(value: Any) -> Iterator[Any]:
    match value:
        case dict():
            for each in value.values():
                yield from leaves(each)
        case list():
            for each in value:
                yield from leaves(each)
        case _:
            yield value


@given(used=amounts(), limit=st.none() | amounts(), label=st.text(max_size=20))
def test_any_amount_is_one_line_of_json_that_reads_back_as_it_was(
    used: Decimal, limit: Decimal | None, label: str
) -> None:
    content = document(
        after(with_window(Window(WindowKind.BONUS, label, used, limit))), NOW + timedelta(9), show_email=True
    )
    line = render(content, pretty=False)

    window = json.loads(line, parse_float=Decimal)["reading"]["windows"][0]

    assert "\n" not in line
    assert (window["used"], window["limit"], window["label"]) == (used, limit, label)
    assert window["remaining"] == (None if limit is None else max(limit - used, Decimal(0)))
    for number in leaves(content):
        assert not isinstance(number, float) or not number.is_integer()


def test_text_for_a_person_is_to_the_letter_what_was_promised() -> None:
    assert said(after(FULL)) == golden("reading.txt") + "\n"


def test_text_of_a_managed_plan_says_why_there_are_no_numbers() -> None:
    assert said(after(BARE)) == (
        "Kiro, plan unknown\n\n"
        "An administrator manages this plan, and kiro-cli shows no numbers for it.\n\n"
        "Read just now from a kiro-cli of unknown version (acp).\n"
    )


def test_a_managed_plan_with_numbers_is_told_with_them() -> None:
    managed = replace(FULL, report=replace(FULL.report, managed=True))
    reading = document(after(managed), NOW, show_email=False)["reading"]

    assert reading["plan"]["managed"] is True
    assert reading["windows"] == document(after(FULL), NOW, show_email=False)["reading"]["windows"]
    assert said(after(managed)) == said(after(FULL))


def test_overage_that_was_used_and_then_switched_off_keeps_its_amounts() -> None:
    off = Overage(enabled=False, credits=Decimal("40.29"), rate=Decimal("0.04"), cost=Decimal("1.61"), currency="USD")
    snapshot = replace(FULL, report=replace(FULL.report, overage=off))

    assert "off, 40.29 credits used, $1.61 so far, $0.04 for one credit\n" in said(after(snapshot))
    assert document(after(snapshot), NOW, show_email=False)["reading"]["overage"]["credits"] == 40.29


def test_text_says_over_off_reset_and_stale_in_words() -> None:
    over = with_window(Window(WindowKind.PLAN, "Credits", Decimal(2100), Decimal(2000), ends_at=TAKEN_AT))
    over = replace(over, report=replace(over.report, overage=Overage(enabled=False)))

    lines = said(after(over, SIGNED_OUT), TAKEN_AT + timedelta(hours=3)).splitlines()

    assert (
        lines[2] == "Credits   105.0 %   2100.00 of 2000 used   100.00 over the limit   resets now (Mon Nov 23, 02:02)"
    )
    assert lines[3] == "Overage   off"
    assert lines[-1] == "Read 3 hours ago from kiro-cli 2.21.1 (report), so it may be out of date."


@pytest.mark.parametrize(("passed", "shown"), [(0.9, "1 day"), (1.0, "0 days"), (5.0, "0 days"), (-2.0, "1 day")])
def test_days_of_an_older_reading_are_counted_down_and_end_at_none(passed: float, shown: str) -> None:
    grant = with_window(Window(WindowKind.BONUS, "Grant", Decimal(1), Decimal(2), ends_in_days=1))

    assert f"expires in {shown}\n" in said(after(grant), TAKEN_AT + timedelta(days=passed))


def test_text_without_a_reading_is_empty() -> None:
    assert said(after(SIGNED_OUT)) == ""


def test_every_error_of_the_tree_has_a_code_of_its_own_in_the_document() -> None:
    def tree(kind: type[KiroTuiError]) -> Iterator[type[KiroTuiError]]:
        for child in kind.__subclasses__():
            yield child
            yield from tree(child)

    with_code = [kind for kind in tree(KiroTuiError) if hasattr(kind, "code")]
    shared = [kind for kind in with_code if kind.__module__ == KiroTuiError.__module__]
    assert {kind.code for kind in with_code} == {kind.code for kind in shared}
    assert {error_document(kind("x"))["error"]["code"] for kind in shared} == {
        "usage", "settings", "not_installed", "not_logged_in", "service_failed", "cli_failed", "timed_out",
        "not_recognised", "no_numbers", "prompt_executed",
    }  # fmt: skip


def golden(name: str) -> str:
    return (GOLDEN / name).read_text(encoding="utf-8").removesuffix("\n")


@pytest.mark.parametrize(
    ("span", "words"),
    [
        ("7d 22h", "7 days 22 hours"),
        ("1h 1m", "1 hour 1 minute"),
        ("9m 30s", "9 minutes 30 seconds"),
        ("4 min ago", "4 minutes ago"),
        ("2 h ago", "2 hours ago"),
        ("3 days ago", "3 days ago"),
        ("now", "now"),
    ],
)
def test_a_span_can_be_read_aloud(span: str, words: str) -> None:
    assert spans.in_words(span) == words
