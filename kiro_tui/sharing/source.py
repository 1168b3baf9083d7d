"""A source that asks only when nobody else has: what another program has just learned is the answer here too.

One rule: **what another program learned after our own last answer is our answer, if it is young enough**; a question by
a person takes only what came after it. That holds for readings, which are taken from the journal, and for failures,
which are not kept there and are noted with the turn. Programs that would not get the same answer, because they ask
another kiro-cli or on behalf of somebody else, share nothing: they differ in their *scope*.

Waiting for another one's answer costs a look at the journal a second, and only while that one is asking; waiting for
news costs nothing at all (see `bell`). Must never keep a failure in the journal, nor show another account's numbers.
"""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from kiro_tui.cached.keeping import keep_card
from kiro_tui.clock import Clock
from kiro_tui.domain.carding import card_of
from kiro_tui.domain.history import Reading
from kiro_tui.domain.retained import retained
from kiro_tui.domain.state import Failure, Outcome, Snapshot
from kiro_tui.domain.usage import is_another
from kiro_tui.journal.worker import Journals
from kiro_tui.poller import Source
from kiro_tui.scope import key_of
from kiro_tui.sharing.bell import Bell
from kiro_tui.sharing.earlier import earlier_of
from kiro_tui.sharing.turn import Turn, failure_in, note_of

if TYPE_CHECKING:
    from kiro_tui.domain.usage import Account
    from kiro_tui.journal.store import Journal

LOOK_AGAIN = 1.0
"""Seconds after which a waiting program looks whether the one that asks is still there."""
LONGEST_QUESTION = 180.0
"""Seconds after which one that still has not answered is taken to be stopped, and is not waited for any more."""

log = logging.getLogger(__name__)
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Known:
    """What is no news any more."""

    reading: Reading | None
    note: str


@dataclass(frozen=True, slots=True)
class Terms:
    """With whom answers are shared, and for how long; ages in seconds."""

    scope: str
    """Whatever decides which answer comes, as text: the same for two programs that would get the same one."""
    max_age: float
    """For how long an answer of another program is young enough; usually the interval."""
    max_failure_age: float = 0.0
    """The same for a failure, where nothing was asked here before; with 0 a new program asks for itself."""


class SharedSource:
    """Answers with what another program has learned, or asks the source when it is this one's turn.

    `folder` is the state folder, None where there is none: then nothing is shared. Whoever opens it closes it.
    """

    def __init__(self, source: Source, journal: Journals, clock: Clock, folder: Path | None, terms: Terms) -> None:
        scope = key_of(terms.scope)
        self._source = source
        self._journal = journal
        self._clock = clock
        self._terms = terms
        self._leave_card = partial(keep_card, folder, scope)
        self._turn = Turn(folder / f"turn-{scope}" if folder else None)
        self._bell = Bell(folder / "panes" if folder else None)
        self._whose = f"account of {scope}"
        self._person = f"person of {scope}"
        self._known: _Known | None = None
        self._notice: str | None = None
        self._account: Account | None = None
        self._account_key: str | None = None

    def close(self) -> None:
        """Share nothing any more."""
        self._turn.give_back()
        self._bell.close()

    async def last(self) -> Snapshot | None:
        """Return the last reading of all programs, however old it is; asks nobody."""
        reading = await self._look()
        return None if reading is None else self._snapshot(reading)

    def last_failure(self) -> Failure | None:
        """Return why the last question of all programs failed, None where it did not; asks nobody."""
        return failure_in(self._turn.read(), by_person=False)

    @property
    def notice(self) -> str | None:
        """What a person should be told once about the journal, as of the last time that it was read."""
        return self._notice

    async def readings(self, since: datetime) -> tuple[Reading, ...]:
        """Return what is known of the account that was last seen in this scope."""
        return await self._kept(lambda journal, account: journal.readings(account, since, self._clock.now()))

    async def hourly(self, since: datetime) -> tuple[Reading, ...]:
        """Return the last reading of each hour: enough to foretell from, and a tenth of all where Kiro is used much."""
        return await self._kept(lambda journal, account: journal.hourly(account, since, self._clock.now()))

    async def _kept(self, ask: Callable[["Journal", str], tuple[Reading, ...]]) -> tuple[Reading, ...]:
        def look(journal: "Journal") -> tuple[tuple[Reading, ...], str | None]:
            account = journal.memo(self._whose)
            return () if account is None else ask(journal, account), journal.notice

        kept, self._notice = await self._journal.do(look)
        return kept

    async def amend(
        self, subject: str, change: Callable[[str | None], tuple[str, T]], seen: Snapshot | None = None
    ) -> T | None:
        """Change what is noted on a subject about the account that is shown, with no other program in between.

        None where that cannot be had now, or where the reading that was `seen` is no longer the account's latest. Whose
        reading it was that told no name is taken to be whoever was last known by name.
        """

        def amend(journal: "Journal") -> T | None:
            nobody = journal.account_key(None)
            whose = journal.memo(self._whose) or nobody
            if seen is not None and not _is_of(seen, journal.latest(whose)):
                return None
            person = whose if whose != nobody else journal.memo(self._person) or nobody
            # What was noted before anybody was known by name is about the first who is, and about nobody after that.
            before = journal.memo(f"{subject} of {nobody}")
            result = journal.amend(f"{subject} of {person}", lambda noted: change(noted or before or None))
            if before and result is not None and person != nobody:
                journal.set_memo(f"{subject} of {nobody}", "")
            return result

        return await self._journal.do(amend)

    async def ask(self, *, by_person: bool = False) -> Outcome:
        """Answer once, with another program's answer where that is news, by asking where it is not."""
        known = await self._no_news(by_person=by_person)
        began = self._clock.monotonic()
        while True:
            mine, asking = self._take_turn(), False
            try:
                # Also where it is ours: the one before us may have answered.
                answer = await self._answer_of_another(known, by_person=by_person)
                if answer is None and mine:
                    asking = True
                    answer = await self._ask(by_person=by_person)
            finally:
                if mine:
                    self._turn.give_back()
                if asking:
                    self._bell.ring()
            if answer is not None:
                return answer
            if self._clock.monotonic() - began > LONGEST_QUESTION:
                log.warning("another kiro-tui has been asking for %.0f s, and is overruled", LONGEST_QUESTION)
                self._turn.overrule()
            await self._wait()

    async def news(self) -> Snapshot:
        """Return a reading that another program has kept, as soon as there is one that was not returned yet."""
        self._bell.hang()
        while True:
            reading = await self._look()
            if self._known is not None and reading is not None and reading != self._known.reading:
                self._known = _Known(reading, self._known.note)
                return self._snapshot(reading)
            await self._bell.heard()

    async def _no_news(self, *, by_person: bool) -> _Known:
        """Return what may not be the answer to a question that is put now."""
        if by_person:
            return _Known(await self._look(), self._turn.read())
        if self._known is not None:
            return self._known
        note = self._turn.read()
        failure = failure_in(note, by_person=False)
        young = failure is not None and self._is_young(failure.at, self._terms.max_failure_age)
        return _Known(None, "" if young else note)

    async def _answer_of_another(self, known: _Known, *, by_person: bool) -> Outcome | None:
        reading, note = await self._look(), self._turn.read()
        answer: Outcome | None = None
        if reading is not None and reading != known.reading and self._is_young(reading.last_at, self._terms.max_age):
            answer = self._snapshot(reading)
        elif note != known.note:
            failure = failure_in(note, by_person=by_person)
            if failure is not None and self._is_young(failure.at, self._terms.max_age):
                answer = failure
        if answer is not None:
            log.info("another kiro-tui has asked")
            self._known = _Known(reading, note)
        return answer

    async def _ask(self, *, by_person: bool) -> Outcome:
        outcome = await self._source.ask(by_person=by_person)
        match outcome:
            case Snapshot():
                outcome, kept = await self._keep(outcome)
                self._known = _Known(kept, "")
            case Failure():
                self._known = _Known(await self._look(), note_of(outcome, by_person=by_person))
        self._turn.write(self._known.note)
        known = self._known.reading
        self._leave_card(card_of(self._snapshot(known) if known else None, self.last_failure()))
        return outcome

    async def _keep(self, snapshot: Snapshot) -> tuple[Snapshot, Reading]:
        """Complete the reading with what earlier ones knew, and keep it."""
        before = self._known.reading if self._known is not None else None
        is_ours = before is not None and before.account == self._account_key
        own = (before,) if before and is_ours and not is_another(self._account, snapshot.account) else ()

        def keep(journal: "Journal") -> tuple[Snapshot, Reading]:
            earlier = earlier_of(journal, snapshot.account, journal.memo(self._whose), journal.memo(self._person))
            completed = retained(earlier or own, snapshot)  # `own`: the journal is gone, or was damaged
            reading = journal.keep(completed)
            journal.set_memo(self._whose, reading.account)
            if snapshot.account is not None:
                journal.set_memo(self._person, reading.account)
            return completed, reading

        completed, reading = await self._journal.do(keep)
        self._account, self._account_key = snapshot.account, reading.account
        return completed, reading

    async def _look(self) -> Reading | None:
        """Return the last reading of the account that was last seen in this scope."""

        def look(journal: "Journal") -> Reading | None:
            account = journal.memo(self._whose)
            return None if account is None else journal.latest(account)

        return await self._journal.do(look)

    def _take_turn(self) -> bool:
        try:
            return self._turn.take()
        except OSError as error:
            log.warning("There are no turns, so everybody asks: %s", error)
            return True

    async def _wait(self) -> None:
        """Return when another program rings, or when it is time to see whether it still lives."""
        waiting = [asyncio.ensure_future(each) for each in (self._bell.heard(), self._clock.sleep(LOOK_AGAIN))]
        try:
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for each in waiting:
                each.cancel()
            await asyncio.gather(*waiting, return_exceptions=True)

    def _is_young(self, at: datetime, seconds: float) -> bool:
        # By either sign: what lies far ahead was read before the clock was set back, whenever that was.
        return abs((self._clock.now() - at).total_seconds()) < seconds

    def _snapshot(self, reading: Reading) -> Snapshot:
        """Return the reading as an answer; whose it is can be said only where we asked for the same account before."""
        account = self._account if reading.account == self._account_key else None
        return Snapshot(
            reading.report, reading.way, reading.last_at, took=0.0, version=reading.version, account=account
        )


def _is_of(seen: Snapshot, reading: Reading | None) -> bool:
    return reading is not None and reading.report == seen.report and reading.last_at >= seen.taken_at
