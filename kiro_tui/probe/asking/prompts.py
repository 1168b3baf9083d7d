"""What an interactive kiro-cli has on its screen: is it idle, is it asking something, what stands on its input line.

Pure, and the only file that knows the wording of prompts and menus. It errs on the side of pressing nothing: a screen
is idle only when an idle prompt is seen and nothing on it looks like a question.
"""

import re

from kiro_tui.domain.frame import Frame

_PLACEHOLDER = "Ask a question or describe a task"
_BUSY = re.compile(r"Kiro is working|Thinking\.\.\.|Loading|mcp servers? initialized", re.IGNORECASE)
_CLASSIC_PROMPT = re.compile(r"(?:\[[^\]\n]{1,80}\] ?)?(?:[0-9]{1,3}% ?)?(?:λ ?)?!?>")
_QUESTION = re.compile(
    r"\(y/n(?:/t)?\)|\[y/n(?:/t)?\]|\[yes/no\]|remind me later|upgrade my agent|switch to [0-9]"
    r"|do you trust|trust (?:this|all|the) |allow this action|requires approval|login now\?"
    r"|press (?:enter|any key)|enter to (?:select|confirm|continue)|arrow keys|↑↓|↑/↓"
    r"|^[ \t│┃|]*[\u276f▸►➜◉●][ \t]*(?![ \t/])\S",  # the sign that stands before the chosen line of a menu
    re.IGNORECASE | re.MULTILINE,
)
_OFFER = re.compile(r"remind me later|upgrade my agent|switch to [0-9]", re.IGNORECASE)
_DRAWN_AROUND_INPUT = " \t│┃|↵⏎"
_NEAR_THE_INPUT = 6
"""Rows above the last one in which a question mark at the end of a row is taken for a question to the person."""


def is_question(frame: Frame) -> bool:
    """Whether a menu, a question or a trust prompt may be waiting for a key."""
    asked = any(line.rstrip(_DRAWN_AROUND_INPUT).endswith("?") for line in _written(frame)[-_NEAR_THE_INPUT:])
    return asked or _QUESTION.search(frame.text) is not None


def may_come_from_a_new_home(frame: Frame) -> bool:
    """Whether the question may be one that only a home without settings is asked.

    The offer to change to another engine comes to every home once a week, so that going to another one gains nothing.
    """
    return is_question(frame) and _OFFER.search(frame.text) is None


def is_idle(frame: Frame) -> bool:
    """Whether it waits for a person to type, and asks for nothing in particular."""
    written = _written(frame)
    if not written or is_question(frame) or _BUSY.search(frame.text):
        return False
    if any(line.strip(_DRAWN_AROUND_INPUT) == _PLACEHOLDER for line in written[-_NEAR_THE_INPUT:]):
        return True
    return _CLASSIC_PROMPT.fullmatch(written[-1].strip(_DRAWN_AROUND_INPUT)) is not None


def has_typed(frame: Frame, text: str) -> bool:
    """Whether the input line holds exactly that text.

    The input line is the cursor's. A full-screen interface may hide the cursor elsewhere; then the one row that
    is nothing but the text is it.
    """
    row, _ = frame.cursor
    if row < len(frame.lines) and _typed(frame.lines[row]) == text:
        return True
    return sum(_typed(line) == text for line in frame.lines) == 1


def _written(frame: Frame) -> list[str]:
    return [line for line in frame.lines if line.strip()]


def _typed(line: str) -> str:
    line = line.strip(_DRAWN_AROUND_INPUT)
    prompt = _CLASSIC_PROMPT.match(line)
    return line[prompt.end() :].strip(_DRAWN_AROUND_INPUT) if prompt else line
