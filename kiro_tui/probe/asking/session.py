"""Asking headless: run `/usage` before a terminal, wait until its report is whole, and judge how the run ended.

Must never send a key: a headless run is only listened to. A whole report counts whatever the exit status is; from a run
that was killed or lost none is taken. Which command is safe to run is not decided here.
"""

from dataclasses import replace

from kiro_tui.clock import Clock
from kiro_tui.domain.frame import Frame
from kiro_tui.domain.text import clean
from kiro_tui.domain.usage import Report
from kiro_tui.errors import CliFailed, NotRecognised, ProbeError, TimedOut
from kiro_tui.probe.asking.conversation import Answer, Conversation, Turn
from kiro_tui.probe.asking.prompts import may_come_from_a_new_home
from kiro_tui.probe.installation import cannot_start
from kiro_tui.probe.process.child import Command, End, Ending, Launch
from kiro_tui.probe.reading.refusals import opens_browser, signed_out
from kiro_tui.probe.reading.report import is_whole, parse

QUIET = 0.75
"""Seconds of nothing after a whole report that make an end: some versions print everything and never exit."""
LOOK_EVERY = 0.1
"""Seconds between two looks at the screen while it is still being drawn."""


async def listen_for_report(launch: Launch, clock: Clock, command: Command, *, patience: float) -> Answer:
    """Run the command and read what it prints until it ends, or until a whole report has gone quiet.

    A screen that is still blank after `patience` seconds is given up; the answer's frame is blank then.
    """
    async with launch(command) as child:
        conversation = Conversation(child, clock, command)
        given_up = await _until_known(conversation, clock, patience)
        frame = conversation.frame()
        ending = await child.close(at_once=signed_out(frame.text))  # it may open browser windows
    try:
        return Answer(_judge(conversation, frame, replace(ending, end=given_up or ending.end), command, clock), frame)
    except ProbeError as error:
        return Answer(error, frame, isinstance(error, TimedOut) and may_come_from_a_new_home(frame))


async def _until_known(conversation: Conversation, clock: Clock, patience: float) -> End | None:
    """Return when the run is over or nothing more need be waited for; DEADLINE where it was given up for silence."""
    began = looked = clock.monotonic()
    while (turn := await conversation.listen(QUIET)) is not Turn.OVER:
        now = clock.monotonic()
        if turn is Turn.HEARD and now - looked < LOOK_EVERY:
            continue
        looked = now
        frame = conversation.frame()
        if opens_browser(frame) or (turn is Turn.SILENCE and _is_final(frame, clock)):
            return None
        if now - began >= patience and is_blank(frame):
            return End.DEADLINE
    return None


def _is_final(frame: Frame, clock: Clock) -> bool:
    """Whether waiting longer before this screen gives nothing new."""
    return is_whole(frame, now=clock.now()) or signed_out(frame.text)


def is_blank(frame: Frame | None) -> bool:
    """Whether nothing at all has been said."""
    return frame is None or not frame.text.strip()


def timed_out(seconds: float) -> TimedOut:
    """Return the error for a kiro-cli that was given so many seconds and did not finish."""
    return TimedOut(
        f"kiro-cli gave no complete answer within {seconds:g} s.",
        "Ask again; a slow machine or network may need a larger --timeout.",
    )


def _judge(conversation: Conversation, frame: Frame, ending: Ending, command: Command, clock: Clock) -> Report:
    """Return the report of a run that may be trusted; raise the most telling reason why there is none."""
    now = clock.now()
    failure = run_failure(conversation, frame, ending, command)
    try:
        report = parse(frame, now=now)
    except NotRecognised:
        if failure is not None:
            raise failure from None
        raise
    ended_late_or_by_itself = isinstance(failure, TimedOut) or (ending.end is End.EXITED and ending.signal is None)
    if failure is not None and not (ended_late_or_by_itself and is_whole(frame, now=now)):
        raise failure
    return report


def run_failure(conversation: Conversation, frame: Frame, ending: Ending, command: Command) -> ProbeError | None:
    """Return what went wrong with the run itself; None for one that exited well, or that we ended."""
    if ending.end is End.NOT_STARTED:
        return cannot_start(command.argv[0], ending)
    if ending.end is End.DEADLINE or conversation.late:
        return timed_out(command.seconds)
    if ending.end is End.FLOOD or conversation.exhausted:
        return NotRecognised(
            "kiro-cli printed far more than a usage report, and was ended.",
            "Run `kiro-cli chat` once by hand: it may want something, or be broken.",
        )
    if ending.end is End.LOST or (ending.end is End.EXITED and ending.signal is not None):
        return CliFailed("kiro-cli, or the process that held it, was ended from outside.", "Ask again.")
    if ending.end is End.EXITED and ending.status:
        return CliFailed(
            f"kiro-cli failed with status {ending.status}{_last_words(frame)}.",
            "Run the same command by hand to see more: " + clean(" ".join(command.argv)),
        )
    return None


def _last_words(frame: Frame) -> str:
    said = [line for line in frame.lines if line.strip()]
    errors = [line for line in said if line.lstrip().lower().startswith("error")]
    telling = (errors or said)[-1:]
    return f": {clean(telling[0]).rstrip('.')}" if telling else " and said nothing"
