"""Asking the interactive chat: type `/usage` at its idle prompt, read the panel, leave.

The way with the most side effects, so it comes last, and the only one that presses keys. Must never press one while a
menu, a question or a trust prompt may be on the screen (Enter on one of kiro-cli's menus changes the whole machine),
and never send a line that is not exactly `/usage`.
"""

from collections.abc import Callable

from kiro_tui.clock import Clock
from kiro_tui.domain.frame import Frame
from kiro_tui.domain.usage import Report
from kiro_tui.errors import NotRecognised, ProbeError, PromptExecuted, TimedOut
from kiro_tui.probe.account import not_logged_in
from kiro_tui.probe.asking.conversation import Answer, Conversation, Turn, must_end_at_once
from kiro_tui.probe.asking.prompts import has_typed, is_idle, is_question, may_come_from_a_new_home
from kiro_tui.probe.asking.session import run_failure
from kiro_tui.probe.process.child import Command, Launch
from kiro_tui.probe.reading.refusals import signed_out
from kiro_tui.probe.reading.report import is_whole, parse

QUESTION = "/usage"
ENTER = b"\r"
LEAVE = b"\x03"
LOOK_EVERY = 0.2
"""Seconds; what is looked for must be there twice, so that no half-drawn screen decides."""


class Over(Exception):
    """The chat ended before what was waited for came."""


class InTheWay(Exception):
    """A menu or a question is on the screen: no key may be pressed."""


async def read_panel(launch: Launch, clock: Clock, command: Command) -> Answer:
    """Run the interactive chat and return what its usage panel says."""
    async with launch(command) as child:
        visit = _Visit(Conversation(child, clock, command), clock)
        try:
            report = await visit.report()
        except InTheWay:
            return Answer(_in_the_way(), visit.frame, asked_as_a_new_home=may_come_from_a_new_home(visit.frame))
        except Over:
            failure = run_failure(visit.conversation, visit.frame, await child.close(), command)
            return Answer(_over(visit.frame, failure, clock), visit.frame)
        except ProbeError as error:
            await child.close(at_once=must_end_at_once(error))
            return Answer(error, visit.frame)
        seen = visit.frame
        await visit.leave()
    return Answer(report, seen)


class _Visit:
    """One stay in the chat, from its start to the report."""

    def __init__(self, conversation: Conversation, clock: Clock) -> None:
        self.conversation = conversation
        self._clock = clock

    @property
    def frame(self) -> Frame:
        return self.conversation.frame()

    async def report(self) -> Report:
        """Type the question, send it, and return the whole report."""
        await self._until(lambda frame: _may_type(frame) and is_idle(frame) and not has_typed(frame, QUESTION))
        self.conversation.say(QUESTION.encode())
        await self._until(lambda frame: _may_type(frame) and has_typed(frame, QUESTION))
        self.conversation.say(ENTER)
        await self._until(self._answers)
        return parse(self.frame, now=self._clock.now())

    async def leave(self) -> None:
        """Ask the chat to go, as a person does; whoever opened it ends it if it stays."""
        for _ in range(2):
            if is_question(self.frame) or await self.conversation.listen(LOOK_EVERY) is Turn.OVER:
                return
            self.conversation.say(LEAVE)
        await self.conversation.listen(LOOK_EVERY)

    def _answers(self, frame: Frame) -> bool:
        """Whether the panel is whole, or says for good why there is none."""
        if is_whole(frame, now=self._clock.now()):
            return True
        try:
            parse(frame, now=self._clock.now())
        except NotRecognised:
            return False
        except ProbeError:
            return True
        return False

    async def _until(self, wanted: Callable[[Frame], bool]) -> None:
        """Return when two looks in a row have found what is wanted; raise what makes waiting pointless."""
        found = False
        looked = self._clock.monotonic()
        while (turn := await self.conversation.listen(LOOK_EVERY)) is not Turn.OVER:
            now = self._clock.monotonic()
            if turn is Turn.HEARD and now - looked < LOOK_EVERY:
                continue
            looked = now
            frame = self.frame
            if signed_out(frame.text):
                raise not_logged_in()
            found_before, found = found, wanted(frame)
            if found and found_before:
                return
        raise Over


def _may_type(frame: Frame) -> bool:
    """Whether no menu and no question is in the way; raises InTheWay where one is, so that no key follows."""
    if is_question(frame):
        raise InTheWay
    return True


def _in_the_way() -> ProbeError:
    return NotRecognised(
        "kiro-cli's interactive chat shows a menu or a question, and kiro-tui presses no key while one is there.",
        "Run `kiro-cli chat` once by hand and answer it, then ask again.",
    )


def _over(frame: Frame, failure: ProbeError | None, clock: Clock) -> ProbeError:
    """Return why the chat that ended early gave nothing; whatever it printed, it was not asked."""
    try:
        parse(frame, now=clock.now())
    except PromptExecuted as error:
        return error
    except NotRecognised:
        pass
    except ProbeError as error:
        return failure if isinstance(failure, TimedOut) else error
    return failure or NotRecognised(
        "kiro-cli's interactive chat ended before it could be asked.", "Run `kiro-cli chat` once by hand to see why."
    )
