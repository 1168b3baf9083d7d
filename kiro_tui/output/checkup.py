"""A checkup as text for a person and as JSON for a program.

Pure. The text comes in parts, as they become known: asking every source takes a while. The JSON is one object of
schema 1:

    {"schema": 1, "ok": true,
     "kiro_tui": {"version", "python", "system", "state_folder"},
     "terminal": {"term", "columns", "rows", "locale", "tmux"},
     "desktop": {"server", "why_not"},
     "kiro_cli": {"path", "version", "newer_than_known"},
     "account": {"signed_in", "login_method", "email", "organization"},
     "ways": [{"way", "asked", "ok", "took_seconds", "figures", "error": {"code", "message", "hint"} | null}],
     "sources": [{"source", "way", "asked", "ok", "took_seconds", "figures", "error": {…} | null}],
     "error": {"code", "message", "hint"} | null, "advice": ["…"]}

`ok` is whether one source gave figures, and `error` the most telling reason why none did. `sources` has one entry for
each command line in the order in which kiro-tui tries them, `ways` the best of each kind. A source is not `asked` where
that could do harm. Keys are always there, and unknown is null. Must never write an e-mail that the person did not ask
to show.
"""

import textwrap
from collections.abc import Iterable
from typing import Any

from kiro_tui.domain import wording
from kiro_tui.domain.checkup import Checkup, Finding, Found, Notifications, Surroundings, advice
from kiro_tui.domain.usage import NoteCode, Report, WindowKind, display_name, mask_email
from kiro_tui.errors import ProbeError

SCHEMA = 1
LABEL = 12
"""Columns of the names on the left."""
TOOK = 9
NARROWEST = 40
SOURCES = "report with the engine named, acp (engine v2), panel; acp (engine v3) last, and only while Kiro is idle"
"""The order of the sources; docs/kiro-cli.md, section 4, says why engine v3 is last."""
RULES = (
    "A running task is not disturbed, a refresh of the sign-in is not cut off, and no browser opens."
    " A program that is not Kiro's is asked only for its version."
)


def surroundings_text(surroundings: Surroundings, columns: int) -> str:
    """Return the rows on where kiro-tui runs."""
    size = "{}×{}".format(*surroundings.size) if surroundings.size else "no terminal"
    terminal = [surroundings.term or "TERM not set", size, surroundings.locale or "no locale set", surroundings.tmux]
    return _rows(
        [
            ("kiro-tui", f"{surroundings.kiro_tui}, Python {surroundings.python}, {surroundings.system}"),
            ("keeps in", surroundings.state_folder or "nothing can be kept: there is no folder to write to"),
            ("terminal", ", ".join(filter(None, terminal))),
            ("desktop", _notifications(surroundings.desktop)),
        ],
        columns,
    )


def rules_text(columns: int) -> str:
    """Return the rows on which sources are used, in which order, and what kiro-tui never does to the account."""
    return _rows([("sources", SOURCES), ("rules", RULES)], columns)


def _notifications(desktop: Notifications) -> str:
    if desktop.server:
        return f"alerts are shown by {desktop.server}"
    return f"no alerts: {desktop.why_not}" if desktop.why_not else "unknown"


def found_text(found: Found, columns: int, *, show_email: bool) -> str:
    """Return the rows on the kiro-cli that is there."""
    version = found.version or "of unknown version"
    newer = ", newer than this kiro-tui knows" if found.newer_than_known else ""
    account = found.account
    who: list[str | None] = ["nobody" if found.signed_out else "unknown"]
    if account:
        who = [account.login_method, account.organization, _email(found, show_email=show_email)]
    return _rows(
        [
            ("kiro-cli", f"{version}{newer}, {found.path}" if found.path else "not found"),
            ("signed in", ", ".join(filter(None, who))),
        ],
        columns,
    )


def finding_text(finding: Finding, columns: int) -> str:
    """Return the row on one source, with what to do below it where it was asked and failed."""
    took = f"{finding.took:.2f} s" if finding.asked else "not asked"
    answer = finding.answer
    lines = [answer.message, answer.hint] if isinstance(answer, ProbeError) else [in_words(answer)]
    room = max(columns - LABEL - TOOK - 2, NARROWEST)
    first, *rest = [part for line in (lines if finding.asked else lines[:1]) for part in _wrap(line, room)]
    indent = " " * (LABEL + TOOK + 2)
    return f"{finding.source.label:{LABEL}}{took:>{TOOK}}  {first}\n" + "".join(f"{indent}{line}\n" for line in rest)


def advice_text(checkup: Checkup, columns: int) -> str:
    """Return what came of it and what to do next."""
    rows = [("what to do", "")] if checkup.error is None else [("problem", checkup.error.message), ("what to do", "")]
    first, *others = advice(checkup)
    return _rows([*rows[:-1], ("what to do", first), *(("", line) for line in others)], columns)


def document(checkup: Checkup, *, show_email: bool) -> dict[str, Any]:
    """Return the JSON object."""
    where, found, account = checkup.surroundings, checkup.found, checkup.found.account
    columns, rows = where.size or (None, None)
    return {
        "schema": SCHEMA,
        "ok": checkup.error is None,
        "kiro_tui": {
            "version": where.kiro_tui,
            "python": where.python,
            "system": where.system,
            "state_folder": where.state_folder,
        },
        "terminal": {
            "term": where.term,
            "columns": columns,
            "rows": rows,
            "locale": where.locale,
            "tmux": where.tmux,
        },
        "desktop": {"server": where.desktop.server, "why_not": where.desktop.why_not},
        "kiro_cli": {"path": found.path, "version": found.version, "newer_than_known": found.newer_than_known},
        "account": {
            "signed_in": checkup.signed_in,
            "login_method": account.login_method if account else None,
            "email": _email(found, show_email=show_email),
            "organization": account.organization if account else None,
        },
        "ways": [{"way": finding.way.value, **_finding(finding)} for finding in _best_of_each_kind(checkup.findings)],
        "sources": [
            {"source": finding.source.value, "way": finding.way.value, **_finding(finding)}
            for finding in checkup.findings
        ],
        "error": _error(checkup.error),
        "advice": list(advice(checkup)),
    }


def in_words(report: Report) -> str:
    """Return the figures in a few words: `Kiro Pro+: 640.25 of 2000 used, 2 grants`."""
    plan = "Plan unknown" if report.plan is None else display_name(report.plan)
    if report.managed and not report.windows:
        return f"{plan}: managed by an administrator, without numbers"
    at_least = "at least " if any(note.code is NoteCode.MAYBE_CLAMPED for note in report.notes) else ""
    said = [
        f"{at_least}{wording.amount(window.used)}"
        + (" used" if window.limit is None else f" of {wording.limit(window.limit)} used")
        for window in report.windows
        if window.kind is WindowKind.PLAN
    ]
    grants = len(report.windows) - len(said)
    if grants:
        said.append("1 grant" if grants == 1 else f"{grants} grants")
    return f"{plan}: {', '.join(said)}" if said else plan


def _rows(rows: Iterable[tuple[str, str]], columns: int) -> str:
    return "".join(_wrapped(label, value, columns) for label, value in rows)


def _wrapped(label: str, value: str, columns: int) -> str:
    lines = _wrap(value, max(columns - LABEL, NARROWEST))
    labels = [label, *[""] * (len(lines) - 1)]
    return "".join(f"{name:{LABEL}}{line}\n" for name, line in zip(labels, lines, strict=True))


def _wrap(text: str, columns: int) -> list[str]:
    return textwrap.wrap(text, columns, break_on_hyphens=False, break_long_words=False) or [""]


def _best_of_each_kind(findings: Iterable[Finding]) -> list[Finding]:
    """Return for each kind of source the finding with figures, else the first that was asked, else the first."""
    best: dict[str, Finding] = {}
    for finding in findings:
        known = best.setdefault(finding.way, finding)
        if (finding.report is not None, finding.asked) > (known.report is not None, known.asked):
            best[finding.way] = finding
    return list(best.values())


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "asked": finding.asked,
        "ok": finding.report is not None,
        "took_seconds": round(finding.took, 2) if finding.asked else None,
        "figures": in_words(finding.report) if finding.report else None,
        "error": _error(None if finding.report else finding.answer),
    }


def _error(error: Report | ProbeError | None) -> dict[str, str] | None:
    if not isinstance(error, ProbeError):
        return None
    return {"code": error.code, "message": error.message, "hint": error.hint}


def _email(found: Found, *, show_email: bool) -> str | None:
    email = found.account.email if found.account else None
    return email if show_email or email is None else mask_email(email)
