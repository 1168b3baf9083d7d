"""What a poorer source does not state is kept from a richer one, with its age; what it states always wins."""

from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from cards import snapshots
from fakes import FakeClock
from hypothesis import given, settings
from hypothesis import strategies as st

from kiro_tui.domain.alert_memory import Memory
from kiro_tui.domain.alerts import Rules
from kiro_tui.domain.course import believable, runs, sightings, uses
from kiro_tui.domain.forecast import forecast
from kiro_tui.domain.history import Reading
from kiro_tui.domain.news import Known, news
from kiro_tui.domain.past import past_of
from kiro_tui.domain.retained import retained
from kiro_tui.domain.state import Snapshot, State, Way, advance
from kiro_tui.domain.usage import Note, NoteCode, Overage, Report, Window, WindowKind, kept_times
from kiro_tui.journal.store import Journal

D = Decimal
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
RESET = datetime(2026, 12, 1, tzinfo=UTC)
NEXT_RESET = datetime(2027, 1, 1, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
LIMIT = D(10000)
ON = Overage(enabled=True, credits=D(31325), rate=D("0.04"), cost=D(1253), currency="USD")
OFF = Overage(enabled=False)
NO_GRANTS = (WindowKind.BONUS, WindowKind.ADD_ON)
UNREAD = Note(NoteCode.UNREAD_ROWS, "One row was not understood.")
CLAMPED = Note(NoteCode.MAYBE_CLAMPED, "Credits: at least 10000.")


def plan(
    used: str | int, limit: Decimal | None = LIMIT, resets: datetime | None = RESET, label: str = "Credits"
) -> Window:
    return Window(WindowKind.PLAN, label, D(used), limit, ends_at=resets)


def bonus(used: str = "386.34", days: int | None = 15, label: str = "Welcome bonus") -> Window:
    return Window(WindowKind.BONUS, label, D(used), D(500), ends_in_days=days)


def pack(ends: datetime) -> Window:
    return Window(WindowKind.ADD_ON, "Add-on credits", D("42.5"), D(100), ends_at=ends)


def acp(*windows: Window, overage: Overage | None = ON, at: datetime = NOW) -> Snapshot:
    return Snapshot(Report("KIRO POWER", windows or (plan(10000),), overage), Way.ACP, at, took=1.0, version="2.14.0")


def report(
    *windows: Window, overage: Overage | None = None, at: datetime = NOW + HOUR, inline: bool = False
) -> Snapshot:
    """Return what a headless report says; like the real parser it remarks on a figure exactly at the limit."""
    windows = windows or (plan(10000),)
    notes = (CLAMPED,) if windows[0].used == windows[0].limit and overage in {None, replace(ON, credits=None)} else ()
    said = Report("KIRO POWER", windows, overage, notes=notes, unlisted=NO_GRANTS if inline else ())
    return Snapshot(said, Way.REPORT, at, took=1.0, version="2.14.0")


def panel(*windows: Window, at: datetime = NOW + HOUR) -> Snapshot:
    return Snapshot(Report("KIRO POWER", windows), Way.PANEL, at, took=1.0, version="2.14.0")


def kept(snapshot: Snapshot) -> Reading:
    return Reading("a", snapshot.taken_at, snapshot.taken_at, snapshot.report, snapshot.way, snapshot.version)


def after(*snapshots: Snapshot) -> list[Report]:
    """Return the reports as they are kept, one after the other."""
    readings: list[Reading] = []
    for each in snapshots:
        readings.append(kept(retained(readings, each)))
    return [each.report for each in readings]


def codes(report: Report) -> list[str]:
    return [note.code.value for note in report.notes]


# On top of the plan ---------------------------------------------------------------------------------------------------


def test_a_clamped_report_does_not_replace_the_overage_that_acp_stated() -> None:
    last = after(acp(), report())[-1]

    assert last.windows == (plan(10000),)
    assert last.overage == replace(ON, as_of=NOW)
    assert [(note.code, note.as_of) for note in last.notes] == [(NoteCode.KEPT_FROM_BEFORE, NOW)]
    assert "Overage" in last.notes[0].text


def test_a_chain_of_poorer_readings_keeps_the_first_time() -> None:
    reports = after(acp(), *(report(at=NOW + minutes * MINUTE) for minutes in range(1, 200)))

    assert {each.overage for each in reports[1:]} == {replace(ON, as_of=NOW)}
    assert len(set(reports[1:])) == 1, "a kept reading that changes would be a new row of the journal each time"


def test_what_a_source_states_always_wins() -> None:
    fresh = replace(ON, credits=D(31400), cost=D(1256))

    last = after(acp(), report(), acp(overage=fresh, at=NOW + 2 * HOUR))[-1]

    assert (last.overage, last.notes) == (fresh, ())


def test_switched_off_is_a_statement_and_the_amounts_that_it_leaves_out_are_kept() -> None:
    last = after(acp(), report(overage=OFF))[-1]

    assert last.overage == replace(ON, enabled=False, as_of=NOW)


def test_switched_off_with_nothing_on_top_before_is_all_that_is_said() -> None:
    nothing = replace(ON, credits=D(0), cost=D(0))

    last = after(acp(plan(400), overage=nothing), report(plan(410), overage=OFF))[-1]

    assert (last.overage, last.notes) == (OFF, ())


@pytest.mark.parametrize("before", [OFF, replace(ON, credits=D(0), cost=D(0))])
def test_below_the_limit_a_source_that_says_nothing_of_overage_leaves_it_as_it_was(before: Overage) -> None:
    last = after(acp(plan(400), overage=before), report(plan(410)))[-1]

    assert last.overage == replace(before, as_of=NOW)


def test_no_overage_below_the_limit_is_not_known_to_be_none_at_it() -> None:
    nothing = replace(ON, credits=D(0), cost=D(0))

    last = after(acp(plan(9990), overage=nothing), report())[-1]

    assert last.overage == replace(ON, credits=None, cost=None, as_of=NOW)
    assert codes(last) == ["maybe_clamped", "kept_from_before"]


def test_use_above_the_limit_does_not_fall_to_the_limit_when_a_report_clamps() -> None:
    last = after(panel(plan(11458), at=NOW), report())[-1]

    assert last.windows == (replace(plan(11458), as_of=NOW),)
    assert codes(last) == ["kept_from_before"]


def test_the_limit_exactly_is_a_figure_like_any_other_where_the_source_does_not_clamp() -> None:
    last = after(panel(plan(11458), at=NOW), panel(plan(10000)))[-1]

    assert (last.windows, last.notes) == ((plan(10000),), ())


def test_kept_credits_do_not_count_twice_where_the_source_shows_all_of_the_use() -> None:
    last = after(acp(), panel(plan(41330)))[-1]

    assert (last.windows[0].used, last.windows[0].as_of) == (10005, None)
    assert last.overage == replace(ON, as_of=NOW)


def test_of_several_resources_each_is_kept_by_its_name() -> None:
    credits_, vibes = plan(11458), plan(7, D(50), label="Vibe requests")

    last = after(panel(vibes, credits_, at=NOW), report(plan(10000), plan(9, D(50), label="Vibe requests")))[-1]

    assert last.windows == (replace(credits_, as_of=NOW), plan(9, D(50), label="Vibe requests"))


def test_resources_of_the_same_name_are_told_apart_by_their_order() -> None:
    one, other = plan(11458), plan(12000)

    last = after(panel(one, other, at=NOW), report(plan(10000), plan(10000)))[-1]

    assert last.windows == (replace(one, as_of=NOW), replace(other, as_of=NOW))


# What ends it ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("resets", "at"),
    [
        (NEXT_RESET, RESET + MINUTE),
        (None, RESET + MINUTE),
        (RESET, RESET + MINUTE),
        (NEXT_RESET, NOW + HOUR),
    ],
    ids=["stated", "unknown", "the service is late", "before its time"],
)
def test_a_reset_ends_it_all(resets: datetime | None, at: datetime) -> None:
    last = after(acp(plan(10000), bonus()), report(plan(10000, resets=resets), at=at, inline=True))[-1]

    assert (last.overage, len(last.windows), codes(last)) == (None, 1, ["maybe_clamped"])


def test_without_any_date_the_month_is_the_calendars() -> None:
    dateless = acp(plan(10000, resets=None))

    assert after(dateless, report(plan(10000, resets=None)))[-1].overage == replace(ON, as_of=NOW)
    assert after(dateless, report(plan(10000, resets=None), at=RESET))[-1].overage is None


def test_a_date_that_cannot_be_true_is_no_new_month() -> None:
    odd = report(plan(10000, resets=RESET.replace(year=2031)))

    assert after(acp(), odd, report(at=NOW + 2 * HOUR))[-1].overage == replace(ON, as_of=NOW)


def test_a_new_limit_ends_what_was_on_top_and_not_that_overage_is_on() -> None:
    last = after(acp(), report(plan(20000, D(20000))))[-1]

    assert last.overage == replace(ON, credits=None, cost=None, as_of=NOW)
    assert after(panel(plan(25000), at=NOW), report(plan(20000, D(20000))))[-1].windows[0].used == 20000


def test_a_total_that_fell_is_taken_as_it_is() -> None:
    last = after(acp(), panel(plan(30000)))[-1]

    assert last.windows == (plan(30000),)
    assert last.overage == replace(ON, credits=None, cost=None, as_of=NOW)


@pytest.mark.parametrize(("used", "credits_"), [(9950, 31325), (9000, None), (120, None)])
def test_use_that_fell_ends_what_was_on_top_but_not_a_cache_that_lags(used: int, credits_: int | None) -> None:
    last = after(acp(), report(plan(used)))[-1]

    assert last.overage is not None
    assert last.overage.credits == credits_


def test_a_reading_without_figures_neither_keeps_nor_forgets() -> None:
    managed = replace(report(at=NOW + HOUR), report=Report("Q Developer Pro", managed=True))

    reports = after(panel(plan(11458), at=NOW), managed, report(at=NOW + 2 * HOUR))

    assert reports[1] == managed.report
    assert reports[2].windows == (replace(plan(11458), as_of=NOW),)


def test_a_clock_that_was_set_back_makes_no_figure_newer_than_its_reading() -> None:
    last = after(acp(), report(at=NOW - HOUR))[-1]

    assert last.overage == replace(ON, as_of=NOW - HOUR)


# Grants and packs -----------------------------------------------------------------------------------------------------


def test_grants_that_a_report_never_lists_are_kept_until_their_end() -> None:
    first = acp(plan(400), bonus(days=2), pack(NOW + 3 * DAY), overage=OFF)
    hours = range(1, 24 * 5)

    reports = after(first, *(report(plan(400), at=NOW + hour * HOUR, inline=True) for hour in hours))

    for hour, each in zip(hours, reports[1:], strict=True):
        days = 2 - hour // 24
        grants = [window for window in each.windows if window.kind is not WindowKind.PLAN]
        assert [window.ends_in_days for window in grants if window.kind is WindowKind.BONUS] == [days][: days >= 0]
        assert any(window.kind is WindowKind.ADD_ON for window in grants) == (hour < 72)
        assert {window.as_of for window in grants} <= {NOW}


def test_a_grant_that_is_missing_where_all_are_listed_is_gone() -> None:
    assert after(acp(plan(400), bonus(), overage=OFF), report(plan(400)))[-1].windows == (plan(400),)


def test_a_kind_of_which_some_are_listed_is_as_it_is_listed() -> None:
    last = after(acp(plan(400), bonus(), bonus(label="Gift"), overage=OFF), report(plan(400), bonus(), inline=True))[-1]

    assert last.windows == (plan(400), bonus())


def test_a_grant_whose_row_was_not_understood_is_as_it_was_before() -> None:
    unread = replace(report(plan(400), bonus()), report=replace(report(plan(400), bonus()).report, notes=(UNREAD,)))

    last = after(acp(plan(400), bonus(), bonus(label="Gift"), overage=OFF), unread)[-1]

    assert last.windows == (plan(400), bonus(), replace(bonus(label="Gift"), as_of=NOW))
    assert codes(last) == ["unread_rows", "kept_from_before"]


def test_a_forecast_takes_the_end_of_a_kept_bonus_from_when_its_days_were_counted() -> None:
    first = acp(plan(400), bonus(days=2), overage=OFF)
    reports = [kept(first), kept(retained([kept(first)], report(plan(400), at=NOW + 23 * HOUR, inline=True)))]

    stock = past_of(reports, NOW + 23 * HOUR).stock

    assert stock is not None
    assert [each.ends_at for each in stock.bonuses] == [NOW + 3 * DAY]


# What is known of the use ---------------------------------------------------------------------------------------------


def known_uses(*snapshots: Snapshot) -> list[tuple[datetime, datetime, Decimal]]:
    readings: list[Reading] = []
    for each in snapshots:
        readings.append(kept(retained(readings, each)))
    found = uses(runs(sightings(readings, NOW + 9 * DAY)))
    return [(each.start, each.end, each.credits) for each in found if each.start != each.end]


def test_a_kept_figure_that_stands_still_is_no_time_without_use() -> None:
    fresh = replace(ON, credits=D(31400), cost=D(1256))
    hours = [NOW + hour * HOUR for hour in range(4)]

    found = known_uses(acp(), report(at=hours[1]), report(at=hours[2]), acp(overage=fresh, at=hours[3]))

    assert found == [(hours[0], hours[3], D(75))]


def test_below_the_limit_a_report_without_overage_tells_the_use_as_well_as_any() -> None:
    nothing = replace(ON, credits=D(0), cost=D(0))

    found = known_uses(acp(plan(400), overage=nothing), report(plan(410)), report(plan(430), at=NOW + 2 * HOUR))

    assert [used for _, _, used in found] == [10, 20]


@pytest.mark.parametrize(("used", "is_believed"), [("386.34", False), ("500", True)])
def test_a_kept_bonus_hides_use_as_long_as_something_is_left_of_it(used: str, *, is_believed: bool) -> None:
    last = after(acp(plan(400), bonus(used), overage=OFF), report(plan(400), inline=True))[-1]

    assert len(last.windows) == 2
    assert believable(last) is is_believed


# Any order of sources -------------------------------------------------------------------------------------------------

SMALL = D(1000)


def by_acp(total: Decimal, at: datetime) -> Snapshot:
    beyond = max(total - SMALL, D(0))
    overage = Overage(enabled=True, credits=beyond, rate=D("0.04"), cost=beyond * D("0.04"), currency="USD")
    return acp(plan(str(min(total, SMALL)), SMALL), bonus("500"), overage=overage, at=at)


def by_panel(total: Decimal, at: datetime) -> Snapshot:
    return panel(plan(str(total), SMALL), bonus("500"), at=at)


def by_clamped_report(total: Decimal, at: datetime) -> Snapshot:
    return report(plan(str(min(total, SMALL)), SMALL), bonus("500"), at=at)


def by_report_that_says_off(total: Decimal, at: datetime) -> Snapshot:
    return report(plan(str(min(total, SMALL)), SMALL), bonus("500"), overage=OFF, at=at)


def by_report_that_says_on(total: Decimal, at: datetime) -> Snapshot:
    on = Overage(enabled=True, rate=D("0.04"))
    return report(plan(str(min(total, SMALL)), SMALL), bonus("500"), overage=on, at=at)


def by_unclamped_report(total: Decimal, at: datetime) -> Snapshot:
    return report(plan(str(total), SMALL), bonus("500"), at=at)


def by_inline_report(total: Decimal, at: datetime) -> Snapshot:
    return report(plan(str(total), SMALL), at=at, inline=True)


def by_dateless_report(total: Decimal, at: datetime) -> Snapshot:
    return report(plan(str(min(total, SMALL)), SMALL, resets=None), at=at, inline=True)


Source = Callable[[Decimal, datetime], Snapshot]
SOURCES: tuple[Source, ...] = (
    *(by_acp, by_panel, by_clamped_report, by_report_that_says_off, by_report_that_says_on),
    *(by_unclamped_report, by_inline_report, by_dateless_report),
)
STEPS = st.lists(
    st.tuples(st.sampled_from(SOURCES), st.sampled_from((0, 0, 1, 30, 400)), st.sampled_from((5, 60, 600))),
    min_size=2,
    max_size=24,
)


def totals(steps: Iterable[tuple[Source, int, int]]) -> Iterable[tuple[Snapshot, Decimal]]:
    """Yield a month of readings, each by another source, and what was really used by then."""
    total, at = D(700), datetime(2026, 11, 2, tzinfo=UTC)
    for source, used, minutes in steps:
        total, at = total + used, at + minutes * MINUTE
        yield source(total, at), total


def spent(report: Report) -> Decimal:
    return report.windows[0].used + ((report.overage and report.overage.credits) or D(0))


@settings(max_examples=150, deadline=None)
@given(STEPS)
def test_whatever_sources_take_turns_the_history_never_falls_and_never_says_too_much(
    steps: list[tuple[Source, int, int]],
) -> None:
    clock, history, seen = FakeClock(), list[Reading](), list[Report]()
    with closing(Journal(None, clock)) as journal:
        whose = journal.account_key(None)
        for snapshot, total in totals(steps):
            last = retained(journal.recent(whose, 64), snapshot)
            history.append(journal.keep(last))
            seen.append(last.report)
            assert spent(last.report) <= total
            if snapshot.way is Way.ACP:
                assert last == snapshot
    for one, other in pairwise(seen):
        assert spent(one) <= spent(other), "it jumped down"
        before, now = ((each.overage and each.overage.credits) for each in (one, other))
        assert not before or (now is not None and now >= before), "what was on top was forgotten"
        assert len(other.windows) == 2 or len(one.windows) == 1, "a grant was forgotten"
    for each in seen:
        assert kept_times(each) == {note.as_of for note in each.notes} - {None}


MOMENTS = st.one_of(
    st.integers(-40 * 24 * 60, 40 * 24 * 60).map(lambda minutes: NOW + minutes * MINUTE),
    st.datetimes(datetime(1971, 1, 1), datetime(9999, 12, 31)).map(lambda moment: moment.replace(tzinfo=UTC, fold=0)),  # noqa: DTZ001 - the zone is added
)


def as_a_source_states_it(said: Report) -> Report:
    windows = tuple(replace(window, as_of=None) for window in said.windows)
    overage = said.overage and replace(said.overage, as_of=None)
    return replace(said, windows=windows, overage=overage, unlisted=NO_GRANTS if said.managed or overage else ())


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(snapshots(), MOMENTS), min_size=1, max_size=5))
def test_whatever_was_read_keeping_it_adds_to_what_is_stated_and_a_second_time_nothing(
    read: list[tuple[Snapshot, datetime]],
) -> None:
    history: list[Reading] = []
    for snapshot, at in read:
        taken = replace(snapshot, taken_at=at, report=as_a_source_states_it(snapshot.report))
        last = retained(history, taken)
        stated, said = taken.report, last.report
        assert (said.plan, said.managed, said.organization) == (stated.plan, stated.managed, stated.organization)
        fresh = [window for window in said.windows if window.as_of is None]
        assert all(window.used >= 0 for window in said.windows)
        assert len(fresh) <= len(stated.windows) <= len(said.windows)
        history.append(kept(last))
        assert retained(history, last).report == said


@settings(max_examples=100, deadline=None)
@given(STEPS)
def test_whatever_sources_take_turns_nothing_is_told_twice(steps: list[tuple[Source, int, int]]) -> None:
    memory, state, told = Memory(), State(interval=300), list[tuple[str, str | None]]()
    history: list[Reading] = []
    for snapshot, _ in totals(steps):
        last = retained(history, snapshot)
        history.append(kept(last))
        state = advance(state, last)
        at = snapshot.taken_at
        memory, alerts = news(memory, Known(state, at, forecast(past_of(history, at), at), UTC), Rules())
        told += [(alert.kind.value, alert.threshold) for alert in alerts]

    assert len(told) == len(set(told))
