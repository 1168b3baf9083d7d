"""What an error of the agent protocol means, and why an agent ended without an answer (docs/kiro-cli.md, section 4).

Pure. What the agent said is cleaned and masked before it becomes part of a message.
"""

import re
from collections.abc import Sequence

from kiro_tui.domain.text import clean, redact
from kiro_tui.errors import (
    CliFailed,
    FlagsRefused,
    NoNumbers,
    NotLoggedIn,
    NotRecognised,
    ProbeError,
    PromptExecuted,
    ServiceFailed,
    TimedOut,
)
from kiro_tui.probe.account import USAGE_ERROR, not_logged_in
from kiro_tui.probe.installation import cannot_start
from kiro_tui.probe.process.child import Command, End, Ending
from kiro_tui.probe.reading.account_failures import refused_account
from kiro_tui.probe.reading.refusals import refusal, signed_out
from kiro_tui.probe.reading.usage_data import Json, load_json

METHOD_NOT_FOUND = -32601
AUTHENTICATION_REQUIRED = -32000
_NO_SUCH_SESSION = re.compile(r"\bsession\b.*\bnot found", re.IGNORECASE)


class RpcError(Exception):
    """The agent answered a call with an error; the code is None where it gave none."""

    def __init__(self, code: int | None, message: str, details: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.details = details
        """What `data` says beside the message; "" where it says nothing."""


def details_of(data: Json) -> str:
    """Return the reason that an error carries in its `data`, which may be text, JSON as text, or JSON."""
    if isinstance(data, str):
        try:
            parsed = load_json(data) if data.lstrip().startswith("{") else None
        except ValueError:
            parsed = None
        return details_of(parsed) if isinstance(parsed, dict) else data
    if not isinstance(data, dict):
        return ""
    reason = next((data[name] for name in ("details", "message", "error") if data.get(name)), None)
    return reason if isinstance(reason, str) else ""


def refused(error: RpcError) -> ProbeError:
    """Return what an error of the agent means (docs/kiro-cli.md, section 4)."""
    reason = error.details or error.message
    if signed_out(error.message) or signed_out(error.details):
        return not_logged_in()
    if error.code == AUTHENTICATION_REQUIRED and not _NO_SUCH_SESSION.search(f"{error.message} {error.details}"):
        return NotLoggedIn(
            f"kiro-cli's sign-in is not valid any more: {reason.rstrip('.') or 'it gave no reason'}.",
            "Run `kiro-cli login`, then ask again.",
        )
    if error.code == METHOD_NOT_FOUND:
        return NoNumbers(
            "This kiro-cli's agent protocol does not know the question for the usage.",
            "Update kiro-cli, then ask again.",
        )
    if explained := _explained([error.details] if error.details else [error.message]):
        return explained
    said = f": {reason.rstrip('.')}." if reason else f" {error.code}."
    return CliFailed(
        f"kiro-cli's agent protocol answered with an error{said}",
        "Try again; if it happens again, update kiro-cli.",
    )


def _explained(lines: Sequence[str]) -> ProbeError | None:
    """Return what these words of Kiro's mean where they are known, None elsewhere.

    No prompt was sent, so that a refused prompt can only be the service's state.
    """
    if barred := refused_account(lines):
        return barred
    error = refusal(lines)
    if isinstance(error, PromptExecuted):
        return ServiceFailed(error.message, error.hint)
    return None if type(error) in {NotRecognised, CliFailed} else error


def ended(ending: Ending, command: Command, last_words: Sequence[str], *, late: bool) -> ProbeError:
    """Return why the agent gave no answer; `late` is whether its deadline passed unnoticed by the warden."""
    if ending.end is End.NOT_STARTED:
        return cannot_start(command.argv[0], ending)
    if ending.end is End.DEADLINE or late:
        return TimedOut(
            f"kiro-cli's agent protocol gave no answer within {command.seconds:.0f} s.",
            "Ask again; a slow machine or network may need a larger --timeout.",
        )
    said = f": {clean(redact(last_words[-1]))}" if last_words else "."
    if ending.status != USAGE_ERROR and (explained := _explained(last_words)):
        return explained
    if ending.status == USAGE_ERROR:
        return FlagsRefused(
            f"This kiro-cli refuses {' '.join(command.argv[1:])}{said}", "Update kiro-cli, then ask again."
        )
    if ending.end is End.EXITED and not ending.status and ending.signal is None:
        return NotRecognised(
            f"kiro-cli's agent protocol ended without an answer{said}", "Update kiro-cli, then ask again."
        )
    return CliFailed(f"kiro-cli's agent protocol failed{said}", "Ask again.")
