"""Asking over the Agent Client Protocol: JSON-RPC 2.0, one message a line, on the pipes of `kiro-cli acp`.

It reads the usage without a model and without a token of ours. Must never send `session/prompt`, and refuses
everything that the agent asks for: files, commands, permissions, access tokens. Answers to questions that were never
asked and notifications are skipped. Its stderr is part of what is read, because an agent that is signed out says so
there and nowhere else (docs/kiro-cli.md, section 4); lines that are not JSON are only searched for such words. An
answer counts whatever the exit status is.
"""

import json
from collections import deque
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

import kiro_tui
from kiro_tui.clock import Clock
from kiro_tui.domain.frame import Frame, Run
from kiro_tui.domain.text import clean, redact
from kiro_tui.domain.usage import Report
from kiro_tui.errors import NotRecognised, ProbeError
from kiro_tui.probe.account import not_logged_in
from kiro_tui.probe.asking.acp_errors import METHOD_NOT_FOUND, RpcError, details_of, ended, refused
from kiro_tui.probe.asking.conversation import GRACE, Answer, must_end_at_once, without_escapes
from kiro_tui.probe.process.child import Child, Command, Launch
from kiro_tui.probe.reading.refusals import model_answer, signed_out
from kiro_tui.probe.reading.usage_data import Json, load_json, read_usage

MAX_LINE = 1 << 20
"""Bytes; a longer line is skipped whole."""
COLUMNS = 120
MOST_ROWS = 500
LAST_WORDS = 20
"""Lines that are not JSON, of which the last are kept to explain an end without an answer."""


class Ended(Exception):
    """The agent ended, or its time did, before it answered."""


class Lines:
    """Cuts what arrives into lines of bounded length."""

    def __init__(self) -> None:
        self._pending = bytearray()
        self._skipping = False

    def feed(self, data: bytes) -> list[str]:
        """Return the lines that are complete now."""
        *complete, rest = (bytes(self._pending) + data).split(b"\n")
        lines = [line for line in complete if len(line) <= MAX_LINE]
        if complete and self._skipping:  # this is only the end of a line that was too long
            lines = lines[1:] if len(complete[0]) <= MAX_LINE else lines
        self._skipping = len(rest) > MAX_LINE or (self._skipping and not complete)
        self._pending = bytearray() if self._skipping else bytearray(rest)
        return [_text(line) for line in lines]

    def rest(self) -> str:
        """Return what came after the last line end, at the end of all."""
        rest, self._pending = bytes(self._pending), bytearray()
        return "" if self._skipping else _text(rest)


def _text(line: bytes) -> str:
    """Return the line as text; of one that was written over, such as a spinner's, what was written last."""
    return without_escapes(line).decode(errors="replace").strip().rpartition("\r")[2].strip()


class Agent:
    """The other side of the pipes, as somebody to call."""

    def __init__(self, child: Child, clock: Clock, seconds: float) -> None:
        self._child = child
        self._clock = clock
        self._deadline = clock.monotonic() + seconds + GRACE
        self._lines = Lines()
        self._next_id = 0
        self._answers: dict[int, Json] = {}
        self.late = False
        self.last_words: deque[str] = deque(maxlen=LAST_WORDS)

    async def call(self, method: str, params: Mapping[str, Json]) -> Json:
        """Return the result; raise RpcError for an error in its place, Ended where none comes."""
        number = self._next_id
        self._next_id += 1
        self._send({"jsonrpc": "2.0", "id": number, "method": method, "params": params})
        while number not in self._answers:
            await self._hear()
        answer = self._answers.pop(number)
        error = answer.get("error")
        if isinstance(error, dict):
            message, details = str(error.get("message") or ""), details_of(error.get("data"))
            raise RpcError(_whole_number(error.get("code")), clean(redact(message)), clean(redact(details)))
        return answer.get("result")

    def _send(self, message: Mapping[str, Json]) -> None:
        self._child.write(json.dumps(message).encode() + b"\n")

    async def _hear(self) -> None:
        left = self._deadline - self._clock.monotonic()
        if left <= 0:
            self.late = True
            raise Ended
        data = await self._child.read(left)
        if data == b"":
            self._take(self._lines.rest())
            raise Ended
        for line in self._lines.feed(data or b""):
            self._take(line)
            await self._clock.sleep(0)

    def _take(self, line: str) -> None:
        message = _message(line)
        if message is None:
            if line and signed_out(line):
                raise not_logged_in()
            if error := model_answer([line]):
                raise error
            if line:
                self.last_words.append(line)
        elif "method" not in message:
            number = _whole_number(message.get("id"))
            if number is not None and 0 <= number < self._next_id:
                self._answers.setdefault(number, message)
        elif "id" in message:
            self._refuse(message["id"])
        elif error := model_answer(_spoken(message)):
            raise error

    def _refuse(self, asked_as: Json) -> None:
        """Turn down what the agent asks for; its question is named as the agent named it."""
        number = asked_as if asked_as is None or isinstance(asked_as, str) else _whole_number(asked_as)
        refusal = {"code": METHOD_NOT_FOUND, "message": "kiro-tui only reads the usage"}
        self._send({"jsonrpc": "2.0", "id": number, "error": refusal})


async def ask_agent(launch: Launch, clock: Clock, command: Command, *, in_session: bool) -> Answer:
    """Run `kiro-cli acp` and ask for the usage: by a call of its own (engine v3), or in a session (engine v2)."""
    command = replace(command, terminal=None, merge_stderr=True)
    result: Json = None
    async with launch(command) as child:
        agent = Agent(child, clock, command.seconds)
        try:
            result = await _usage(agent, command.directory, in_session=in_session)
            return Answer(_read(result, clock), _as_frame(result))
        except RpcError as error:
            return Answer(refused(error))
        except Ended:
            ending = await child.close()
        except ProbeError as error:
            await child.close(at_once=must_end_at_once(error))
            return Answer(error, _as_frame(result))
    return Answer(ended(ending, command, agent.last_words, late=agent.late))


async def _usage(agent: Agent, directory: str, *, in_session: bool) -> Json:
    client = {"name": "kiro-tui", "version": kiro_tui.__version__}
    await agent.call("initialize", {"protocolVersion": 1, "clientCapabilities": {}, "clientInfo": client})
    if not in_session:
        return await agent.call("_kiro/account/getUsage", {})
    session = await agent.call("session/new", {"cwd": directory, "mcpServers": []})
    name = session.get("sessionId") if isinstance(session, dict) else None
    if not isinstance(name, str):
        raise NotRecognised("kiro-cli opened a session without a name.", "Update kiro-tui, or report it.")
    question = {"sessionId": name, "command": {"command": "usage", "args": {}}}
    return await agent.call("_kiro.dev/commands/execute", question)


def _read(result: Json, clock: Clock) -> Report:
    message = result.get("message") if isinstance(result, dict) else None
    if isinstance(message, str) and result.get("success") is False and signed_out(message):
        raise not_logged_in()
    return read_usage(result, now=clock.now())


def _message(line: str) -> dict[str, Json] | None:
    """Return the JSON object on the line; None for a line of the log."""
    if not line.startswith("{"):
        return None
    try:
        message = load_json(line)
    except ValueError:
        return None
    return message if isinstance(message, dict) else None


def _spoken(message: dict[str, Json]) -> list[str]:
    """Return the text that a session notification carries, as lines: a model that answers would write there."""
    content: Json = message
    for name in ("params", "update", "content"):
        content = content.get(name) if isinstance(content, dict) else {}
    text = content.get("text") if isinstance(content, dict) else None
    return text.splitlines() if isinstance(text, str) else []


def _whole_number(value: Json) -> int | None:
    """Return the number where it is one that JSON-RPC uses: small and whole."""
    return int(value) if isinstance(value, Decimal) and abs(value) < MAX_LINE and value == int(value) else None


def _as_frame(result: Json) -> Frame | None:
    """Return the answer as a screen, for people who want to see what it said."""
    if result is None:
        return None
    try:
        lines = json.dumps(result, indent=2, default=str, ensure_ascii=False).splitlines()[:MOST_ROWS]
    except RecursionError:  # it can be nested deeper than it can be written
        return None
    rows = (len(line) - len(line.lstrip()) for line in lines)
    return Frame(COLUMNS, tuple((Run(" " * indent + clean(line)),) for indent, line in zip(rows, lines, strict=True)))
