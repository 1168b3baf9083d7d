"""What kiro-cli shows when a limit was hit or the account cannot be used, and what a person can do about each.

Pure. Each error repeats the sentence that Kiro gave, with ids masked (docs/kiro-cli.md, section 2.8).
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from kiro_tui.domain.text import clean, redact
from kiro_tui.domain.usage import ACCOUNT_PAGE
from kiro_tui.errors import CliFailed, ProbeError, PromptExecuted, ServiceFailed

QUOTED = 300
"""Characters of Kiro's own sentence that a message repeats."""
SUPPORT_PAGE = "https://support.aws.amazon.com/#/contacts/kiro"

_IDS = re.compile(r"\((?:request_id: ?)?[A-Za-z0-9-]{1,20}[0-9][A-Za-z0-9.-]{7,200}\)|(?<=request_id: )[^\s()]{1,200}")
_SECURITY_ERROR = re.compile(r"(\bSec[A-Z][A-Za-z]{1,60}\b)")
"""The name of an error of macOS, which would be masked as a token for its length."""
_SEVERITY = re.compile(r"^\W{0,6}(?:error|warning): ?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Refusal:
    """One sentence of Kiro's: how it looks, what it means, what to do."""

    sentence: re.Pattern[str]
    kind: type[ProbeError]
    meaning: str
    hint: str
    second_sentence: re.Pattern[str] | None = None
    """Of a line of its own that belongs to it."""


_NOT_AGAIN = " kiro-tui does not ask this version in this way again."

_PROMPTS = (
    _Refusal(
        re.compile(r"\W{0,6}(?:error: ?)?Monthly request limit reached\b.*", re.IGNORECASE),
        PromptExecuted,
        "The month's credits are used up, and kiro-cli had sent /usage to the model as a prompt",
        f"Wait for the reset, or see {ACCOUNT_PAGE} for more credits.{_NOT_AGAIN}",
        re.compile(r"\W{0,6}The limits reset on .{1,40}", re.IGNORECASE),
    ),
    _Refusal(
        re.compile(r".*\b(?:MONTHLY_REQUEST_COUNT|UsageLimitReachedError)\b.*"),
        PromptExecuted,
        "The month's credits are used up, and kiro-cli had sent /usage to the model as a prompt",
        f"Wait for the reset, or see {ACCOUNT_PAGE} for more credits.{_NOT_AGAIN}",
    ),
    _Refusal(
        re.compile(r"\W{0,6}(?:error: ?)?You have reached the limit for overages\b.*", re.IGNORECASE),
        PromptExecuted,
        "The limit for overages is reached, and kiro-cli had sent /usage to the model as a prompt",
        f"Raise the limit at {ACCOUNT_PAGE}, or wait for the reset.{_NOT_AGAIN}",
    ),
    _Refusal(
        re.compile(r"\W{0,6}(?:error: ?)?The model you.ve selected is temporarily unavailable\b.*", re.IGNORECASE),
        PromptExecuted,
        "The model is unavailable, and kiro-cli had sent /usage to it as a prompt",
        f"Choose another model with /model in kiro-cli, or try again later.{_NOT_AGAIN}",
    ),
    _Refusal(
        re.compile(r"\W{0,6}Kiro is having trouble responding right now\b.*", re.IGNORECASE),
        PromptExecuted,
        "The model did not respond, and kiro-cli had sent /usage to it as a prompt",
        f"Try again later.{_NOT_AGAIN}",
    ),
)
_ACCOUNTS = (
    _Refusal(
        re.compile(r".*\btemporarily (?:is )?suspended\b.*|.*\blocked your account\b.*", re.IGNORECASE),
        ServiceFailed,
        "Kiro has suspended this account",
        f"Contact AWS Support, which can verify you and lift the suspension: {SUPPORT_PAGE}",
    ),
    _Refusal(
        re.compile(r".*\bprofileArn is required\b.*", re.IGNORECASE),
        ServiceFailed,
        "kiro-cli is signed in without a profile of the organisation",
        "Run `kiro-cli login` again and choose the profile, or ask your administrator for one.",
    ),
    _Refusal(
        re.compile(r".*\bSecurity error: ?Sec\w{1,60}.*|.*\bSecKeychain\w{1,60}.*"),
        CliFailed,
        "kiro-cli cannot open the key chain, which is locked in a session over ssh",
        "Unlock it with `security unlock-keychain` in the same session, or set KIRO_API_KEY.",
    ),
)


def refused_prompt(lines: Iterable[str]) -> ProbeError | None:
    """Return the error for a screen that says a prompt was refused, so that the command had reached the model."""
    return _first(_PROMPTS, list(lines))


def refused_account(lines: Iterable[str]) -> ProbeError | None:
    """Return the error for a screen that says why this account or this sign-in cannot be used."""
    return _first(_ACCOUNTS, list(lines))


def quote(line: str) -> str:
    """Return a line of kiro-cli's with ids and secrets masked."""
    parts = _SECURITY_ERROR.split(_IDS.sub("(<id>)", line))
    return clean("".join(part if index % 2 else redact(part) for index, part in enumerate(parts)), QUOTED)


def _first(refusals: Iterable[_Refusal], lines: list[str]) -> ProbeError | None:
    for refusal in refusals:
        for line in lines:
            if refusal.sentence.fullmatch(line):
                return _error(refusal, line, lines)
    return None


def _error(refusal: _Refusal, line: str, lines: list[str]) -> ProbeError:
    second = refusal.second_sentence
    said = [line, *(other for other in lines if second is not None and second.fullmatch(other))]
    sentences = " ".join(f"{_SEVERITY.sub('', each).strip(' -').rstrip('.')}." for each in said)
    return refusal.kind(f"{refusal.meaning}. Kiro said: “{quote(sentences)}”", refusal.hint)
