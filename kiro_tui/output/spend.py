"""What this machine's own sessions used, as a table for people, and as JSON and CSV for programs.

Pure. Must always say that it is a lower bound, and never show an unknown cost as 0.

JSON is one object, schema 1; keys are always there, unknown is null, times are RFC 3339 UTC with `Z`, keys may be
added and are never renamed:

    schema, ok (true), error (null)
    by          `project`, `session`, `model` or `day`
    since       the first local day that counts, null where all do
    lower_bound true
    total       credits (null where no turn says what it cost), turns, unknown_turns (that do not say what they cost),
                sessions, last_at
    rows        most first, each the same with key (project, session id, model or local day; null where unknown), label
                (title or key), share_percent (of the total's credits), and for sessions project and model
    account     null, or what the account itself says: month (the 1st, UTC), credits, here (of these sessions in that
                month) and explained_percent
    unknown     reason and count of the turns that do not say what they cost
    skipped     reason and count of what could not be read, and of sessions that do not list their turns

CSV (RFC 4180) has the columns of a row, with empty cells for what is unknown.
"""

import csv
import io
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from wcwidth import wcswidth

from kiro_tui.domain import wording
from kiro_tui.domain.spend import By, Explained, Row, Skipped, Spend, Tally, unknown_by_reason
from kiro_tui.domain.text import ELLIPSIS

SCHEMA = 1
GAP = "   "
UNKNOWN = "–"
WIDEST_LABEL = 40
NAMELESS = {By.PROJECT: "unknown project", By.SESSION: "untitled", By.MODEL: "unknown model", By.DAY: ""}
COLUMNS = (
    *("key", "label", "project", "model", "credits", "share_percent"),
    *("turns", "unknown_turns", "sessions", "last_at"),
)

Document = dict[str, Any]


def text(spend: Spend, skipped: Iterable[Skipped] = (), account: Explained | None = None, where: str = "") -> str:
    """Return the table and what must be known to read it; `where` is the folder that was read."""
    blocks = [
        "\n".join(_table(spend)),
        "\n".join(_remarks(spend, skipped, account, where)),
    ]
    return "\n\n".join(filter(None, blocks)) + "\n"


def document(spend: Spend, skipped: Iterable[Skipped] = (), account: Explained | None = None) -> Document:
    """Return the same for JSON."""
    return {
        "schema": SCHEMA,
        "ok": True,
        "by": spend.by.value,
        "since": spend.since.isoformat() if spend.since else None,
        "lower_bound": True,
        "total": _sums(spend.total, spend.sessions),
        "rows": [_plain(row) for row in spend.rows],
        "account": _account(account),
        "unknown": _counts(unknown_by_reason(spend.total)),
        "skipped": _counts(skipped),
        "error": None,
    }


def as_csv(spend: Spend) -> str:
    """Return a header and the rows."""
    written = io.StringIO()
    writer = csv.DictWriter(written, COLUMNS, lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(_plain(row) for row in spend.rows)
    return written.getvalue()


def _table(spend: Spend) -> Iterator[str]:
    if not spend.rows:
        return
    whole = Decimal(100) if spend.total.credits else None
    last = "Project" if spend.by is By.SESSION else "Sessions"
    rows = [
        (spend.by.value.capitalize(), "Credits", "Share", "Turns", last),
        *(_cells(row, spend.by) for row in spend.rows),
        ("Total", *_figures(spend.total, whole), "" if spend.by is By.SESSION else str(spend.sessions)),
    ]
    widths = [max(map(wcswidth, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        padded = [" " * (width - wcswidth(cell)) for cell, width in zip(row, widths, strict=True)]
        figures = [space + cell for space, cell in zip(padded[1:-1], row[1:-1], strict=True)]
        end = row[-1] if spend.by is By.SESSION else padded[-1] + row[-1]
        yield GAP.join([row[0] + padded[0], *figures, end]).rstrip()


def _cells(row: Row, by: By) -> tuple[str, ...]:
    label = _fitted(row.label or NAMELESS[by], from_left=by is By.PROJECT)
    last = str(row.sessions)
    if row.session:
        last = _fitted(row.session.project or NAMELESS[By.PROJECT], from_left=True)
    return label, *_figures(row.tally, row.share), last


def _figures(tally: Tally, share: Decimal | None) -> tuple[str, str, str]:
    used = UNKNOWN if tally.credits is None else wording.amount(tally.credits)
    part = UNKNOWN if share is None else wording.percent(share)
    return used, part, str(tally.turns)


def _fitted(label: str, *, from_left: bool) -> str:
    """Cut a label that is too wide: a path loses its beginning, a title its end."""
    if wcswidth(label) <= WIDEST_LABEL:
        return label
    while wcswidth(label) >= WIDEST_LABEL:
        label = label[1:] if from_left else label[:-1]
    return ELLIPSIS + label if from_left else label + ELLIPSIS


def _remarks(spend: Spend, skipped: Iterable[Skipped], account: Explained | None, where: str) -> Iterator[str]:
    since = f" since {spend.since.isoformat()}" if spend.since else ""
    if not spend.rows:
        yield f"No turns of Kiro were found on this machine{since}."
    elif spend.total.credits is None:
        yield f"This machine's sessions{since} do not say what they cost."
    else:
        yield f"This machine's sessions{since}: at least {wording.amount(spend.total.credits)} credits."
    if account:
        yield _account_text(account)
    if spend.total.unknown:
        reasons = _listed(unknown_by_reason(spend.total))
        yield f"Turns that do not say what they cost: {spend.total.unknown} ({reasons})."
    if passed := _listed(skipped):
        yield f"Passed over: {passed}."
    if where:
        yield f"Read from {where}."
        yield "Other machines and the web are not in it, nor are Kiro's SQLite databases, which are never opened."


def _listed(counts: Iterable[Skipped]) -> str:
    return ", ".join(f"{each.count} × {each.reason}" for each in counts)


def _account_text(account: Explained) -> str:
    said = f"The account says {wording.amount(account.account)} this month"
    if account.here.credits is None or account.percent is None:
        return f"{said}."
    return (
        f"{said}; {wording.amount(account.here.credits)} of them, {wording.percent(account.percent)}, were used here.\n"
        "These files do not say which account paid: the IDE may be signed in to another one, and a session that was "
        "loaded may be a colleague's."
    )


def _plain(row: Row) -> Document:
    return {
        "key": row.key or None,
        "label": row.label or row.key or None,
        "project": row.session.project if row.session else None,
        "model": row.session.models if row.session else None,
        "share_percent": _number(row.share),
        **_sums(row.tally, row.sessions),
    }


def _sums(tally: Tally, sessions: int) -> Document:
    return {
        "credits": _number(tally.credits),
        "turns": tally.turns,
        "unknown_turns": tally.unknown,
        "sessions": sessions,
        "last_at": _time(tally.last_at),
    }


def _counts(counts: Iterable[Skipped]) -> list[Document]:
    return [{"reason": each.reason, "count": each.count} for each in counts]


def _account(account: Explained | None) -> Document | None:
    if account is None:
        return None
    return {
        "month": account.month.isoformat(),
        "credits": _number(account.account),
        "here": _number(account.here.credits),
        "explained_percent": _number(account.percent),
    }


def _number(value: Decimal | None) -> int | float | None:
    """Return an integer where it is one."""
    if value is None:
        return None
    return int(value) if value == value.to_integral_value() else float(value)


def _time(moment: datetime | None) -> str | None:
    return None if moment is None else moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
