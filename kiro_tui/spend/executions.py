"""Execution logs of the older IDE: a JSON document for each turn (docs/kiro-cli.md, section 7).

    <storage>/<sha256 of the folder, 32 digits>/414d…/<execution>         what was done, and what it cost
    <storage>/workspace-sessions/<base64url of the folder>/<chat>.json    a chat's title and model

Pure: names, bytes or decoded JSON in, values out. Raises Unreadable, and nothing else, whatever the bytes are.
"""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import Any

from kiro_tui.spend.about import About, Origin
from kiro_tui.spend.pruned import KEEP, Pattern
from kiro_tui.spend.reasons import Reason, Unreadable
from kiro_tui.spend.records import Record, usage_key
from kiro_tui.spend.values import cost, identifier, inside, instant_of_milliseconds, items, model, project, text

EXECUTIONS = "414d1636299d2b9e4ce7e17fb11f63e9"
"""The folder of the executions of one workspace."""
CATALOGUE = "f62de366d0006e17ea00a01f6624aabf"
"""The list of executions, which says nothing new."""
CHATS = "workspace-sessions"
CHAT_LIST = "sessions.json"
EXECUTION_NAME = re.compile(r"(?:[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?:\.json)?", re.IGNORECASE)
HASH_DIGITS = 32
EXECUTION_PATTERN: Pattern = {
    **dict.fromkeys(
        ("executionId", "chatSessionId", "status", "startTime", "endTime", "usageSummary", "executions"), KEEP
    ),
    "workspaceContext": {"cwd": KEEP},
}
CHAT_PATTERN: Pattern = dict.fromkeys(
    ("sessionId", "title", "selectedModel", "workspaceDirectory", "workspacePath", "dateCreated"), KEEP
)
_FOLDER = re.compile(r"/|[A-Za-z]:[/\\]|\\\\|file://")


def execution(parsed: Any) -> tuple[About, Record] | None:  # noqa: ANN401 - JSON is anything
    """Read an execution; None where the document is the catalogue of them."""
    name = identifier(inside(parsed, "executionId"))
    if name is None:
        if isinstance(inside(parsed, "executions"), list):
            return None
        raise Unreadable(Reason.FOREIGN_FILE)
    began = instant_of_milliseconds(parsed.get("startTime"))
    ended = instant_of_milliseconds(parsed.get("endTime")) or began  # 0 while it is running
    if ended is None:
        raise Unreadable(Reason.TIMELESS)
    used = cost(parsed.get("usageSummary"), "usage")
    said = About(
        id=identifier(parsed.get("chatSessionId")) or name,
        project=project(inside(parsed, "workspaceContext", "cwd")),
        origin=Origin(created=began or ended),
    )
    # The key is that of engine v3, should the IDE have taken the turn over into its new store.
    return said, Record(usage_key(None, name), ended, used)


def chat(parsed: Any, stem: str, folder: str) -> About:  # noqa: ANN401 - JSON is anything
    """Read what is known of a chat of the IDE; `folder` is the name of the folder that it lies in."""
    named = inside(parsed, "workspaceDirectory") or inside(parsed, "workspacePath")
    return About(
        id=identifier(inside(parsed, "sessionId")) or stem,
        project=project(named) or project(decoded_folder(folder)),
        title=text(inside(parsed, "title")),
        model=model(inside(parsed, "selectedModel")),
    )


def listed_chats(parsed: Any, folder: str) -> Iterable[About]:  # noqa: ANN401 - JSON is anything
    """Read the list of a workspace's chats."""
    listed = parsed if isinstance(parsed, list) else items(inside(parsed, "sessions"))
    for each in listed:
        named = identifier(inside(each, "sessionId")) or identifier(inside(each, "id"))
        if named is not None:
            yield chat(each, named, folder)


def decoded_folder(name: str) -> str | None:
    """Return the folder that a name stands for: base64url, with `_` in the place of the `=` at its end."""
    for padding in (2, 1, 0):
        if not name.endswith("_" * padding):
            continue
        body = name[:-padding] if padding else name.rstrip("=")
        missing = -len(body) % 4
        if padding and missing != padding:
            continue
        try:
            decoded = urlsafe_b64decode(body + "=" * missing)
            folder = decoded.decode()
        except ValueError:
            continue
        if urlsafe_b64encode(decoded).rstrip(b"=") == body.encode() and _FOLDER.match(folder):
            return folder.removeprefix("file://")
    return None


def folders_by_hash(folders: Iterable[str]) -> Mapping[str, str]:
    """Return the folders by the names that the IDE gives to their logs."""
    return {sha256(folder.encode("utf-8", "replace")).hexdigest()[:HASH_DIGITS]: folder for folder in folders}
