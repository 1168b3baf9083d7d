"""What is known as JSON, schema 1, for other programs.

Pure. The shape is a promise: keys are always there and in this order, unknown is null and never 0, times are UTC with
`Z`, keys may be added and are never renamed. Must never write an e-mail that the person did not ask to show.
"""

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from kiro_tui.domain.state import Snapshot, State, freshness
from kiro_tui.domain.usage import (
    ACCOUNT_PAGE,
    STATUS_PAGE,
    Account,
    Note,
    Overage,
    Report,
    Window,
    WindowKind,
    display_name,
    mask_email,
)
from kiro_tui.errors import KiroTuiError

SCHEMA = 1

Document = dict[str, Any]


def document(state: State, now: datetime, *, show_email: bool) -> Document:
    """Return what is known: the latest reading with its true age and, if the last question failed, the error."""
    error = state.failure.error if state.failure else None
    return _document(_reading(state, now, show_email=show_email), error)


def error_document(error: KiroTuiError) -> Document:
    """Return the document of a failure that came before anything was asked."""
    return _document(None, error)


def render(content: Document, *, pretty: bool) -> str:
    """Return the document on one line, or indented."""
    return json.dumps(content, ensure_ascii=False, allow_nan=False, indent=2 if pretty else None)


def figures(report: Report) -> Document:
    """Return what a report says, under the names that it has wherever a reading is printed."""
    return {
        "plan": {
            "name": report.plan,
            "display_name": None if report.plan is None else display_name(report.plan),
            "managed": report.managed,
        },
        "windows": [_window(window) for window in report.windows],
        "overage": _overage(report.overage),
    }


def number(value: Decimal | None) -> int | float | None:
    """Return an integer where it is one, so that `2000` does not come out as `2000.0`."""
    if value is None:
        return None
    return int(value) if value == value.to_integral_value() else float(value)


def utc(moment: datetime | None) -> str | None:
    """Return a moment as RFC 3339 in UTC."""
    return None if moment is None else moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _document(reading: Document | None, error: KiroTuiError | None) -> Document:
    return {
        "schema": SCHEMA,
        "ok": error is None,
        "reading": reading,
        "error": None if error is None else {"code": error.code, "message": error.message, "hint": error.hint},
    }


def _reading(state: State, now: datetime, *, show_email: bool) -> Document | None:
    snapshot, fresh = state.latest, freshness(state, now)
    if snapshot is None or fresh is None:
        return None
    report = snapshot.report
    return {
        "taken_at": utc(snapshot.taken_at),
        "age_seconds": int(fresh.age.total_seconds()),
        "stale": fresh.stale,
        "source": snapshot.way.value,
        "took_seconds": number(round(Decimal(snapshot.took), 2)),
        "kiro_cli": {"path": snapshot.path, "version": snapshot.version},
        "account": _account(snapshot.account, show_email=show_email),
        **figures(report),
        "manage_url": ACCOUNT_PAGE,
        "status_url": STATUS_PAGE,
        "notes": _notes(report, snapshot),
    }


def _account(account: Account | None, *, show_email: bool) -> Document:
    if account is None:
        return {"login_method": None, "email": None, "organization": None}
    email = account.email if show_email or account.email is None else mask_email(account.email)
    return {"login_method": account.login_method, "email": email, "organization": account.organization}


def _window(window: Window) -> Document:
    resets = window.kind is WindowKind.PLAN
    return {
        "kind": window.kind.value,
        "label": window.label,
        "used": number(window.used),
        "limit": number(window.limit),
        "remaining": number(window.remaining),
        "used_percent": number(window.used_percent),
        "reported_percent": number(window.reported_percent),
        "resets_at": utc(window.ends_at) if resets else None,
        "expires_at": None if resets else utc(window.ends_at),
        "expires_in_days": None if resets else window.ends_in_days,
        "as_of": utc(window.as_of),
    }


def _overage(overage: Overage | None) -> Document | None:
    if overage is None:
        return None
    return {
        "enabled": overage.enabled,
        "credits": number(overage.credits),
        "rate": number(overage.rate),
        "cost": number(overage.cost),
        "cap": number(overage.cap),
        "currency": overage.currency,
        "as_of": utc(overage.as_of),
    }


def noted(note: Note) -> Document:
    """Return one remark, under the names that it has wherever a reading is printed."""
    return {"code": note.code.value, "text": note.text, "as_of": utc(note.as_of)}


def _notes(report: Report, snapshot: Snapshot) -> list[Document]:
    """Return the remarks on the figures, and the warning that came with them under its error's code."""
    notes = [noted(note) for note in report.notes]
    if snapshot.warning is not None:
        notes.append({"code": snapshot.warning.code, "text": snapshot.warning.message, "as_of": None})
    return notes
