"""Session files as Kiro writes them, and the ways in which it makes further files out of them."""

import json
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from datetime import UTC, tzinfo
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from typing import Any

from kiro_tui.domain.spend import By, spend_by
from kiro_tui.spend.ledger import Ledger, read
from kiro_tui.spend.root import sources_of

CREATED, UPDATED = "2026-09-01T08:00:00.000000Z", "2026-09-09T08:00:00.000000Z"


def turn(number: int, value: Any = 1.0, *, at: Any = ..., loop: Any = ..., **more: Any) -> dict[str, Any]:
    """Return a turn of engine v2; a number is a turn of its own."""
    return {
        "loop_id": {"agent_id": {"name": "kiro_default", "parent_id": None, "rand": None}, "rand": number}
        if loop is ...
        else loop,
        "result": {"Ok": {"id": f"a{number}", "role": "assistant", "content": []}},
        "message_ids": [f"p{number}", f"a{number}"],
        "end_timestamp": f"2026-09-02T{9 + number // 60 % 12:02}:{number % 60:02}:00.123456789Z" if at is ... else at,
        "metering_usage": [{"value": value, "unit": "credit", "unitPlural": "credits"}] if value is not None else [],
    } | more


def session_v2(session: str, turns: list[dict[str, Any]] | None, **more: Any) -> dict[str, Any]:
    """Return a session of engine v2; without turns it is one that was killed."""
    metadata: dict[str, Any] = {} if turns is None else {"user_turn_metadatas": turns}
    return {
        "session_id": session,
        "cwd": "/home/dev/shop",
        "created_at": CREATED,
        "updated_at": UPDATED,
        "title": "Fix the cart",
        "session_created_reason": "subagent",
        "session_state": {
            "conversation_metadata": metadata,
            "rts_model_state": {"model_info": {"model_id": "claude-sonnet-5"}},
        },
    } | more


def usage(execution: str, value: Any = 1.0, *, at: str = "2026-09-03T08:01:00.000Z", **more: Any) -> dict[str, Any]:
    """Return a line of engine v3 about the use of an execution."""
    summary = {"unit": "credit", "unitPlural": "credits", "usage": value, "usedTools": []}
    payload = {"type": "usage_summary", "promptTurnSummaries": [summary], "status": "success", "executionId": execution}
    return {"id": f"{execution}-usage", "timestamp": at, "payload": payload | more}


def event(kind: str, *, name: str = "m", at: str = "2026-09-03T08:00:00.000Z", **more: Any) -> dict[str, Any]:
    return {"id": name, "timestamp": at, "payload": {"type": kind} | more}


def lines(*events: dict[str, Any]) -> bytes:
    return b"".join(json.dumps(each).encode() + b"\n" for each in events)


def about_v3(session: str, **more: Any) -> dict[str, Any]:
    """Return what stands beside the messages of engine v3."""
    return {
        "id": session,
        "title": "Add search",
        "workspacePaths": ["/home/dev/blog"],
        "modelId": "auto",
        "createdAt": CREATED,
        "lastModifiedAt": UPDATED,
        "createdReason": "human",
    } | more


@dataclass
class Machine:
    """A home with Kiro's files in it, and what is read of it."""

    folder: Path
    environment: dict[str, str] = field(default_factory=dict)
    more: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        (self.folder / "state").mkdir(parents=True)
        self.environment |= {"HOME": str(self.home)}

    @property
    def home(self) -> Path:
        return self.folder / "home"

    @property
    def sessions(self) -> Path:
        return self.home / ".kiro" / "sessions"

    @property
    def storage(self) -> Path:
        """Where the older IDE keeps its files."""
        return self.home / ".config/Kiro/User/globalStorage/kiro.kiroagent"

    def write(self, path: Path, content: bytes | dict[str, Any]) -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
        return path

    def v2(self, document: dict[str, Any], name: str | None = None) -> Path:
        return self.write(self.sessions / "cli" / f"{name or document['session_id']}.json", document)

    def v3(self, session: str, content: bytes, bucket: str = "0123456789abcdef", **about: Any) -> Path:
        folder = self.sessions / bucket / session
        self.write(folder / "session.json", about_v3(session, **about))
        return self.write(folder / "messages.jsonl", content)

    def execution(self, name: str, folder: str = "/home/dev/old", below: str = "", **more: Any) -> Path:
        """Write an execution of the older IDE."""
        workspace = sha256(folder.encode()).hexdigest()[:32]
        content = {
            "executionId": name,
            "chatSessionId": "chat-1",
            "workflowType": "chat-agent",
            "status": "succeed",
            "startTime": 1779288013500,
            "endTime": 1779288019211,
            "usageSummary": [{"usage": 0.5, "unit": "credit", "unitPlural": "credits"}],
        } | more
        file = sha256(name.encode()).hexdigest()[:32]
        return self.write(self.storage / below / workspace / "414d1636299d2b9e4ce7e17fb11f63e9" / file, content)

    def chat(self, name: str, folder: str = "/home/dev/old", **more: Any) -> None:
        """Write what the older IDE keeps of a chat."""
        encoded = urlsafe_b64encode(folder.encode()).decode().replace("=", "_")
        about = {"sessionId": name, "title": "Old chat", "selectedModel": "claude-opus-4.5"} | more
        where = self.storage / "workspace-sessions" / encoded
        self.write(where / f"{name}.json", about | {"history": ["x" * 100]})
        self.write(where / "sessions.json", json.dumps([{"sessionId": name, "title": about["title"]}]).encode())

    def read(self, *, keep: bool = True, zone: tzinfo = UTC) -> Ledger:
        sources = sources_of(self.environment, self.more, windows_users=self.folder / "windows")
        *_, ledger = read(sources, self.folder / "state" if keep else None, zone)
        assert isinstance(ledger, Ledger)
        return ledger

    def totals(self, by: By, *, keep: bool = True) -> dict[str, Any]:
        """Return credits, turns and turns of unknown cost by key."""
        rows = spend_by(by, self.read(keep=keep).sessions).rows
        return {row.key: (row.tally.credits, row.tally.turns, row.tally.unknown) for row in rows}

    def credits(self, by: By | None = None) -> Any:
        """Return the credits by key; without a way the sum of all."""
        if by is None:
            return spend_by(By.DAY, self.read().sessions).total.credits
        return {key: used for key, (used, _, _) in self.totals(by).items()}

    def skipped(self) -> dict[str, int]:
        return {each.reason: each.count for each in self.read().skipped}


def amounts(**values: str) -> dict[str, Decimal]:
    return {key: Decimal(value) for key, value in values.items()}
