"""The formats of a status line: what they say, and what no plan's name and no template can make them do."""

import json
import re
import subprocess
from collections import Counter
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal
from xml.etree import ElementTree as ET

import pytest
from cards import NOW, bonus, failures, reading, snapshots
from fakes import START
from hypothesis import given, settings
from hypothesis import strategies as st
from installed import needs

from kiro_tui.domain import wording
from kiro_tui.domain.card import Card
from kiro_tui.domain.carding import card_of
from kiro_tui.domain.level import level_of
from kiro_tui.domain.state import Failure, Snapshot
from kiro_tui.domain.usage import Note, NoteCode, Overage, Window, WindowKind
from kiro_tui.errors import NotLoggedIn, ProbeError, TimedOut
from kiro_tui.output import prometheus, template
from kiro_tui.output.lines import line
from kiro_tui.output.words import amount, limit, rounded
from kiro_tui.ui import gauge

INTERVAL = 300.0
CODES = sorted({kind.code for kind in ProbeError.__subclasses__()})
NOTHING = Card(None, None)
SIGNED_OUT = Failure(NotLoggedIn("Signed out.", "Sign in: kiro-cli login"), START)
known = st.builds(card_of, st.one_of(st.none(), snapshots()), st.one_of(st.none(), failures()))


def said(card: Card, wanted: str = "tmux", later: float = 0.0) -> str:
    text = line(card, wanted, NOW + later, INTERVAL)
    assert text.endswith("\n")
    return text[:-1]


def bare(text: str) -> str:
    return re.sub(r"#\[[^]]*\]", "", text)


# tmux -----------------------------------------------------------------------------------------------------------------


def test_tmux_is_told_percent_and_days_in_the_colour_of_the_level() -> None:
    assert said(card_of(reading(), None)) == "#[fg=green]Kiro 32% 7d#[default]"


@pytest.mark.parametrize(
    ("used", "style", "percent"),
    [("0", "fg=green", "0%"), ("1500", "fg=yellow", "75%"), ("1999.99", "fg=red", "100%"),
     ("2000", "fg=red,bold", "100%"), ("2240", "fg=red,bold,reverse", "112%")],
)  # fmt: skip
def test_the_colour_is_that_of_the_level_and_more_than_all_is_said_as_it_is(
    used: str, style: str, percent: str
) -> None:
    assert said(card_of(reading(used), None)) == f"#[{style}]Kiro {percent} 7d#[default]"


def test_what_is_stale_has_a_tilde_before_it_by_age_and_by_failure() -> None:
    assert bare(said(card_of(reading(), None), later=2 * INTERVAL)) == "Kiro 32% 7d"
    assert bare(said(card_of(reading(), None), later=2 * INTERVAL + 1)) == "~Kiro 32% 7d"
    assert bare(said(card_of(reading(), SIGNED_OUT))) == "~Kiro 32% 7d"


def test_where_there_is_no_reading_the_code_stands_behind_an_exclamation_mark() -> None:
    assert bare(said(card_of(None, SIGNED_OUT))) == "!not_logged_in"
    assert bare(said(NOTHING)) == "!no_numbers"


@pytest.mark.parametrize(
    ("snapshot", "expected"),
    [
        (reading(limit=None), "Kiro – 7d"),
        (replace(reading(), report=replace(reading().report, windows=(), managed=True)), "Kiro –"),
        (replace(reading(), report=replace(reading().report, windows=(bonus("1", "10"),))), "Kiro 10% 15d"),
        (reading("2000", notes=(Note(NoteCode.MAYBE_CLAMPED, ""),)), "Kiro ≥100% 7d"),
    ],
)
def test_what_is_unknown_is_a_dash_and_what_may_be_more_is_said_so(snapshot: Snapshot, expected: str) -> None:
    assert bare(said(card_of(snapshot, None))) == expected


@settings(max_examples=40)
@given(known)
def test_no_word_from_outside_reaches_tmux(card: Card) -> None:
    codes = "|".join(CODES)
    ours = rf"#\[(fg=[a-z]+|dim)(,[a-z]+)*\](!({codes})|~?Kiro (–|≥?[0-9]+%)( ([0-9]+[dhms]|now))?)#\[default\]"

    assert re.fullmatch(ours, said(card))


# Waybar ---------------------------------------------------------------------------------------------------------------


def test_waybar_is_told_text_tooltip_classes_and_percentage() -> None:
    card = card_of(
        reading("1900", more=(bonus("386.34", "500"),), overage=Overage(enabled=True, credits=Decimal("40.29"))), None
    )

    assert json.loads(said(card, "waybar", later=3600)) == {
        "text": "~Kiro 95% 7d",
        "tooltip": "Kiro Pro+\nCredits: 1900.00 of 2000 used, 100.00 left, resets in 7d 21h\n"
        "Welcome bonus: 386.34 of 500 used, 113.66 left, expires in 15d\nOverage: 40.29 credits\nRead 1 h ago",
        "class": ["high", "stale"],
        "percentage": 95,
    }


def test_waybar_is_told_why_there_is_no_reading() -> None:
    assert json.loads(said(card_of(None, SIGNED_OUT), "waybar")) == {
        "text": "!not_logged_in",
        "tooltip": "Signed out.\nSign in: kiro-cli login",
        "class": ["error"],
        "percentage": None,
    }


@settings(max_examples=40)
@given(known)
def test_whatever_is_known_waybar_gets_json_on_one_line_and_markup_that_is_none(card: Card) -> None:
    text = said(card, "waybar")
    shown = json.loads(text)

    assert "\n" not in text
    assert set(shown) == {"text", "tooltip", "class", "percentage"}
    for markup in (shown["text"], shown["tooltip"]):
        assert len(ET.fromstring(f"<markup>{markup}</markup>")) == 0  # noqa: S314 - it is our own


# Prometheus -----------------------------------------------------------------------------------------------------------

SAMPLE = re.compile(r'([a-z_]+)(\{(?:[a-z_]+="(?:[^"\\\n]|\\["\\n])*",?)*\})? ([0-9.]+)')


def samples(text: str) -> dict[str, float]:
    found = {}
    for each in text.splitlines():
        if not each.startswith("#"):
            match = SAMPLE.fullmatch(each)
            assert match, each
            series = match[1] + (match[2] or "")
            assert series not in found
            found[series] = float(match[3])
    return found


def test_prometheus_is_told_every_figure_with_its_unit_in_the_name() -> None:
    overage = Overage(enabled=True, credits=Decimal("40.29"), cost=Decimal("1.61"), currency="USD")
    found = samples(line(card_of(reading(more=(bonus("1", "4"),), overage=overage), None), "prometheus", NOW, INTERVAL))
    plan = '{kind="plan",label="Credits",number="1",plan="Kiro Pro+"}'

    assert found["kiro_up"] == 1
    assert found["kiro_last_reading_timestamp_seconds"] == NOW
    assert found[f"kiro_credits_used{plan}"] == 640.25
    assert found[f"kiro_credits_limit{plan}"] == 2000
    assert found[f"kiro_credits_remaining{plan}"] == 1359.75
    assert found[f"kiro_credits_used_ratio{plan}"] == 0.3201
    assert found[f"kiro_allowance_end_timestamp_seconds{plan}"] == NOW + (7 * 24 + 22) * 3600
    assert found['kiro_overage_cost{currency="USD"}'] == 1.61
    assert {name.split("{")[0] for name in found} == set(prometheus.HELP) - {"kiro_failure"}


def test_a_failure_is_told_beside_the_last_figures() -> None:
    failed = samples(line(card_of(reading(), SIGNED_OUT), "prometheus", NOW, INTERVAL))
    nothing = samples(line(NOTHING, "prometheus", NOW, INTERVAL))

    assert (failed["kiro_up"], failed['kiro_failure{code="not_logged_in"}']) == (0, 1)
    assert any(name.startswith("kiro_credits_used{") for name in failed)
    assert nothing == {"kiro_up": 0, 'kiro_failure{code="no_numbers"}': 1}


@settings(max_examples=40)
@given(known)
def test_whatever_is_known_every_sample_is_well_formed_and_no_series_comes_twice(card: Card) -> None:
    text = line(card, "prometheus", NOW, INTERVAL)
    types = Counter(re.findall(r"^# TYPE (\S+) gauge$", text, re.MULTILINE))

    assert samples(text)
    assert set(types.values()) == {1}
    assert "None" not in text


@needs("promtool")
@settings(max_examples=10)
@given(st.lists(known, min_size=1, max_size=1))
def test_promtool_finds_nothing_wrong(cards: list[Card]) -> None:
    for card in cards:
        text = line(card, "prometheus", NOW, INTERVAL)
        done = subprocess.run(["promtool", "check", "metrics"], input=text, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


# Templates ------------------------------------------------------------------------------------------------------------


def test_a_template_is_filled_in() -> None:
    card = card_of(reading(more=(bonus("386.34", "500"),)), None)
    wanted = (
        "{percent:.0f}% {remaining} left, {resets_in} {{{plan}}} {bonus_remaining:>8}|{limit}|{days}|{level}{stale}"
    )

    assert said(card, wanted) == "32% 1359.75 left, 7d 22h {Kiro Pro+}   113.66|2000|7|calm"


@pytest.mark.parametrize("name", template.FIELDS)
def test_every_field_says_something_and_is_never_0_where_nothing_is_known(name: str) -> None:
    nothing, all_known = said(NOTHING, f"{{{name}}}"), said(card_of(reading(), None), f"{{{name}}}")

    assert nothing == {"stale": "", "sign": "", "error": "no_numbers"}.get(name, "–")
    assert all_known != "–" or name.startswith("overage")


@pytest.mark.parametrize(
    ("spec", "known_as", "unknown_as"),
    [("100", "32.01".rjust(100), "–".rjust(100)), (".0f", "32", "–"),
     ("6.1f", "  32.0", "     –"), ("<6", "32.01 ", "–     "), ("*^9", "**32.01**", "****–****"),
     ("08.2f", "00032.01", "       –"), ("+.0f", "+32", "–"), (",.1f", "32.0", "–")],
)  # fmt: skip
def test_a_format_is_obeyed_and_an_unknown_number_is_a_dash_as_wide(spec: str, known_as: str, unknown_as: str) -> None:
    assert said(card_of(reading(), None), f"{{percent:{spec}}}") == known_as
    assert said(NOTHING, f"{{percent:{spec}}}") == unknown_as


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ("{percnt}", "unknown field 'percnt'; the fields are percent, percent_left"),
        ("{}", "unknown field ''"),
        ("{0}", "unknown field '0'"),
        ("{percent.__class__}", "unknown field 'percent.__class__'"),
        ("{plan[0]}", "unknown field"),
        ("{percent!r}", "unknown field"),
        ("{percent:{days}}", "expected a format"),
        ("{percent:999999999}", "at most 100 columns"),
        ("{percent:101}", "at most 100 columns"),
        ("{percent:.999999999f}", "at most 100 columns"),
        ("{percent:\u0661\u0660\u0660}", "at most 100 columns"),
        ("{percent:d}", "a number, as in .0f"),
        ("{days:c}", "a number, as in .0f"),
        ("{percent:x}", "a number, as in .0f"),
        ("{plan:.0f}", "text, as in >10"),
        ("{percent", "is not closed"),
        ("percent}", "closes nothing"),
        ("x" * 1001, "at most 1000 characters"),
    ],
)
def test_a_mistake_in_a_template_is_told_whatever_is_known(wrong: str, told: str) -> None:
    for card in (NOTHING, card_of(reading(), None)):
        with pytest.raises(template.Mistake, match=re.escape(told)):
            line(card, wanted=wrong, now=NOW, interval=INTERVAL)


@settings(max_examples=40)
@given(known, st.sampled_from(sorted(template.FIELDS)), st.text("<>^=+- #0123456789.,fegd%sxn_z", max_size=8))
def test_a_format_that_is_accepted_never_fails_and_is_never_wide(card: Card, name: str, spec: str) -> None:
    wanted = f"{{{name}:{spec}}}"
    try:
        template.parsed(wanted)
    except template.Mistake:
        return
    assert len(said(card, wanted)) <= max(300, template.WIDEST)


@settings(max_examples=40)
@given(known)
def test_no_bar_can_take_a_word_from_outside_for_markup(card: Card) -> None:
    assert not set(template.MARKUP) & set(said(card, "{plan} {label}"))


@given(st.text("ab{}:.0", max_size=12))
def test_a_template_is_filled_in_or_told_to_be_wrong(wanted: str) -> None:
    with suppress(template.Mistake):
        assert "\n" not in said(NOTHING, wanted)


@given(st.decimals(0, 10**9, places=4), st.integers(0, 3))
def test_numbers_are_rounded_as_everywhere_else_in_the_program(number: Decimal, places: int) -> None:
    assert rounded(f"{number:f}", places) == f"{number.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP):f}"
    assert (amount(f"{number:f}"), limit(f"{number:f}")) == (wording.amount(number), wording.limit(number))


# All of them ----------------------------------------------------------------------------------------------------------


@settings(max_examples=40)
@given(snapshots())
def test_the_level_is_the_gauges(snapshot: Snapshot) -> None:
    for window, pool in zip(snapshot.report.windows, card_of(snapshot, None).figures.pools, strict=True):  # type: ignore[union-attr]  # a reading has figures
        assert pool.level == level_of(window).value == gauge.level_of(window).name.lower().replace("_", "-")


def test_days_that_were_counted_with_the_reading_go_on_counting() -> None:
    window = Window(WindowKind.BONUS, "Bonus", Decimal(1), Decimal(2), ends_in_days=2)
    card = card_of(replace(reading(), report=replace(reading().report, windows=(window,))), None)

    assert [said(card, "{resets_in}", days * 86400) for days in (0, 1, 2, 30)] == ["2d", "1d", "0d", "0d"]


def test_no_age_is_negative_after_the_clock_was_set_back() -> None:
    assert said(card_of(reading(taken_at=START + timedelta(days=1)), None), "{age}{stale}") == "0"


def test_a_line_needs_no_error_to_have_a_message() -> None:
    assert "Kiro" in said(card_of(reading(), Failure(TimedOut(""), START)), "waybar")
