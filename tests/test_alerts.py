"""What is told, and what is not: sentence for sentence."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from alerting import (
    DAY,
    HOUR,
    INTERVAL,
    MINUTE,
    NEXT_RESET,
    NO_ANSWER,
    NOW,
    RESET,
    SIGNED_OUT,
    Person,
    Said,
    bonus,
    failed,
    overage,
    pack,
    plan,
    reading,
    said,
)
from months import MONTHS

from kiro_tui.alerts.memory_text import memory_of, text_of
from kiro_tui.domain.alert_memory import MOST_GRANTS, MOST_MONTHS, Memory
from kiro_tui.domain.alerts import Alert, AlertKind, Rules, Severity
from kiro_tui.domain.forecast import Forecast, Lasts, RunOut, RunsOut, TooLittleKnown, UsedUp, forecast
from kiro_tui.domain.past import past_of
from kiro_tui.domain.state import State, advance
from kiro_tui.domain.usage import Account, Overage, Window, WindowKind
from kiro_tui.output.alerts import with_reading
from kiro_tui.output.as_json import render

GOLDEN = Path(__file__).parent / "golden"


def used(*percents: int, label: str = "Credits") -> list[Said]:
    return [("used", label, str(percent)) for percent in percents]


# Plan used ------------------------------------------------------------------------------------------------------------


def test_each_percent_is_told_once_when_it_is_passed() -> None:
    person = Person()

    told = [person.reads(plan(20 * percent)) for percent in (49, 50, 51, 74, 75, 90, 90, 99, 100)]

    assert told == [[], used(50), [], [], used(75), used(90), [], [], used(100)]


def test_of_several_percents_that_are_passed_in_one_step_only_the_highest_is_told() -> None:
    person = Person()

    assert person.reads(plan(800)) == []
    assert person.reads(plan(1900)) == used(90)


def test_lower_percents_are_not_told_later_either_whatever_the_figures_and_the_settings_do() -> None:
    person = Person()
    person.reads(plan(1900))

    assert [person.reads(plan(figure)) for figure in (900, 1100, 1600, 1850)] == [[], [], [], []]
    person.rules = Rules(used=(60, 80, 95))
    assert person.reads(plan(1890)) == []
    assert person.reads(plan(1900)) == used(95)


def test_what_is_not_yet_all_is_not_told_as_all() -> None:
    person = Person()

    assert person.reads(plan("9999.99", "10000")) == used(90)
    assert person.reads(plan(10000, "10000")) == used(100)


def test_each_window_is_told_for_itself_also_where_two_have_one_name() -> None:
    person = Person()

    told = person.reads(plan(1000), plan(45, "50", "Vibe requests"), plan(1500))

    assert told == [*used(50), *used(90, label="Vibe requests"), *used(75)]
    assert person.reads(plan(1500), plan(45, "50", "Vibe requests"), plan(1500)) == used(75)


@pytest.mark.parametrize(
    "window", [plan(320, None), plan(5, "0"), plan(0, "0"), bonus(None, "499"), bonus(15, "499", limit=None)]
)
def test_without_a_limit_and_for_what_is_no_plan_no_percent_is_told(window: Window) -> None:
    assert Person().reads(window) == []


def test_figures_that_contradict_each_other_are_told_as_the_gauge_shows_them() -> None:
    (alert,) = Person().learns(reading(plan(0, "50", bar="100")))

    assert (alert.title, alert.threshold) == ("Monthly credits: 100.0 % used", "100")
    assert alert.text == "So says its bar; beside it stands 0.00 of 50 used; resets Tue Dec 1, 00:00."


def test_a_figure_that_may_be_cut_off_at_the_limit_is_told_as_the_least() -> None:
    (alert,) = Person().learns(reading(plan(2000), clamped=True))

    assert alert.text == "At least 2000.00 of 2000 used; resets Tue Dec 1, 00:00."


@pytest.mark.parametrize(
    ("figure", "text", "severity"),
    [
        ("1000", "1000.00 of 2000 used, 1000.00 left; resets Tue Dec 1, 00:00.", Severity.INFO),
        ("1500.5", "1500.50 of 2000 used, 499.50 left; resets Tue Dec 1, 00:00.", Severity.WARNING),
        ("1812.5", "1812.50 of 2000 used, 187.50 left; resets Tue Dec 1, 00:00.", Severity.CRITICAL),
        ("2041.2", "2041.20 of 2000 used, 41.20 over the limit; resets Tue Dec 1, 00:00.", Severity.CRITICAL),
    ],
)
def test_the_sentence_has_the_figures_of_the_gauge(figure: str, text: str, severity: Severity) -> None:
    (alert,) = Person().learns(reading(plan(figure)))

    assert (alert.text, alert.severity, alert.at) == (text, severity, NOW)


def test_what_is_not_known_is_not_said() -> None:
    (alert,) = Person().learns(reading(plan(1900, resets=None)))

    assert alert.text == "1900.00 of 2000 used, 100.00 left."


def test_names_from_outside_are_one_short_harmless_line() -> None:
    hostile = "\x1b]2;owned\x07[red]\n$(reboot)" + "x" * 300
    alerts = Person().learns(reading(plan(1900, label=hostile), bonus(1, label=hostile)))

    assert len(alerts) == 2
    for alert in alerts:
        assert (alert.title + alert.text + (alert.window or "")).isprintable()
        assert len(alert.title) < 100
        assert alert.title.startswith("]2;owned[red] $(reboot)")


# The month ------------------------------------------------------------------------------------------------------------


def test_a_new_month_is_told_and_its_percents_anew() -> None:
    person = Person()
    person.reads(plan(1900), at=RESET - DAY)

    new = plan(0, resets=NEXT_RESET)
    assert person.reads(new, at=RESET + MINUTE) == [("reset", "Credits", None)]
    assert person.reads(new, at=RESET + HOUR) == []
    assert person.reads(replace(new, used=Decimal(1500)), at=RESET + DAY) == used(75)


def test_the_first_month_of_all_is_no_news() -> None:
    assert Person().reads(plan(0), at=RESET - 30 * DAY) == []


def test_a_month_that_ends_before_the_known_one_is_no_new_one() -> None:
    person, at = Person(), RESET - 29 * DAY
    person.reads(plan(0, resets=NEXT_RESET), at=at)

    assert person.reads(plan(0), at=at + HOUR) == []


def test_a_month_that_began_long_ago_is_no_news_but_its_percents_are() -> None:
    person = Person()
    person.reads(plan(1900), at=RESET - DAY)

    assert person.reads(plan(1900, resets=NEXT_RESET), at=RESET + 10 * DAY) == used(90)


@pytest.mark.parametrize("moved", [-DAY, DAY, -3 * DAY, 3 * DAY])
def test_a_reset_that_moves_by_days_is_the_same_month(moved: timedelta) -> None:
    person = Person()
    person.reads(plan(1900))

    assert person.reads(plan(1900, resets=RESET + moved)) == []
    assert person.reads(plan(1900)) == []


def test_a_reset_that_is_not_told_is_that_of_the_month_that_runs() -> None:
    person = Person()
    person.reads(plan(1900))

    assert person.reads(plan(1900, resets=None)) == []
    assert person.reads(plan(1900)) == []
    # It is over: the calendar's month counts then, without a word, as nobody has told of a reset.
    assert person.reads(plan(1900, resets=None), at=RESET + HOUR) == used(90)
    assert person.reads(plan(1900, resets=NEXT_RESET), at=RESET + 2 * HOUR) == []


@pytest.mark.parametrize("misread", [RESET.replace(year=2027), RESET.replace(year=1999)])
def test_a_reset_that_cannot_be_is_taken_for_one_that_is_not_told(misread: datetime) -> None:
    person = Person()
    person.reads(plan(1900))

    assert person.reads(plan(1900, resets=misread)) == []


def test_a_misread_reset_makes_the_true_month_not_new_again() -> None:
    person = Person()
    person.reads(plan(1900))
    assert person.reads(plan(1900, resets=NEXT_RESET)) == [("reset", "Credits", None), *used(90)]

    assert person.reads(plan(1900)) == []


def test_figures_of_the_old_month_that_come_late_are_told_as_its_own() -> None:
    person = Person()
    person.reads(plan(1500), at=RESET - DAY)
    person.reads(plan(0, resets=NEXT_RESET), at=RESET + MINUTE)

    assert person.reads(plan(1500), at=RESET + 2 * MINUTE) == []
    assert person.reads(plan(1900), at=RESET + 3 * MINUTE) == used(90)
    assert person.reads(plan(1100, resets=NEXT_RESET), at=RESET + DAY) == used(50)


# What is known --------------------------------------------------------------------------------------------------------


def test_only_a_fresh_reading_counts() -> None:
    old, answered = reading(plan(1900)), reading(plan(1900), at=NOW + HOUR)
    late = timedelta(seconds=2 * INTERVAL + 1)

    person = Person()
    assert person.learns(old, now=NOW + late) == []
    person.learns(failed(NO_ANSWER))
    assert person.looks(NOW) == []
    assert said(person.learns(answered)) == used(90)


def test_a_reading_that_another_pane_has_taken_counts_while_it_is_fresh() -> None:
    assert said(Person().learns(reading(plan(1900)), now=NOW + timedelta(seconds=2 * INTERVAL))) == used(90)


def test_a_restart_tells_nothing_again() -> None:
    person = Person()
    everything = (plan(2100), bonus(1)), overage("60")
    assert len(person.reads(*everything[0], beyond=everything[1])) == 4
    person.fails(SIGNED_OUT, NOW + MINUTE)

    again = person.again()
    assert again.fails(SIGNED_OUT, NOW + HOUR) == []
    assert again.reads(*everything[0], beyond=everything[1], at=NOW + 2 * HOUR) == []


# Whether it will last -------------------------------------------------------------------------------------------------

SOON = RunsOut(NOW + DAY, NOW + 2 * DAY)
PERHAPS = RunsOut(NOW + DAY, None)


def foretold(name: str) -> Forecast:
    return forecast(past_of(MONTHS[name], NOW), NOW)


def test_that_it_runs_out_is_told_once_and_that_it_lasts_after_all() -> None:
    person, month = Person(), foretold("even use, too much")
    assert isinstance(month.run_out, RunsOut)
    ends: list[RunOut] = [SOON, PERHAPS, SOON, TooLittleKnown(), Lasts(), Lasts(), PERHAPS, SOON, Lasts(), UsedUp()]

    told = [said(person.learns(reading(plan(900)), replace(month, run_out=end))) for end in ends]

    assert told == [[("runs_out", "Credits", None)], [], [], [], [("lasts", "Credits", None)], [], [], [], [], []]


def test_that_it_lasts_is_no_news_for_one_who_was_never_told_otherwise() -> None:
    person = Person()
    month = foretold("even use")

    for end in (Lasts(), PERHAPS, Lasts()):
        assert person.learns(reading(plan(900)), replace(month, run_out=end)) == []


def test_what_will_be_is_said_as_the_dashboard_says_it() -> None:
    (out,) = (person := Person()).learns(reading(plan(900)), foretold("even use, too much"))
    (lasts,) = person.learns(reading(plan(900)), foretold("even use"))

    assert (out.title, out.text) == (
        "Credits run out before the reset",
        "At 90.0 a day: runs out Nov 23, 23.3 a day to use; resets Tue Dec 1, 00:00.",
    )
    assert (lasts.title, lasts.text) == (
        "Credits last until the reset after all",
        "At 60.0 a day: lasts beyond the reset, 79.0 a day to use; resets Tue Dec 1, 00:00.",
    )


# What lapses ----------------------------------------------------------------------------------------------------------


def ends(days: int, label: str = "Welcome bonus") -> list[Said]:
    return [("ends_soon", label, str(days))]


def test_a_bonus_with_something_left_is_told_three_days_and_one_day_before_its_end() -> None:
    person = Person()

    told = [person.reads(bonus(5 - day), at=NOW + day * DAY) for day in range(6)]

    assert told == [[], [], ends(3), [], ends(1), []]


def test_a_pack_is_told_by_its_date() -> None:
    person, end = Person(), NOW + 4 * DAY

    told = [person.reads(pack(end), at=NOW + hours * HOUR) for hours in (0, 23, 25, 71, 73, 97)]

    assert told == [[], [], ends(3, "Additional credits"), [], ends(1, "Additional credits"), []]


def test_of_what_is_used_up_or_over_or_has_no_end_nothing_is_told() -> None:
    assert Person().reads(bonus(1, "500"), bonus(None), bonus(1, limit=None), bonus(10**12), pack(NOW - HOUR)) == []


def test_first_seen_on_its_last_day_a_bonus_is_told_once() -> None:
    person = Person()

    assert person.reads(bonus(0)) == ends(1)
    assert person.reads(bonus(0), at=NOW + HOUR) == []


def test_bonuses_with_one_name_are_told_each_for_itself() -> None:
    person = Person()
    both = bonus(2, "1"), bonus(3, "2")

    assert person.reads(*both) == [*ends(3), *ends(3)]
    assert person.reads(*reversed(both), at=NOW + HOUR) == []
    assert person.reads(bonus(1, "1"), bonus(2, "2"), at=NOW + DAY) == ends(1)
    assert person.reads(bonus(1, "2"), at=NOW + 2 * DAY) == ends(1)


def test_a_second_bonus_with_the_name_and_the_end_of_the_first_is_told_too() -> None:
    person = Person()
    assert person.reads(bonus(2, "1")) == ends(3)

    assert person.reads(bonus(2, "1"), bonus(2, "5"), at=NOW + HOUR) == ends(3)
    assert person.reads(bonus(2, "5"), bonus(2, "1"), at=NOW + 2 * HOUR) == []


def test_time_goes_on_after_a_reading_that_is_still_fresh() -> None:
    person = Person()
    person.state = State(DAY.total_seconds())
    assert person.reads(bonus(4), pack(NOW + 4 * DAY)) == []

    assert said(person.looks(NOW + 25 * HOUR)) == [*ends(3), *ends(3, "Additional credits")]


def test_a_bonus_of_a_name_that_was_there_before_is_another_one() -> None:
    person = Person()
    assert person.reads(bonus(2)) == ends(3)

    assert person.reads(bonus(3), at=NOW + 20 * DAY) == ends(3)


def test_a_bonus_is_told_once_across_the_reset() -> None:
    person = Person()
    person.reads(plan(0), bonus(2), at=RESET - HOUR)

    assert person.reads(plan(0, resets=NEXT_RESET), bonus(2), at=RESET + HOUR) == [("reset", "Credits", None)]


@pytest.mark.parametrize(
    ("window", "title"),
    [
        (bonus(3), "Welcome bonus ends in 3 days"),
        (bonus(1), "Welcome bonus ends in 1 day"),
        (bonus(0), "Welcome bonus ends within a day"),
        (pack(NOW + 26 * HOUR, used="0"), "Additional credits ends in 1d 2h"),
    ],
)
def test_what_lapses_is_said_with_what_is_lost(window: Window, title: str) -> None:
    (alert,) = Person().learns(reading(window))

    assert alert.title == title
    assert alert.text == f"{window.remaining:.2f} is left and lapses then."


# Overage --------------------------------------------------------------------------------------------------------------


def costs(amount: str) -> list[Said]:
    return [("overage_cost", None, amount)]


def test_overage_is_told_when_it_begins_and_when_its_cost_passes_an_amount() -> None:
    person = Person()

    told = [person.reads(plan(0), beyond=overage(cost, "1")) for cost in ("0.01", "4.99", "5", "19.99", "60", "21")]

    assert told == [[("overage_began", None, None)], [], costs("5"), [], costs("50"), []]


@pytest.mark.parametrize(
    "beyond", [None, Overage(enabled=False), Overage(enabled=True), overage(None, None), overage("0", "0")]
)
def test_overage_that_is_off_unknown_or_nothing_has_not_begun(beyond: Overage | None) -> None:
    assert Person().reads(plan(0), beyond=beyond) == []


def test_overage_begins_anew_with_the_month() -> None:
    person = Person()
    person.reads(plan(0), beyond=overage("25"), at=RESET - DAY)

    told = person.reads(plan(0, resets=NEXT_RESET), beyond=overage("25"), at=RESET + HOUR)

    assert told == [("reset", "Credits", None), ("overage_began", None, None), *costs("20")]


def test_a_new_month_is_said_with_what_it_begins_with() -> None:
    person = Person()
    person.learns(reading(plan(640), at=RESET - DAY))
    (reset,) = person.learns(reading(plan(0, resets=NEXT_RESET), at=RESET + HOUR))

    assert reset.title == "The month was reset"
    assert reset.text.startswith("Monthly credits: 0.00 of ")


def test_overage_is_said_with_what_is_known_of_it() -> None:
    began, cost = Person().learns(reading(plan(0), beyond=overage("5.61", "140.29")))

    assert (began.title, began.text) == ("Overage began", "140.29 credits beyond the plan, $5.61 so far.")
    assert (cost.title, cost.text) == ("Overage passed $5.00", "140.29 credits beyond the plan, $5.61 so far.")
    capped = replace(overage("5.61", "140.29"), cap=Decimal(20))
    (told, _) = Person().learns(reading(plan(0), beyond=capped))
    assert told.text == "140.29 credits beyond the plan, $5.61 so far, $20.00 at most."
    old = replace(overage("5.61", "140.29"), as_of=NOW - 3 * HOUR)
    (told, _) = Person().learns(reading(plan(0), beyond=old))
    assert told.text == "140.29 credits beyond the plan, $5.61 so far, as of Fri Nov 20, 09:00."
    assert [cost.severity, Person().learns(reading(plan(0), beyond=overage("50")))[-1].severity] == [
        Severity.WARNING,
        Severity.CRITICAL,
    ]


def test_a_use_above_the_limit_that_was_read_before_is_said_to_be_the_least() -> None:
    (told,) = Person().learns(reading(replace(plan(2100), as_of=NOW - HOUR)))

    assert told.text.startswith("At least 2100.00 of 2000 used, 100.00 over the limit")


# Outages --------------------------------------------------------------------------------------------------------------

NOBODY: list[Said] = [("signed_out", None, None)]
SILENCE: list[Said] = [("no_reading", None, None)]


def test_signed_out_is_told_once_until_the_next_good_reading() -> None:
    person = Person()

    assert person.fails(SIGNED_OUT) == NOBODY
    assert person.fails(SIGNED_OUT, NOW + 30 * MINUTE) == []
    assert person.fails(NO_ANSWER, NOW + 60 * MINUTE) == []
    assert person.again().fails(SIGNED_OUT, NOW + 90 * MINUTE) == []
    assert person.reads(plan(0), at=NOW + 91 * MINUTE) == []
    assert person.fails(SIGNED_OUT, NOW + 92 * MINUTE) == NOBODY


def test_an_hour_without_a_good_reading_is_told_once() -> None:
    person = Person()

    told = [person.fails(NO_ANSWER, NOW + 15 * minutes * MINUTE) for minutes in range(9)]

    assert told == [[], [], [], [], SILENCE, [], [], [], []]
    assert person.reads(plan(0), at=NOW + 3 * HOUR) == []
    assert [person.fails(NO_ANSWER, NOW + 3 * HOUR + n * 30 * MINUTE) for n in range(1, 4)] == [[], [], SILENCE]


def test_a_good_reading_in_between_begins_the_hour_anew() -> None:
    person = Person()
    for minutes in (0, 15, 30, 45):
        person.fails(NO_ANSWER, NOW + minutes * MINUTE)
    person.reads(plan(0), at=NOW + 46 * MINUTE)

    assert [person.fails(NO_ANSWER, NOW + minutes * MINUTE) for minutes in (50, 65, 80, 95)] == [[], [], [], []]


def test_the_hours_in_which_the_machine_slept_are_no_silence() -> None:
    person = Person()
    person.fails(NO_ANSWER)

    assert person.fails(NO_ANSWER, NOW + 9 * HOUR) == []
    assert person.fails(NO_ANSWER, NOW + 9 * HOUR + MINUTE) == []
    assert person.fails(NO_ANSWER, NOW + 10 * HOUR) == SILENCE


def test_who_asks_rarely_is_told_too() -> None:
    person = Person()
    person.state = State(4 * HOUR.total_seconds())
    person.fails(NO_ANSWER)

    assert person.fails(NO_ANSWER, NOW + 4 * HOUR) == SILENCE


def test_silence_can_be_switched_off() -> None:
    person = Person(Rules(silent_after=0))

    assert [person.fails(NO_ANSWER, NOW + 15 * n * MINUTE) for n in range(9)] == [[]] * 9


def test_a_failure_that_is_heard_of_after_a_good_reading_is_no_news() -> None:
    person, late = Person(), Person()
    person.fails(SIGNED_OUT)
    person.reads(plan(0), at=NOW + 5 * MINUTE)

    late.memory = person.memory
    assert late.learns(failed(SIGNED_OUT, NOW + MINUTE), now=NOW + 6 * MINUTE) == []
    assert late.fails(SIGNED_OUT, NOW + 7 * MINUTE) == NOBODY


def test_a_good_reading_from_before_the_failure_does_not_end_the_outage() -> None:
    person, late = Person(), Person()
    person.fails(SIGNED_OUT)

    late.memory = person.memory
    late.learns(reading(plan(0), at=NOW - MINUTE), now=NOW + MINUTE)
    assert late.fails(SIGNED_OUT, NOW + 2 * MINUTE) == []


def test_a_clock_that_was_set_back_leaves_no_outage_for_ever() -> None:
    person = Person()
    person.fails(SIGNED_OUT, NOW + 300 * DAY)
    person.reads(plan(0), at=NOW)

    assert person.fails(SIGNED_OUT, NOW + HOUR) == NOBODY
    person.reads(plan(0), at=NOW + 300 * DAY)
    assert person.fails(SIGNED_OUT, NOW + 2 * HOUR) == NOBODY


def test_an_outage_is_said_with_its_reason() -> None:
    (nobody,) = Person().learns(failed(SIGNED_OUT))
    person = Person()
    person.learns(reading(plan(0)))
    person.learns(failed(NO_ANSWER, NOW + MINUTE))
    (silent,) = person.learns(failed(NO_ANSWER, NOW + 61 * MINUTE))

    assert (nobody.title, nobody.text) == ("Signed out of Kiro", "Nobody is signed in. Run: kiro-cli login")
    assert (silent.title, silent.text) == (
        "No reading for 1h 0m",
        "Kiro's service did not answer. Wait. The last reading is of Fri Nov 20, 12:00.",
    )


# The memory -----------------------------------------------------------------------------------------------------------


def test_the_memory_is_bounded() -> None:
    person = Person()
    for number in range(100):
        at = NOW + number * 20 * DAY
        person.reads(plan(1900, resets=at + 10 * DAY), *(bonus(n % 4, label=f"Bonus {n}") for n in range(9)), at=at)

    assert len(person.memory.months) == MOST_MONTHS
    assert len(person.memory.grants) == MOST_GRANTS
    assert len(text_of(person.memory)) < 4000


def test_the_memory_comes_back_as_it_was() -> None:
    person = Person()
    person.reads(plan(1900), bonus(1), beyond=overage("7"))
    person.learns(reading(plan(1900)), foretold("even use, too much"))
    person.fails(SIGNED_OUT, NOW + MINUTE)

    assert memory_of(text_of(person.memory)) == person.memory
    assert memory_of(text_of(Memory())) == memory_of(None) == Memory()


def test_a_memory_whose_times_are_in_no_zone_is_none() -> None:
    person = Person()
    person.reads(plan(1900))

    assert memory_of(text_of(person.memory).replace("+00:00", "")) == Memory()


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "3", "{}", '{"months": 3}', "[" * 5000, '{"months": [{}], "grants": [], "outage": null}'],
)
def test_a_memory_that_makes_no_sense_is_none(text: str, caplog: pytest.LogCaptureFixture) -> None:
    assert memory_of(text) == Memory()
    assert "may be told again" in caplog.text


def test_a_memory_cut_off_or_changed_anywhere_raises_nothing() -> None:
    person = Person()
    person.reads(plan(1900), bonus(1), beyond=overage("7"))
    person.fails(SIGNED_OUT, NOW + MINUTE)
    text = text_of(person.memory)

    for place in range(len(text)):
        memory_of(text[:place])
        memory_of(text[:place] + "x" + text[place + 1 :])
        memory_of(text[:place] + "9" + text[place + 1 :])


# As JSON --------------------------------------------------------------------------------------------------------------


def test_an_alert_is_to_the_letter_what_was_promised() -> None:
    account = Account("Builder ID", "person@example.com")
    latest = replace(reading(plan("1812.5"), bonus(15), account=account), version="2.21.1")
    state = advance(State(INTERVAL), latest)
    (alert,) = Person().learns(latest)

    line = render(with_reading(alert, state, NOW + MINUTE, show_email=False), pretty=True) + "\n"

    assert line == (GOLDEN / "alert.json").read_text(encoding="utf-8")


def test_without_a_reading_there_is_none_in_the_json() -> None:
    (alert,) = Person().learns(failed(SIGNED_OUT))

    content = with_reading(alert, State(INTERVAL), NOW, show_email=True)

    assert content["reading"] is None
    assert (content["window"], content["threshold"]) == (None, None)


@pytest.mark.parametrize("kind", list(AlertKind))
def test_every_kind_can_be_rendered_as_one_line(kind: AlertKind) -> None:
    alert = Alert(kind, Severity.INFO, datetime(2026, 11, 20, tzinfo=UTC), "title", "text")

    line = render(with_reading(alert, State(INTERVAL), NOW, show_email=False), pretty=False)

    assert json.loads(line)["kind"] == kind.value
    assert "\n" not in line


def test_a_window_is_a_plan_by_its_kind_and_not_by_its_name() -> None:
    odd = Window(WindowKind.BONUS, "Credits", Decimal(499), Decimal(500), ends_in_days=1)

    (alert,) = Person().learns(reading(odd))

    assert alert.title == "Credits ends in 1 day"
