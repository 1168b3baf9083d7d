"""An alert as JSON: a line of `kiro-tui watch`, and what the person's own command reads. Pure.

{"schema": 1, "kind": "used", "severity": "warning", "title": "…", "text": "…",
 "window": "Credits" | null, "threshold": "90" | null, "at": "2026-11-23T01:02:03Z"}

A line of `kiro-tui watch` has "reading" besides, which is null before there was one.
"""

from datetime import datetime
from typing import Any

from kiro_tui.domain.alerts import Alert
from kiro_tui.domain.state import State
from kiro_tui.output import as_json
from kiro_tui.output.as_json import utc

SCHEMA = 1


def document(alert: Alert) -> dict[str, Any]:
    """Return the JSON object; keys may be added and are never renamed."""
    return {
        "schema": SCHEMA,
        "kind": alert.kind.value,
        "severity": alert.severity.value,
        "title": alert.title,
        "text": alert.text,
        "window": alert.window,
        "threshold": alert.threshold,
        "at": utc(alert.at),
    }


def with_reading(alert: Alert, state: State, now: datetime, *, show_email: bool) -> dict[str, Any]:
    """Return the same with the latest reading as `status --json` has it; null where there is none."""
    return {**document(alert), "reading": as_json.document(state, now, show_email=show_email)["reading"]}
