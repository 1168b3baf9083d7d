"""The source that the poller asks: picks a way of asking, remembers what worked, and turns failures into values.

One question at a time. Its order is what keeps it harmless: know kiro-cli and its version, know that somebody is
signed in, and only then ask for the usage, in a way that is safe for that version. Only a ProbeError becomes a
Failure; anything else is a bug and goes on its way.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from kiro_tui.clock import Clock
from kiro_tui.domain.state import Attempt, Failure, Outcome, Snapshot, Way
from kiro_tui.domain.usage import Account, Report
from kiro_tui.errors import (
    NoNumbers,
    NotLoggedIn,
    ProbeError,
    PromptExecuted,
    ServiceFailed,
    TimedOut,
)
from kiro_tui.probe.account import IDENTITY_CENTER
from kiro_tui.probe.asking.conversation import Answer
from kiro_tui.probe.asking.ways import WAYS, Kiro, WayOfAsking, is_doubtful, not_safe, switched_off
from kiro_tui.probe.installation import Installation
from kiro_tui.probe.introduction import Introduction
from kiro_tui.probe.memory import Memory, Settled, settle, settled_key
from kiro_tui.probe.process.child import Launch
from kiro_tui.probe.rooms import Rooms, remove_left_behind, rooms, usable

DEFAULT_TIMEOUT = 20.0
FAILURES_TO_START_OVER = 2
MOST_TELLING = (PromptExecuted, ServiceFailed)
"""Where every way failed, the first of these is the reason to name; else it is what the first one asked said."""


@dataclass(slots=True)
class _Search:
    """What came of asking so far, while one question is answered."""

    attempts: list[Attempt] = field(default_factory=list)
    doubtful: tuple[Way, Report] | None = None
    """The first reading that may be cut off, for want of a better one."""
    not_asked: set[Way] = field(default_factory=set)
    """Ways that are not safe, or no longer."""

    @property
    def errors(self) -> list[ProbeError]:
        """What went wrong, first where kiro-cli was really asked."""
        failed = [(attempt.way in self.not_asked, attempt.error) for attempt in self.attempts]
        return [error for _, error in sorted(failed, key=lambda pair: pair[0]) if error is not None]


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
    ) -> None:
        """`environment` is the person's own; `state_folder` None keeps nothing; `path` None looks for kiro-cli.

        `timeout` is in seconds, for one answer on a terminal. `ways` None tries all, in an order of its own.
        """
        self._launch = launch
        self._clock = clock
        self._environment = environment
        self._folder = usable(state_folder)
        self._timeout = timeout
        self._ways = tuple(WAYS) if ways is None else ways
        self._introduction = Introduction(clock, environment, Memory(self._folder), path, timeout)
        self._no_better_at_home: set[Way] = set()
        """Ways that failed in the person's own home as well; a person's question tries it again."""
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
        search = _Search()
        if by_person:
            self._introduction.ask_again()
            self._no_better_at_home.clear()
        try:
            with rooms(self._folder, self._launch, self._clock, self._environment) as lent:
                await self._introduction.make(lent.own)
                way, report = await self._search(lent, search)
        except ProbeError as error:
            self._introduction.doubt(error)
            attempts = tuple(search.attempts)
            return Failure(error, self._clock.now(), self._version, self._path, attempts)
        return Snapshot(
            report,
            way,
            taken_at=self._clock.now(),
            took=self._clock.monotonic() - began,
            version=self._version,
            path=self._path,
            account=self._introduction.account,
            attempts=tuple(search.attempts),
            newer_than_known=self._introduction.installed.newer_than_known,
            warning=self._warning(),
        )

    @property
    def _version(self) -> str | None:
        return str(self.installation.version) if self.installation and self.installation.version else None

    @property
    def _path(self) -> str | None:
        return self.installation.path if self.installation else None

    async def _search(self, lent: Rooms, search: _Search) -> tuple[Way, Report]:
        """Try the ways, the settled one first, until one gives figures that are beyond doubt."""
        key = settled_key(self._introduction.account, self._ways)
        settled = self._introduction.lessons.settled.get(key)
        final: ProbeError | None = None
        for name in self._order(settled):
            answer = await self._try(WAYS[name], lent, search)
            if isinstance(answer, Report):
                accepted = settled is not None and settled.way is name and settled.clamped
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
        raise final or self._most_telling(search.errors)

    def _order(self, settled: Settled | None) -> tuple[Way, ...]:
        if settled is None or settled.way not in self._ways:
            return self._ways
        return (settled.way, *(name for name in self._ways if name is not settled.way))

    async def _try(self, way: WayOfAsking, lent: Rooms, search: _Search) -> Report | ProbeError:
        """Ask in that way if it is safe, and take down what came of it."""
        began = self._clock.monotonic()
        kiro = await self._introduction.kiro(way.subcommand, lent.own)
        if reason := self._reason_not_to(way, kiro):
            search.not_asked.add(way.name)
            answer = Answer(reason)
        else:
            answer = await self._answer(way, kiro, lent)
        error = answer.result if isinstance(answer.result, ProbeError) else None
        search.attempts.append(Attempt(way.name, self._clock.monotonic() - began, error, answer.frame))
        return answer.result

    def _reason_not_to(self, way: WayOfAsking, kiro: Kiro) -> ProbeError | None:
        """Return why this way must not be taken, None where it may."""
        if way.name in self._introduction.lessons.off:
            return switched_off([way.name], kiro.installation)
        return None if way.commands(kiro) else not_safe(way, kiro.installation)

    async def _answer(self, way: WayOfAsking, kiro: Kiro, lent: Rooms) -> Answer:
        """Ask, in the person's own home if need be, and remember what was learned of it."""
        lessons = self._introduction.lessons
        room = lent.own if lessons.own_home else lent.private
        asked = await way.ask(kiro, room, self._timeout, lessons)
        if room is lent.private and self._may_miss_its_home(way.name, asked.answer):
            at_home = await way.ask(kiro, lent.own, self._timeout, lessons)
            match at_home.answer.result:
                case Report():
                    asked = replace(at_home, lessons=replace(at_home.lessons, own_home=True))
                case PromptExecuted():
                    asked = at_home
                case _:
                    self._no_better_at_home.add(way.name)
        self._introduction.learn(asked.lessons)
        if isinstance(asked.answer.result, PromptExecuted):
            self._introduction.switch_off(way.name)
        return asked.answer

    def _may_miss_its_home(self, way: Way, answer: Answer) -> bool:
        """Whether kiro-cli behaved in its private home as if it were new, although `whoami` knows the person."""
        account = self._introduction.account
        if account is None or way in self._no_better_at_home:
            return False
        if isinstance(answer.result, NotLoggedIn):  # which may also be an engine that refuses this kind of account
            return not (way is Way.REPORT and account.login_method == IDENTITY_CENTER)
        return answer.asked_as_a_new_home

    def _is_final(self, error: ProbeError, search: _Search) -> bool:
        """Whether another way would only do harm, or fail in the same manner.

        Signed out is final, unless it is only this way that thinks so: engine v1 does not know Identity Center
        on some versions, and a service that answered another way knows the person.
        """
        if isinstance(error, NotLoggedIn):
            account = self._introduction.account
            known_elsewhere = search.doubtful or any(type(other) is NoNumbers for other in search.errors)
            return account is None or not (account.login_method == IDENTITY_CENTER or known_elsewhere)
        return isinstance(error, TimedOut) and self._introduction.mute

    def _settle(self, key: str, settled: Settled | None, found: Settled | None, search: _Search) -> None:
        """Remember the way that gave the figures; a settled one that failed gets one more chance."""
        error = next((attempt.error for attempt in search.attempts if settled and attempt.way is settled.way), None)
        failed_for_now = error is not None and not isinstance(error, NoNumbers | PromptExecuted)
        if settled is not None and failed_for_now and settled.failures + 1 < FAILURES_TO_START_OVER:
            found = replace(settled, failures=settled.failures + 1)
        self._introduction.learn(settle(self._introduction.lessons, key, found))

    def _most_telling(self, errors: list[ProbeError]) -> ProbeError:
        for kind in MOST_TELLING:
            for error in errors:
                if isinstance(error, kind):
                    return error
        return self._naming_version(errors[0])

    def _naming_version(self, error: ProbeError) -> ProbeError:
        """Return the error with the version in it where the version is what it is about."""
        if not isinstance(error, NoNumbers) or self._version is None:
            return error
        return type(error)(error.message.replace("This kiro-cli", f"kiro-cli {self._version}"), error.hint)

    def _warning(self) -> ProbeError | None:
        off = [name for name in self._ways if name in self._introduction.lessons.off]
        return switched_off(off, self._introduction.installed) if off else None
