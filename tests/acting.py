"""A kiro-cli that acts from a table: which child plays which command line. Nothing is started."""

import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from fakes import ScriptedChild

from kiro_tui.probe.process.child import Child, Command, End, Ending, Launch

RECORDINGS = Path(__file__).parent / "recordings"

REPORT = (RECORDINGS / "classic-pro-two-bonuses-mcp-noise.bytes").read_bytes()
CLAMPED = (RECORDINGS / "classic-org-clamped.bytes").read_bytes()
SUMMARY = (RECORDINGS / "summary-line.bytes").read_bytes()
MODEL = (RECORDINGS / "model-answered.bytes").read_bytes()
MANAGED = (RECORDINGS / "managed.bytes").read_bytes()
FAILURE = (RECORDINGS / "backend-failure.bytes").read_bytes()
PANEL = (RECORDINGS / "panel-pro-over-limit.bytes").read_bytes()
SIGNED_OUT = (RECORDINGS / "signed-out.bytes").read_bytes()
BUILDER_ID = b'{"accountType":"BuilderId","startUrl":null,"region":"us-east-1","email":"person@example.com"}\n'

USAGE: dict[str, Any] = {
    "planName": "KIRO PRO+",
    "billingCycleReset": "2026-07-01",
    "overagesEnabled": False,
    "usageBreakdowns": [
        {"resourceType": "CREDIT", "displayName": "Credits", "used": 640.25, "limit": 2000, "hasLimit": True}
    ],
    "bonusCredits": [],
    "addOnCredits": [],
}


def says(data: bytes, status: int = 0) -> ScriptedChild:
    """Return a child that prints that and exits."""
    return ScriptedChild([data] if data else [], Ending(End.EXITED, status=status))


class ScriptedAgent:
    """The other end of the agent protocol: answers each call from a table of results by method.

    A result that is a function is given the request and returns the lines to send; None never answers.
    """

    def __init__(self, results: Mapping[str, Any], preface: bytes = b"") -> None:
        self._results = results
        self._waiting = bytearray(preface)
        self.received: list[dict[str, Any]] = []
        self.closed = False
        self.at_once = False

    @property
    def methods(self) -> list[str]:
        return [message["method"] for message in self.received if "method" in message]

    async def read(self, within: float) -> bytes | None:  # noqa: ARG002 - it never makes anybody wait
        data, self._waiting = bytes(self._waiting), bytearray()
        return data

    def write(self, data: bytes) -> None:
        for line in data.splitlines():
            message = json.loads(line)
            self.received.append(message)
            if "method" in message:
                self._answer(message)

    def _answer(self, message: dict[str, Any]) -> None:
        result = self._results.get(message["method"])
        if callable(result):
            self._waiting += result(message)
        elif result is not None:
            self._waiting += answer(message, result)

    async def close(self, *, at_once: bool = False) -> Ending:
        self.at_once |= at_once
        self.closed = True
        return Ending(End.EXITED, status=0)


def answer(message: dict[str, Any], result: object) -> bytes:
    """Return the line that answers the request."""
    return json.dumps({"jsonrpc": "2.0", "id": message["id"], "result": result}).encode() + b"\n"


def error(message: dict[str, Any], code: int, text: str) -> bytes:
    """Return the line that refuses the request."""
    return (
        json.dumps({"jsonrpc": "2.0", "id": message["id"], "error": {"code": code, "message": text}}).encode() + b"\n"
    )


def agent(data: Mapping[str, Any] = USAGE) -> ScriptedAgent:
    """Return an agent that knows the usage, of either engine."""
    result = {"success": True, "message": "", "data": data}
    return ScriptedAgent(
        {
            "initialize": {"protocolVersion": 1, "agentCapabilities": {}},
            "session/new": {"sessionId": "s-1"},
            "_kiro/account/getUsage": result,
            "_kiro.dev/commands/execute": result,
        }
    )


Role = Callable[[], Child]


class Stage:
    """Plays every command with the role whose words it contains; the first that fits, in the order given."""

    def __init__(self, roles: Mapping[str, Role]) -> None:
        self.roles = dict(roles)
        self.commands: list[Command] = []

    @property
    def lines(self) -> list[str]:
        """The command lines so far, without the path."""
        return [" ".join(command.argv[1:]) for command in self.commands]

    def forget(self) -> None:
        self.commands.clear()

    @property
    def launch(self) -> Launch:
        @asynccontextmanager
        async def launch(command: Command) -> AsyncIterator[Child]:
            self.commands.append(command)
            line = " ".join(command.argv[1:])
            role = next(role for words, role in self.roles.items() if words in line)
            child = role()
            try:
                yield child
            finally:
                await child.close()

        return launch


def stage(number: str = "2.21.1", **changes: Role) -> Stage:
    """Return a healthy kiro-cli of that version; the changes are by role: version, whoami, report, acp, panel, help."""
    healthy: dict[str, Role] = {
        "version": lambda: says(f"kiro-cli {number}\n".encode()),
        "help": lambda: says(b"error: no help\n", status=2),
        "whoami": lambda: says(BUILDER_ID),
        "report": lambda: says(REPORT),
        "acp": agent,
        "panel": lambda: says(b""),
    }
    roles = healthy | changes
    words = {
        "version": "--version",
        "help": "--help",
        "whoami": "whoami",
        "report": "chat --no-interactive",
        "acp": "acp",
        "panel": "chat",
    }
    return Stage({words[name]: roles[name] for name in words})
