"""What Kiro's files say about a session: whose project it is, its title, and which session it was copied from.

Pure: decoded JSON in, values out.
"""

from dataclasses import dataclass, field
from typing import Any

from kiro_tui.spend.values import identifier, inside, instant, items, model, project, text

CONVERTED = "cli_"
"""Begins the id of a session that was converted from engine v2 or imported (docs/kiro-cli.md, section 7)."""


@dataclass(frozen=True, slots=True)
class Origin:
    """What decides which of several files that hold the same turn is the earliest."""

    created: int = 0
    """Microseconds since 1970; 0 where it is unknown."""
    parent: str = ""
    """The id of the session that this one was copied from, as far as it is known."""
    copied: bool = False
    """The session was forked, loaded, converted or imported."""


@dataclass(frozen=True, slots=True)
class About:
    """What a session says of itself; names are cleaned."""

    id: str | None = None
    project: str | None = None
    title: str | None = None
    model: str | None = None
    time: int | None = None
    """When it was last changed, in microseconds since 1970: stands for turns without a time."""
    origin: Origin = field(default_factory=Origin)


def about_document(parsed: Any) -> About:  # noqa: ANN401 - JSON is anything
    """Return what a session of engine v2 says."""
    parent, imported = parsed.get("parent_session_id"), parsed.get("imported_from")
    created = instant(parsed.get("created_at"))
    return About(
        id=identifier(parsed.get("session_id")),
        project=project(parsed.get("cwd")),
        title=text(parsed.get("title")),
        model=model(inside(parsed, "session_state", "rts_model_state", "model_info", "model_id")),
        time=instant(parsed.get("updated_at")) or created,
        origin=Origin(created or 0, identifier(parent) or identifier(imported) or "", bool(parent or imported)),
    )


def about_folder(parsed: Any) -> About:  # noqa: ANN401 - JSON is anything
    """Return what stands beside the messages of engine v3."""
    projects = filter(None, (project(path) for path in items(inside(parsed, "workspacePaths"))))
    parent = inside(parsed, "parentSessionId")
    named = identifier(inside(parsed, "id"))
    created = instant(inside(parsed, "createdAt"))
    copied = bool(parent) or (named or "").startswith(CONVERTED)
    return About(
        id=named,
        project=", ".join(dict.fromkeys(projects)) or None,
        title=text(inside(parsed, "title")),
        model=model(inside(parsed, "modelId")),
        time=instant(inside(parsed, "lastModifiedAt")) or created,
        origin=Origin(created or 0, identifier(parent) or "", copied),
    )
