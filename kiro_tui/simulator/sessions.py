"""Writes the session files that Kiro would have left behind: a believable past of any size, for the demo and for tests.

    python -m kiro_tui.simulator.sessions FOLDER [SESSIONS [TURNS]]

The same plan always writes the same bytes. What was written is returned, turn by turn, so that a test can hold a
reader to it; therefore this must never import the code that reads sessions, nor share a name or a pattern with it.
"""

import json
import random
import sys
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from hashlib import sha256
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Any, NamedTuple

from kiro_tui.simulator.machine import now
from kiro_tui.simulator.month import WEEKDAY_WORK, WORK_BEGINS, WORK_ENDS

PROJECTS = ("billing", "storefront", "infra", "mobile-app", "dotfiles", "thesis", "kata")
"""The first ones get most of the work."""
MODELS = ("claude-sonnet-4.5", "auto", "claude-opus-4.5", "claude-haiku-4.5")
TASKS = ("Fix", "Explain", "Refactor", "Test", "Review", "Document", "Speed up", "Migrate")
THINGS = ("the login page", "a flaky test", "the invoice export", "the build", "the search", "the API", "the settings")


@dataclass(frozen=True, slots=True)
class Past:
    """What shall have happened."""

    until: datetime
    """Aware; nothing is later."""
    sessions: int = 60
    turns: int = 1500
    days: int = 60
    """How far back it goes."""
    mean: float = 0.4
    """Credits of a turn on average, roughly."""
    talk: int = 2000
    """Bytes of conversation that engine v3 keeps for each turn, roughly."""
    v3: float = 0.5
    """The share of sessions that engine v3 wrote."""
    odd: float = 0.01
    """The share of turns without a cost, and with engine v3 of lines that come twice."""
    home: str = "/home/person/work"
    seed: int = 1


class Made(NamedTuple):
    """A turn that was written."""

    at: datetime
    credits: Decimal | None
    session: str
    """The id that Kiro gives it."""
    project: str
    title: str
    model: str


class _Turn(NamedTuple):
    at: datetime
    credits: Decimal | None


def write_sessions(root: Path, past: Past) -> list[Made]:
    """Write the tree below the root, which Kiro calls `~/.kiro/sessions`, and return its turns."""
    chance = random.Random(past.seed)  # noqa: S311 - a story, not a secret
    made: list[Made] = []
    for count in _shared_out(chance, past.turns, past.sessions):
        project = f"{past.home}/{chance.choices(PROJECTS, [2.0**-n for n in range(len(PROJECTS))])[0]}"
        title = f"{chance.choice(TASKS)} {chance.choice(THINGS)}"
        model = chance.choices(MODELS, (6, 3, 2, 1))[0]
        turns = list(_turns(chance, past, count))
        name = uuid.UUID(int=chance.getrandbits(128), version=4)
        if chance.random() < past.v3:
            session = f"sess_{name}"
            folder = root / sha256(project.encode()).hexdigest()[:16] / session
            _write_v3(folder, chance, past, turns, {"title": title, "workspacePaths": [project], "modelId": model})
        else:
            session = str(name)
            _write_v2(root / "cli" / f"{name}.json", chance, turns, session, (project, title, model))
        made += [Made(turn.at, turn.credits, session, project, title, model) for turn in turns]
    return made


def _shared_out(chance: random.Random, total: int, among: int) -> list[int]:
    """Return so many counts with that sum: a few long sessions, many short ones."""
    weights = [chance.lognormvariate(0, 1) for _ in range(among)]
    ends = [round(end / sum(weights) * total) for end in accumulate(weights, initial=0.0)]
    return [after - before for before, after in pairwise(ends)]


def _turns(chance: random.Random, past: Past, count: int) -> Iterator[_Turn]:
    """Yield the turns of one session: of one working day, in order."""
    opens, closes = _hours(chance, past)
    begins = opens + (closes - opens) * chance.random() * 0.8
    ends = begins + (closes - begins) * chance.random()
    for at in sorted(begins + (ends - begins) * chance.random() for _ in range(count)):
        unknown = chance.random() < past.odd
        cost = Decimal(chance.lognormvariate(0, 0.8) * past.mean / 1.38).quantize(Decimal("0.0001"))
        yield _Turn(at.replace(microsecond=at.microsecond // 1000 * 1000), None if unknown else cost)


def _hours(chance: random.Random, past: Past) -> tuple[datetime, datetime]:
    """Return the working hours of some day, most likely a weekday; the last one ends with the past."""
    last = past.until.astimezone(UTC)
    days = [last - timedelta(days=n) for n in range(past.days)]
    days = [day for day in days if day.replace(hour=WORK_BEGINS, minute=0, second=0, microsecond=0) < last] or [last]
    day = chance.choices(days, [WEEKDAY_WORK[each.weekday()] for each in days])[0]
    opens = min(day.replace(hour=WORK_BEGINS, minute=0, second=0, microsecond=0), last - timedelta(minutes=1))
    return opens, min(opens + timedelta(hours=WORK_ENDS - WORK_BEGINS), last)


# Engine v2 ------------------------------------------------------------------------------------------------------------


def _write_v2(path: Path, chance: random.Random, turns: list[_Turn], session: str, about: tuple[str, str, str]) -> None:
    project, title, model = about
    document = {
        "session_id": session,
        "cwd": project,
        "created_at": _iso(turns[0].at if turns else datetime(2026, 1, 1, tzinfo=UTC)),
        "title": title,
        "session_state": {
            "version": "v1",
            "conversation_metadata": {"user_turn_metadatas": [_v2_turn(chance, turn) for turn in turns]},
            "rts_model_state": {
                "conversation_id": session,
                "model_info": {"model_name": model, "model_id": model, "context_window_tokens": 200_000},
                "context_usage_percentage": round(chance.random() * 80, 2),
            },
            "permissions": {"trusted_tools": ["fs_read", "execute_bash"]},
        },
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(document), encoding="utf-8")


def _v2_turn(chance: random.Random, turn: _Turn) -> dict[str, Any]:
    metering = [] if turn.credits is None else [_credit("value", part) for part in _parts(turn.credits)]
    return {
        "loop_id": {"agent_id": {"name": "kiro_default"}, "rand": chance.getrandbits(32)},
        "message_ids": [_name(chance), _name(chance)],
        "total_request_count": chance.randint(1, 9),
        "builtin_tool_uses": chance.randint(0, 5),
        "turn_duration": {"secs": chance.randint(2, 200), "nanos": chance.randint(0, 999_999_999)},
        "end_reason": "UserTurnEnd",
        "end_timestamp": _iso(turn.at),
        "metering_usage": metering,
        "input_token_count": chance.randint(100, 90_000),
        "output_token_count": chance.randint(10, 4000),
    }


def _parts(amount: Decimal) -> list[Decimal]:
    """Return a cost as it is billed: one entry for each request."""
    first = (amount / 3).quantize(Decimal("0.0001"))
    return [first, amount - first]


# Engine v3 and the IDE ------------------------------------------------------------------------------------------------


def _write_v3(folder: Path, chance: random.Random, past: Past, turns: list[_Turn], about: dict[str, Any]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    begins = turns[0].at if turns else past.until
    (folder / "session.json").write_text(json.dumps(about | {"createdAt": _iso(begins)}), encoding="utf-8")
    with (folder / "messages.jsonl").open("w", encoding="utf-8") as file:
        for number, turn in enumerate(turns):
            for line in _v3_lines(chance, past, turn, number):
                file.write(json.dumps(line, separators=(",", ":")) + "\n")


def _v3_lines(chance: random.Random, past: Past, turn: _Turn, number: int) -> Iterator[dict[str, Any]]:
    """Yield what one turn leaves behind."""
    for speaker in ("user_message", "assistant_message"):
        text = _talk(chance, round(past.talk / 2 * chance.uniform(0.3, 1.7)))
        yield _event(chance, turn.at, {"type": speaker, "content": [{"type": "text", "text": text}]})
    metering = [_credit("usage", turn.credits)]
    payload = {"type": "usage_summary", "promptTurnSummaries": metering, "status": "success"}
    usage = _event(chance, turn.at, payload | {"executionId": _name(chance)})
    usage["id"] = f"{usage['payload']['executionId']}-usage"
    yield usage
    if chance.random() < past.odd:
        yield usage
    yield {"id": f"{usage['id']}-end", "timestamp": _iso(turn.at), "payload": {"type": "turn_end"}}
    # A running total, which says nothing new.
    split = {"type": "session_metadata", "key": "creditSplit", "value": {"unit": "credit", "usage": number * past.mean}}
    yield _event(chance, turn.at, split)


def _event(chance: random.Random, at: datetime, payload: dict[str, Any]) -> dict[str, Any]:
    return {"id": _name(chance), "timestamp": _iso(at), "payload": payload}


_WORDS = ("the", "file", "test", "fails", "because", "of", "line", "7", "when", '"usage"', "is", "\n", "naïve", "{}")
_TALK = " ".join(random.Random(0).choices(_WORDS, k=40_000))  # noqa: S311 - a story


def _talk(chance: random.Random, length: int) -> str:
    begins = chance.randrange(max(len(_TALK) - length, 1))
    return _TALK[begins : begins + length]


def _credit(key: str, amount: Decimal | None) -> dict[str, Any]:
    return {"unit": "credit", "unitPlural": "credits", key: None if amount is None else float(amount)}


def _name(chance: random.Random) -> str:
    return str(uuid.UUID(int=chance.getrandbits(128), version=4))


def _iso(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def main(folder: str, sessions: str = "60", turns: str = "1500") -> None:
    """Write a tree that ends now."""
    made = write_sessions(Path(folder), Past(now(), int(sessions), int(turns)))
    sys.stdout.write(f"{len(made)} turns\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
