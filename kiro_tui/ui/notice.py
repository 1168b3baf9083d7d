"""What the page says when there are no figures to show, or when the last question failed.

Pure. A failure with older figures is one line (`strip`); without any it is a short text that helps (`screen`): what
happened, what to do, and what kiro-tui does meanwhile.
"""

from collections.abc import Iterator
from textwrap import wrap

from kiro_tui.domain.state import Asking, Failure, State
from kiro_tui.errors import NotInstalled, NotLoggedIn, NotRecognised, ProbeError, PromptExecuted
from kiro_tui.keys import Keys
from kiro_tui.ui.glyphs import QUOTE
from kiro_tui.ui.line import EMPTY, Line, Role, Span, first_that_fits

SCREEN_ROWS_SHOWN = 8
ROWS_TO_EXPLAIN = 6
"""With fewer, a failure is named in few words only."""
IN_FEW_WORDS: dict[str, str] = {
    "not_installed": "kiro-cli not found",
    "not_logged_in": "signed out",
    "service_failed": "Kiro's service failed",
    "cli_failed": "kiro-cli failed",
    "timed_out": "no answer in time",
    "not_recognised": "answer not recognised",
    "no_numbers": "no numbers given",
    "prompt_executed": "the model answered",
}
"""Each way to fail in so few words that they fit beside the figures, or into a pane of one row."""


KEYS_FOR = (
    ("ask again", "press {}", "refresh"),
    ("Ask again", "Press {}", "refresh"),
    ("the account page", "the account page ({})", "account_page"),
    ("the AWS Health Dashboard", "the AWS Health Dashboard ({})", "status_page"),
)
"""Errors know no keys, because most of those who read them have none; here there are."""


def hint(error: ProbeError, keys: Keys) -> str:
    """Return what to do next, with the keys that do it."""
    text = error.hint
    for said, pressed, command in KEYS_FOR:
        text = text.replace(said, pressed.format(keys.first(command)))
    return text


def strip(error: ProbeError, keys: Keys, cells: int) -> Line:
    """Return the one line that stands above older figures: the reason, and what to do."""
    few = IN_FEW_WORDS[error.code]
    what = error.message.rstrip(".")
    todo = hint(error, keys)
    todo = todo[:1].lower() + todo[1:]
    choices = [f"{what}: {todo}", f"{few}: {todo}", what, few] if todo else [what, few]
    return first_that_fits(cells, (Line((Span(text, _role(error)),)) for text in choices))


def _role(error: ProbeError) -> Role:
    return Role.OVER if isinstance(error, PromptExecuted) else Role.WARN


def screen(state: State, keys: Keys, cells: int, rows: int) -> tuple[Line, ...]:
    """Return the text of a page without figures, at most so many rows."""
    if state.failure is None:
        return tuple(_waiting(state, keys, cells))[:rows]
    if rows < ROWS_TO_EXPLAIN:
        return tuple(_in_short(state.failure.error, keys, cells))[:rows]
    lines = list(_explained(state.failure, keys, cells))
    if isinstance(state.failure.error, NotRecognised):
        lines += list(_screen_that_was_read(state.failure, keys, rows - len(lines)))
    return tuple(lines[:rows])


def _waiting(state: State, keys: Keys, cells: int) -> Iterator[Line]:
    asking = isinstance(state.activity, Asking)
    yield from paragraph("Asking kiro-cli for the first time" if asking else "Nothing was asked yet", Role.NAME, cells)
    yield EMPTY
    why = (
        "It takes 2 to 4 seconds, up to 20 after an update." if asking else f"{keys.first('refresh')} asks kiro-cli now"
    )
    yield from paragraph(why, Role.DIM, cells)


def _in_short(error: ProbeError, keys: Keys, cells: int) -> Iterator[Line]:
    """Say what happened in few words, so that there is room for what to do."""
    yield from paragraph(IN_FEW_WORDS[error.code], _role(error), cells)
    yield from paragraph(hint(error, keys), Role.CALM, cells)


def _explained(failure: Failure, keys: Keys, cells: int) -> Iterator[Line]:
    error = failure.error
    what, _, more = error.message.partition(". ")
    yield from paragraph(what.rstrip("."), Role.NAME, cells)
    for text, role in ((more, Role.TEXT), (hint(error, keys), Role.CALM), (_meanwhile(error), Role.DIM)):
        if text:
            yield EMPTY
            yield from paragraph(text, role, cells)


def paragraph(text: str, role: Role, cells: int) -> Iterator[Line]:
    """Yield the text in rows of at most so many cells, broken between words."""
    for part in text.splitlines():
        yield from (Line((Span(row, role),)) for row in wrap(part, max(cells, 1)))


def _meanwhile(error: ProbeError) -> str:
    if isinstance(error, NotLoggedIn):
        return "Until then kiro-tui asks nothing, because every question would open a browser window."
    if isinstance(error, NotInstalled):
        return "kiro-tui --demo shows everything on a simulated account."
    return ""


def _screen_that_was_read(failure: Failure, keys: Keys, rows: int) -> Iterator[Line]:
    lines = next((a.frame.lines for a in reversed(failure.attempts) if a.frame is not None), ())
    said = [line for line in lines if line.strip()]
    room = min(rows - 2, SCREEN_ROWS_SHOWN)
    if not said or room <= 0:
        return
    yield EMPTY
    yield Line((Span(f"The screen that was read (all of it: {keys.first('terminal')})", Role.DIM),))
    for line in said[-room:]:
        yield Line((Span(f"{QUOTE} ", Role.TRACK), Span(line, Role.TEXT)))
