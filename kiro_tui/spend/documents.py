"""Sessions of engine v2, each a JSON document of its own.

Pure: bytes or decoded JSON in, values out. Must never take an unknown cost for 0, nor a unit other than credits for
credits. Raises Unreadable, and nothing else, whatever the bytes are.
"""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from kiro_tui.spend.about import About, about_document
from kiro_tui.spend.pruned import KEEP, Pattern
from kiro_tui.spend.reasons import Reason, Unreadable
from kiro_tui.spend.records import Record, Records, key_of
from kiro_tui.spend.values import cost, inside, instant, items, model

PATTERN: Pattern = {
    **dict.fromkeys(
        ("session_id", "cwd", "title", "created_at", "updated_at", "parent_session_id", "imported_from"), KEEP
    ),
    "session_state": {
        "conversation_metadata": {
            "user_turn_metadatas": [
                {
                    **dict.fromkeys(("loop_id", "message_ids", "end_timestamp", "metering_usage", "model"), KEEP),
                    "result": {"Ok": {"id": KEEP}},
                }
            ]
        },
        "rts_model_state": {"model_info": {"model_id": KEEP}},
    },
}
"""Everything that is wanted of a session; the rest of it may be enormous."""
DEEPEST = 16
PROOF = 2
"""So many of a turn's marks must be there to tell it from others: equal message ids alone prove nothing."""


@dataclass(frozen=True, slots=True)
class Document:
    """A whole session of engine v2."""

    about: About
    records: Records
    skipped: Counter[Reason] = field(default_factory=Counter)


def document(parsed: Any, stem: str) -> Document:  # noqa: ANN401 - JSON is anything
    """Read a session; `stem` stands for its id where it does not say it."""
    state = inside(parsed, "session_state")
    if not isinstance(state, dict):
        raise Unreadable(Reason.FOREIGN_FILE)
    about = about_document(parsed)
    records, skipped = Records(), Counter[Reason]()
    turns = inside(state, "conversation_metadata", "user_turn_metadatas")
    if not isinstance(turns, list):
        skipped[Reason.NO_TURNS] += 1
    for turn in items(turns):
        record = _record(turn, about, about.id or stem, records) if isinstance(turn, dict) else None
        if record is None:
            skipped[Reason.TIMELESS] += 1
        else:
            records.add(record)
    return Document(about, records, skipped)


def _loop(value: object) -> str:
    """Return what tells one loop from another; "" where there is none."""
    if not value:
        return ""
    if isinstance(value, dict) and isinstance(agent := value.get("agent_id"), dict):
        return f"{agent.get('name')} {agent.get('parent_id')} {agent.get('rand')} {value.get('rand')}"
    return _canonical(value)


def _answer(result: object) -> str:
    """Return the id of an answer; "" where there is none."""
    answer = result.get("Ok") if isinstance(result, dict) else None
    name = answer.get("id") if isinstance(answer, dict) else None
    return name if isinstance(name, str) else ""


def _messages(value: object) -> str:
    """Return the ids of a turn's messages; "" where there are none."""
    try:
        return "\n".join(value) if isinstance(value, list) else ""
    except TypeError:
        return _canonical(value)


def _canonical(value: object, depth: int = DEEPEST) -> str:
    """Return a value as text, whatever the order in which its members were written; only so deep."""
    if not depth or not isinstance(value, dict | list):
        return "" if isinstance(value, dict | list) else repr(value)
    if isinstance(value, list):
        return f"[{','.join([_canonical(each, depth - 1) for each in value])}]"
    return f"{{{','.join([f'{key!r}:{_canonical(value[key], depth - 1)}' for key in sorted(value)])}}}"


def _record(turn: dict[str, Any], about: About, session: str, known: Records) -> Record | None:
    """Return a turn; None where neither it nor its session says when it was."""
    said = instant(turn.get("end_timestamp"))
    at = about.time if said is None else said
    if at is None:
        return None
    used = cost(turn.get("metering_usage"), "value")
    marks = (
        _loop(turn.get("loop_id")),
        # The answer's own id tells turns apart whose messages are not listed.
        _messages(turn.get("message_ids")) or _answer(turn.get("result")),
        "" if said is None else str(said),
    )
    proven = marks.count("") <= len(marks) - PROOF
    key = key_of("v2", *marks) if proven else known.nameless_key(session, *marks, str(used))
    return Record(key, at, used, model(turn.get("model")))
