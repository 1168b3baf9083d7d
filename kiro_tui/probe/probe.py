"""One poll of kiro-cli: picks a source, remembers what worked, and turns failures into values.

One question at a time. Its order is what keeps it harmless: know kiro-cli and its version, know that somebody is
signed in, and only then ask for the usage, from a source that is safe for that version. Only a ProbeError becomes a
Failure; anything else is a bug and is raised.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

from kiro_tui.clock import Clock
from kiro_tui.domain.state import Attempt, Failure, Outcome, Snapshot, SourceName, Way
from kiro_tui.domain.usage import Account, Report
from kiro_tui.errors import (
    FlagsRefused,
    KiroIsWorking,
    NoNumbers,
    NotLoggedIn,
    ProbeError,
    PromptExecuted,
    TimedOut,
)
from kiro_tui.probe.account import IDENTITY_CENTER
from kiro_tui.probe.asking.conversation import Answer, Room
from kiro_tui.probe.asking.sources import (
    LAST,
    SOURCES,
    Asked,
    Kiro,
    UsageSource,
    is_doubtful,
    may_start_v3,
    sources_of,
    without_doubt,
)
from kiro_tui.probe.asking.unavailable import not_safe, switched_off, with_consequence
from kiro_tui.probe.idle import kiro_is_idle, kiro_is_working
from kiro_tui.probe.installation import Installation
from kiro_tui.probe.introduction import Introduction
from kiro_tui.probe.memory import Memory, Settled, settle, settled_key
from kiro_tui.probe.process.child import Child, Command, Launch
from kiro_tui.probe.rooms import Rooms, remove_left_behind, rooms, usable
from kiro_tui.probe.search import Search

DEFAULT_TIMEOUT = 20.0
FAILURES_TO_START_OVER = 2


class Probe:
    """Asks the kiro-cli of this machine. Holds nothing that would have to be closed."""

    def __init__(  # noqa: PLR0913 - the plain values that the composition root has at hand
        self,
        *,
        launch: Launch,
        clock: Clock,
        environment: Mapping[str, str],
        state_folder: Path | None,
        path: str | None = None,
        timeout: float = DEFAULT_TIMEOUT,
        ways: tuple[Way, ...] | None = None,
        sources: tuple[SourceName, ...] = (),
        is_idle: Callable[[], bool] | None = None,
    ) -> None:
        """`environment` is the person's own; `state_folder` None keeps nothing; `path` None looks for kiro-cli.

        `timeout` is in seconds, for one answer on a terminal. `ways` None allows all kinds of sources; `sources` limits
        them further to some of a kind. `is_idle` says whether engine v3 may be started; it is called in a thread, and
        None looks at this machine.
        """
        self._launch = launch
        self._clock = clock
        self._environment = environment
        self._folder = usable(state_folder)
        self._timeout = timeout
        self._sources = sources or sources_of(tuple(Way) if ways is None else ways)
        self._is_idle = is_idle or partial(kiro_is_idle, environment)
        self._introduction = Introduction(clock, environment, Memory(self._folder), path, timeout)
        self._no_better_at_home: set[SourceName] = set()
        """Sources that failed in the person's own home as well; a person's question tries it again."""
        remove_left_behind(self._folder, clock)

    @property
    def installation(self) -> Installation | None:
        """The kiro-cli that was asked last; None before, and where there is none."""
        return self._introduction.installation

    @property
    def account(self) -> Account | None:
        """Who was signed in when it was asked last; None where that is not known."""
        return self._introduction.account

    async def ask(self, *, by_person: bool = False) -> Outcome:
        """Return a reading, or why there is none; `by_person` asks again also what would otherwise be believed."""
        began = self._clock.monotonic()
        search = Search()
        if by_person:
            self._introduction.ask_again()
            self._no_better_at_home.clear()
        try:
            with rooms(self._folder, self._launch, self._clock, self._environment) as lent:
                await self._introduction.make(lent.own)
                source, report = await self._search(lent, search)
        except ProbeError as error:
            self._introduction.doubt(error)
            attempts = tuple(search.attempts)
            return Failure(error, self._clock.now(), self._version, self._path, attempts)
        return Snapshot(
            report,
            source.way,
            taken_at=self._clock.now(),
            took=self._clock.monotonic() - began,
            version=self._version,
            path=self._path,
            account=self._introduction.account,
            attempts=tuple(search.attempts),
            newer_than_known=self._introduction.installed.newer_than_known,
            warning=self._warning(search),
        )

    @property
    def _version(self) -> str | None:
        return str(self.installation.version) if self.installation and self.installation.version else None

    @property
    def _path(self) -> str | None:
        return self.installation.path if self.installation else None

    async def _search(self, lent: Rooms, search: Search) -> tuple[SourceName, Report]:
        """Try the sources, the settled one first, until one gives figures that are beyond doubt."""
        key = settled_key(self._introduction.account, self._sources)
        settled = self._introduction.lessons.settled.get(key)
        final: ProbeError | None = None
        for name in self._order(settled):
            if search.reached_model and name.way is Way.REPORT:
                continue  # another headless command may reach the model too, so that it is left for the next poll
            if name is LAST and search.is_about_the_account:
                continue
            answer = await self._try(SOURCES[name], lent, search)
            if isinstance(answer, Report):
                accepted = settled is not None and settled.source is name and settled.clamped
                if not is_doubtful(answer) or accepted:
                    self._settle(key, settled, Settled(name, clamped=is_doubtful(answer)), search)
                    return name, answer
                search.doubtful = search.doubtful or (name, answer)
            elif self._is_final(answer, search):
                final = answer
                break
        if search.doubtful:
            name, report = search.doubtful
            self._settle(key, settled, Settled(name, clamped=True), search)
            return name, report
        self._settle(key, settled, None, search)
        raise final or search.reason(self._version)

    def _order(self, settled: Settled | None) -> tuple[SourceName, ...]:
        if settled is None or settled.source not in self._sources:
            return self._sources
        return (settled.source, *(name for name in self._sources if name is not settled.source))

    async def _try(self, source: UsageSource, lent: Rooms, search: Search) -> Report | ProbeError:
        """Ask that source if it is safe, and note what came of it."""
        began = self._clock.monotonic()
        kiro = await self._introduction.kiro(source.subcommand, lent.own)
        if reason := self._reason_not_to(source, kiro):
            answer = Answer(reason)
        else:
            answer = await self._answer(source, kiro, lent)
        error = answer.result if isinstance(answer.result, ProbeError) else None
        if reason or isinstance(error, KiroIsWorking):
            search.not_asked.add(source.name)
        if isinstance(reason, FlagsRefused) and any(other.way is source.name.way for other in search.attempts):
            return answer.result  # the version has no second source of this kind, which is nobody's failure
        took = self._clock.monotonic() - began
        search.attempts.append(Attempt(source.name.way, took, error, answer.frame, source.name))
        return answer.result

    def _reason_not_to(self, source: UsageSource, kiro: Kiro) -> ProbeError | None:
        """Return why this source must not be asked, None where it may."""
        if source.name in self._introduction.lessons.off:
            return switched_off([source.name], kiro.installation)
        return None if source.command(kiro) else not_safe(source, kiro.installation)

    async def _answer(self, source: UsageSource, kiro: Kiro, lent: Rooms) -> Answer:
        """Ask, in the person's own home if need be, and remember what was learned of it."""
        lessons = self._introduction.lessons
        room = lent.own if lessons.own_home else lent.private
        asked = await self._ask(source, kiro, room)
        if room is lent.private and self._may_miss_its_home(source.name, asked.answer):
            at_home = await self._ask(source, kiro, lent.own)
            match at_home.answer.result:
                case Report():
                    asked = replace(at_home, lessons=replace(at_home.lessons, own_home=True))
                case PromptExecuted():
                    asked = at_home
                case _:
                    self._no_better_at_home.add(source.name)
        self._introduction.learn(asked.lessons)
        if isinstance(asked.answer.result, PromptExecuted):
            self._introduction.switch_off(source.name)
        return asked.answer

    async def _ask(self, source: UsageSource, kiro: Kiro, room: Room) -> Asked:
        """Ask the source there, without starting an engine v3 while Kiro is not idle."""
        lessons = self._introduction.lessons
        room = replace(room, launch=partial(self._launch_if_harmless, kiro))
        try:
            asked = await source.ask(kiro, room, self._timeout, lessons)
        except KiroIsWorking as error:
            return Asked(Answer(error), lessons)
        result = asked.answer.result
        if isinstance(result, Report) and not source.clamps(kiro):
            return replace(asked, answer=replace(asked.answer, result=without_doubt(result)))
        return asked

    @asynccontextmanager
    async def _launch_if_harmless(self, kiro: Kiro, command: Command) -> AsyncIterator[Child]:
        """Start a program as `launch` does; raises KiroIsWorking instead of doing harm. All engines start here."""
        if may_start_v3(command.argv, kiro) and not await asyncio.to_thread(self._is_idle):
            raise kiro_is_working()
        async with self._launch(command) as child:
            yield child

    def _may_miss_its_home(self, source: SourceName, answer: Answer) -> bool:
        """Whether kiro-cli behaved in its private home as if it were new, although `whoami` knows the person."""
        account = self._introduction.account
        if account is None or source in self._no_better_at_home:
            return False
        if isinstance(answer.result, NotLoggedIn):  # which may also be an engine that refuses this kind of account
            return not (source is SourceName.REPORT_V1 and account.login_method == IDENTITY_CENTER)
        return answer.asked_as_a_new_home

    def _is_final(self, error: ProbeError, search: Search) -> bool:
        """Whether another source would only do harm, or fail in the same manner.

        Signed out is final, unless only this source says so: engine v1 does not know Identity Center on some versions,
        and a service that answered another source knows the person.
        """
        if isinstance(error, NotLoggedIn):
            account = self._introduction.account
            known_elsewhere = search.doubtful or any(type(other) is NoNumbers for other in search.errors)
            return account is None or not (account.login_method == IDENTITY_CENTER or known_elsewhere)
        return isinstance(error, TimedOut) and self._introduction.mute

    def _settle(self, key: str, settled: Settled | None, found: Settled | None, search: Search) -> None:
        """Remember the source that gave the figures; a settled one that failed gets one more chance."""
        error = search.error_of(settled.source if settled else None)
        failed_for_now = error is not None and not isinstance(error, NoNumbers | PromptExecuted)
        if settled is not None and isinstance(error, KiroIsWorking):
            found = found or settled  # it did not fail
        elif settled is not None and failed_for_now and settled.failures + 1 < FAILURES_TO_START_OVER:
            found = replace(settled, failures=settled.failures + 1)
        self._introduction.learn(settle(self._introduction.lessons, key, found))

    def _warning(self, search: Search) -> ProbeError | None:
        if search.reached_model:
            return with_consequence(search.reached_model, self._introduction.installed)
        off = [name for name in self._sources if name in self._introduction.lessons.off]
        return switched_off(off, self._introduction.installed) if off else None
