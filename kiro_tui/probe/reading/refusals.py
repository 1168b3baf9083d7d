"""What kiro-cli shows instead of a usage report, and what a person can do about each.

Pure. Every screen without a report ends here, and always as an error with a hint; what is unknown is named unknown.
The marks of a model's answer are looked for first and win over everything: such a screen cost credits.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal

from kiro_tui.domain.frame import Frame
from kiro_tui.domain.text import clean
from kiro_tui.domain.usage import ACCOUNT_PAGE
from kiro_tui.errors import (
    CliFailed,
    FlagsRefused,
    NoNumbers,
    NotLoggedIn,
    NotRecognised,
    ProbeError,
    PromptExecuted,
    ServiceFailed,
)
from kiro_tui.probe.reading.account_failures import quote, refused_account, refused_prompt

_QUOTED = 120
"""Characters of kiro-cli's own words that a message repeats."""

LOOK_AT_THE_SCREEN = "`kiro-tui doctor` shows the screen as kiro-cli drew it and tells what to report."

_MODEL_ANSWER = re.compile(r"▸ ?Credits: ?[0-9]|Credits: ?[0-9.,]{1,20} ?[•·|] ?Time:|GenerateAssistantResponse")

_OPENS_BROWSER = re.compile(
    r".{0,40}Opening browser\b.*"
    r"|.{0,40}\bLogin now\?.*"
    r"|Failed to initialize auth portal.*"
    r"|Please try again with: kiro-cli login.*"
    r"|error: OAuth error.*",
    re.IGNORECASE,
)

_SIGNED_OUT = re.compile(
    r"(?:error: ?)?(?:(?:You are )?not logged in\b.*|login required(?:[.:!,].*)?|Your session has expired\b.*)|"
    + _OPENS_BROWSER.pattern,
    re.IGNORECASE,
)

_NO_FAILURE = re.compile(
    r"error: no agent with name .{1,200} found\b.*|warning: duplicate agent with name .*"
    r"|One or more mcp servers? did not load correctly.*|All tools are now trusted.*|-+",
    re.IGNORECASE,
)
"""What reads like a failure and is none: a report may follow (docs/kiro-cli.md, section 2.8)."""

_FLAGS_REFUSED = re.compile(
    r"error: (?:unexpected argument .*|invalid value .* for .*|unrecognized subcommand .*"
    r"|found argument .* which wasn't expected.*|the argument .* cannot be used with .*|unknown (?:option|flag).*)",
    re.IGNORECASE,
)

_USAGE_UNAVAILABLE = re.compile(r".{0,40}Could not retrieve usage information\b.*", re.IGNORECASE)

_SERVICE_ERROR = re.compile(
    r"(?:.{0,20}warning: |error: ).*(?:dispatch failure|timed out|timeout|throttl|rate exceeded|too many requests"
    r"|service error|internal server error|unavailable|access ?denied|forbidden|expired|credentials|i/o error"
    r"|connect|\b(?:401|403|429|500|502|503|504)\b).*",
    re.IGNORECASE,
)

_SUMMARY = re.compile(r"Plan: (?P<plan>.+?) \| \S{1,20} usage breakdowns?")

_ERROR = re.compile(r"(?:error|thread '[^']{0,80}' panicked)\b.*", re.IGNORECASE)

_CONTEXT_USAGE = re.compile(r"(?:Current )?context window\b.*", re.IGNORECASE)

_LOADING = re.compile(r"Loading usage data.*|Kiro is working.*", re.IGNORECASE)

_SERVICE_HINTS: tuple[tuple[re.Pattern[str], str], ...] = (
    (
        re.compile(r"expired|credentials|access ?denied|forbidden|\b40[13]\b", re.IGNORECASE),
        "Run `kiro-cli login` to sign in afresh, then ask again.",
    ),
    (
        re.compile(r"throttl|rate exceeded|too many requests|\b429\b", re.IGNORECASE),
        "Kiro's service asks for fewer questions. kiro-tui waits longer before the next one; a longer interval helps.",
    ),
)
_SERVICE_HINT = "Check the network and the AWS Health Dashboard; it is asked again by itself."


def model_answer(lines: Iterable[str]) -> ProbeError | None:
    """Return the error for a screen that a model wrote on or was asked for, None for any other."""
    lines = list(lines)
    if refused := refused_prompt(lines):
        return refused
    if not any(_MODEL_ANSWER.search(line) for line in lines):
        return None
    return PromptExecuted(
        "kiro-cli sent /usage to the model as a prompt, and the model's answer may have cost credits.",
        "kiro-tui does not ask this version in this way again. Nothing that the model said was read as usage.",
    )


def overruled(later_lines: Iterable[str]) -> ProbeError | None:
    """Return the error that makes a report void because kiro-cli showed it below the report."""
    lines = list(later_lines)
    if error := _signed_out(lines):
        return error
    if _first(_USAGE_UNAVAILABLE, lines) is None:
        return None
    return refused_account(lines) or _service_failed(lines)


def opens_browser(frame: Frame) -> bool:
    """Whether kiro-cli is about to sign somebody in, with a browser or a question: then end it at once."""
    return _first(_OPENS_BROWSER, _lines(frame.text)) is not None


def signed_out(text: str) -> bool:
    """Whether kiro-cli says, on a line of its own, that nobody is signed in."""
    return _first(_SIGNED_OUT, _lines(text)) is not None


def refusal(lines: Sequence[str], percent: Decimal | None = None) -> ProbeError:
    """Return the error that says what these lines, which hold no report, are instead.

    `percent` is that of a bar which stands in a report without any figures.
    """
    telling = [line for line in lines if not _NO_FAILURE.fullmatch(line)]
    for explain in _EXPLANATIONS:
        if error := explain(telling):
            return error
    if percent is not None:
        return NoNumbers(
            f"kiro-cli shows that {percent} % of the credits are used, and no amounts.",
            f"The account page has the figures: {ACCOUNT_PAGE}",
        )
    return NotRecognised("kiro-cli answered with something that is not a usage report.", LOOK_AT_THE_SCREEN)


def service_message(message: str) -> ProbeError | None:
    """Return the error for a reason that the service gave in a message; None where the message alone says it all."""
    lines = _lines(message)
    lines += [reason for line in lines if (reason := line.partition(": ")[2])]  # `Failed to …: the reason`
    return refused_prompt(lines) or _signed_out(lines) or refused_account(lines)


def _lines(text: str) -> list[str]:
    return [" ".join(line.split()) for line in text.splitlines()]


def _first(shape: re.Pattern[str], lines: Iterable[str]) -> str | None:
    return next((clean(quote(line), _QUOTED) for line in lines if shape.fullmatch(line)), None)


def _signed_out(lines: Sequence[str]) -> ProbeError | None:
    if _first(_SIGNED_OUT, lines) is None:
        return None
    return NotLoggedIn(
        "Nobody is signed in to kiro-cli.",
        "Run `kiro-cli login`, then ask again.",
    )


def _flags_refused(lines: Sequence[str]) -> ProbeError | None:
    words = _first(_FLAGS_REFUSED, lines)
    if words is None:
        return None
    return FlagsRefused(
        f"This kiro-cli does not know the flags that make asking it safe: {words}",
        "Without them /usage could go to the model and cost credits, so it is not asked. Update kiro-cli.",
    )


def _service_failed(lines: Sequence[str]) -> ProbeError | None:
    detail = _first(_SERVICE_ERROR, lines)
    if detail is None and _first(_USAGE_UNAVAILABLE, lines) is None:
        return None
    words = detail or _first(_ERROR, lines) or "it gave no reason."
    hint = next((hint for cause, hint in _SERVICE_HINTS if cause.search(words)), _SERVICE_HINT)
    return ServiceFailed(f"Kiro's service did not tell kiro-cli the usage: {words}", hint)


def _summary_only(lines: Sequence[str]) -> ProbeError | None:
    found = next((found for line in lines if (found := _SUMMARY.fullmatch(line))), None)
    if found is None:
        return None
    return NoNumbers(
        f"This kiro-cli names the plan ({clean(found['plan'])}) and no figures when it is asked in this way.",
        "Another way of asking may show them: --source auto tries them all.",
    )


def _cli_failed(lines: Sequence[str]) -> ProbeError | None:
    words = _first(_ERROR, lines)
    if words is None:
        return None
    return CliFailed(
        f"kiro-cli ended with an error of its own: {words}",
        "Run `kiro-cli chat` once by hand to see whether it works at all; `kiro-tui doctor` tries every way of asking.",
    )


def _context_usage(lines: Sequence[str]) -> ProbeError | None:
    if _first(_CONTEXT_USAGE, lines) is None:
        return None
    return NotRecognised(
        "kiro-cli showed how full its context window is, which says nothing of credits.", LOOK_AT_THE_SCREEN
    )


def _still_loading(lines: Sequence[str]) -> ProbeError | None:
    if _first(_LOADING, lines) is None:
        return None
    return NotRecognised(
        "kiro-cli was still loading the usage when it ended.", "Try again with r; a longer --timeout may help."
    )


def _nothing(lines: Sequence[str]) -> ProbeError | None:
    if any(lines):
        return None
    return NotRecognised(
        "kiro-cli printed nothing at all.",
        "Run it in a terminal to see what it does; `kiro-tui doctor` tries every way of asking.",
    )


_EXPLANATIONS: tuple[Callable[[Sequence[str]], ProbeError | None], ...] = (
    _signed_out,
    refused_account,
    _flags_refused,
    _service_failed,
    _summary_only,
    _cli_failed,
    _context_usage,
    _still_loading,
    _nothing,
)
