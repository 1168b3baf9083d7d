"""What the demo looks back on: it leads up to its first figures, and fills its screens without touching a person's."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pytest
from fakes import FakeClock
from hypothesis import given
from hypothesis import strategies as st

from kiro_tui.commands.demo_past import ACCOUNT, DemoSessions, WithPast, readings
from kiro_tui.commands.sessions import SessionFiles
from kiro_tui.domain.course import runs, uses
from kiro_tui.domain.usage import WindowKind
from kiro_tui.journal.store import Journal
from kiro_tui.journal.worker import JournalWorker
from kiro_tui.simulator.account import AccountState
from kiro_tui.simulator.month import _PAST, OPENED, START, account_on, at
from kiro_tui.spend.ledger import Ledger
from kiro_tui.spend.root import Sources

HOUR = timedelta(hours=1)
before = st.floats(0, (START - OPENED).total_seconds()).map(lambda seconds: OPENED + timedelta(seconds=seconds))


def used(state: AccountState) -> Decimal:
    return state.resources[0].used + sum((bonus.used for bonus in state.bonuses), Decimal(0))


def test_the_past_ends_with_the_first_figures_of_the_demo() -> None:
    assert account_on(START - timedelta(microseconds=1)) == at(0) == account_on(START)


def test_before_the_account_was_opened_there_is_none() -> None:
    with pytest.raises(ValueError, match="opened"):
        account_on(OPENED - timedelta(seconds=1))


@given(moment=before)
def test_the_past_is_always_a_possible_account(moment: datetime) -> None:
    state = account_on(moment)

    limit = state.resources[0].limit
    assert limit is not None
    assert 0 <= state.resources[0].used <= limit
    assert all(0 <= bonus.used <= bonus.total and bonus.days >= 0 for bonus in state.bonuses)
    assert state.reset
    assert state.reset.day == 1
    assert 0 < (datetime.combine(state.reset, datetime.min.time(), UTC) - moment).total_seconds() <= 31 * 86400


@given(moment=before)
def test_in_an_hour_of_the_past_credits_are_used_and_none_come_back_but_at_a_seam(moment: datetime) -> None:
    one, other = account_on(moment), account_on(min(moment + HOUR, START))
    same = (one.reset, one.plan, [b.name for b in one.bonuses]) == (
        other.reset,
        other.plan,
        [b.name for b in other.bonuses],
    )

    if same:
        assert 0 <= used(other) - used(one) <= 25
        assert other.resources[0].used == one.resources[0].used or all(b.used == b.total for b in other.bonuses)


@pytest.mark.parametrize("seam", [period.ends for period in _PAST], ids=str)
def test_at_a_seam_nothing_jumps_that_goes_on(seam: datetime) -> None:
    before, after = account_on(seam - timedelta(microseconds=1)), account_on(seam)

    if (before.plan, before.reset) == (after.plan, after.reset):
        assert before.resources == after.resources
        assert {b.name: b.used for b in before.bonuses if b.days}.items() <= {
            b.name: b.used for b in after.bonuses
        }.items()
    else:
        assert after.resources[0].used == 0


def test_weekdays_are_busy_and_weekends_calm() -> None:
    days = [OPENED + timedelta(days=n) for n in range(21)]
    spent = {day: used(account_on(day + timedelta(days=1))) - used(account_on(day)) for day in days}

    weekend = [amount for day, amount in spent.items() if day.weekday() > 4]
    assert max(weekend) < min(amount for day, amount in spent.items() if day.weekday() < 5)
    assert len(set(spent.values())) > 15


def test_the_upgrade_and_the_bonus_that_lapsed_can_be_seen_in_the_readings() -> None:
    reports = [snapshot.report for snapshot in readings()]
    plans = [report.plan for report in reports]

    assert plans.index("KIRO PRO+") > 0
    assert [(a, b) for a, b in pairwise(plans) if a != b] == [("KIRO PRO", "KIRO PRO+")]
    summer = [w for report in reports for w in report.windows if w.label == "Summer bonus"]
    assert summer[-1].used < Decimal(500)
    assert not any(w.label == "Summer bonus" for w in reports[-1].windows)
    assert {w.kind for w in reports[-1].windows} == {WindowKind.PLAN, WindowKind.BONUS}


async def test_the_journal_has_the_past_before_anything_else_is_asked_of_it(tmp_path: Path) -> None:
    worker = JournalWorker(tmp_path, FakeClock())
    journals = WithPast(worker)

    def look(journal: Journal) -> list[Decimal]:
        kept = journal.readings(journal.account_key(ACCOUNT), START - timedelta(days=30), START)
        return [use.credits for use in uses(runs([(r.first_at, r.report) for r in kept]))]

    first, second = await journals.do(look), await journals.do(look)
    worker.close()

    assert len(first) > 80
    assert sum(first) > 1000
    assert first == second


def test_the_demos_sessions_are_made_up_once_where_they_are_told_to(tmp_path: Path) -> None:
    sessions = DemoSessions(SessionFiles(Sources((tmp_path / "home" / "sessions",)), None, UTC), FakeClock())

    *_, ledger = sessions.read()
    *_, again = sessions.read()

    assert isinstance(ledger, Ledger)
    assert len(ledger.sessions) > 40
    assert ledger == again
    assert sessions.turns_of(ledger.sessions[0])
    assert [path.name for path in tmp_path.iterdir()] == ["home"]
