"""`kiro-cli acp`: the Agent Client Protocol over standard input and output, engines v2 and v3.

One JSON object per line, both ways. Its figures are not clamped: `used` includes the overage. A prompt sent here is
charged, so that a program that must never send one is found out.
"""

import json
import os
import select

from kiro_tui.simulator import replies
from kiro_tui.simulator.acp_data import Message, result
from kiro_tui.simulator.arguments import ANY, SWITCH, Accepts, Refused, parse, without_refused
from kiro_tui.simulator.chat import home_of, saved_engine
from kiro_tui.simulator.generations import Engine
from kiro_tui.simulator.harm import start_v3
from kiro_tui.simulator.machine import Machine
from kiro_tui.simulator.refresh import refresh_sign_in
from kiro_tui.simulator.replies import Reply
from kiro_tui.simulator.scenario import SERVICE_FAILURES, SIGNED_OUT_FAILURES, Scenario

INITIALIZE_SECONDS, SLOW_INITIALIZE_SECONDS, USAGE_SECONDS, LATE_SECONDS = 1.5, 18.0, 1.0, 60.0
SLOW_VERSION = (2, 21)
"""Whose start takes a quarter of a minute."""
USAGE = "acp [OPTIONS]"
METHOD_NOT_FOUND, INTERNAL_ERROR, NOT_SIGNED_IN = -32601, -32603, -32000
BROKEN = "[PersistenceClassification] failed to classify session persistence"
TOKEN_REQUEST = "kiro-auth-1"  # noqa: S105 - the id of a message
FATAL_FAILURES = {"crash", "mcp_startup", "unknown_flag", "hangs", "key_chain"}
SIGNED_OUT = "You are not logged in, please log in with kiro-cli login"
ERROR_QUIRKS: dict[str, tuple[int, str, Message | str | None]] = {
    "broken": (INTERNAL_ERROR, BROKEN, None),
    "token_expired": (NOT_SIGNED_IN, "Authentication failed: the token has expired and the refresh failed", None),
    "internal_error": (INTERNAL_ERROR, "Internal error", {"details": BROKEN}),
    "internal_error_text": (INTERNAL_ERROR, "Internal error", BROKEN),
}
"""The code, the message and the data of the error that a usage request is answered with."""
EXIT_AFTER_ANSWER_SECONDS = 7.6


def run(machine: Machine, scenario: Scenario, argv: list[str]) -> int:
    """Be `kiro-cli acp`; returns the exit status."""
    try:
        arguments = parse(argv, without_refused(_accepts(scenario), scenario.refuses), USAGE)
    except Refused as refused:
        return machine.say(refused.reply)
    if "--help" in arguments.flags:
        return machine.say(replies.acp_help(scenario.generation))
    failure = _failure(machine, scenario)
    if failure in FATAL_FAILURES:
        return machine.say(replies.failure(failure or "", scenario.account))
    named = arguments.flags.get("--agent-engine")
    engine = Engine(named) if named else (saved_engine(machine, scenario) or Engine.V2)
    if failure == "signed_out":
        return _signed_out(machine, scenario, engine)
    if failure in SIGNED_OUT_FAILURES and scenario.login != "api_key":
        machine.open_browser(replies.SIGN_IN_PAGE)
        machine.out("Opening browser...\n")
        if failure == "opening_browser":
            machine.hang()
    if engine is Engine.V3:
        start_v3(machine, harm=scenario.harm)
    by_cli = engine is not Engine.V3 or arguments.flags.get("--auth-method") == "cli"
    return Agent(machine, scenario, engine, failure, signs_in_itself=by_cli).run()


def _accepts(scenario: Scenario) -> Accepts:
    accepts: Accepts = {"--help": SWITCH, "--trust-all-tools": SWITCH}
    accepts |= dict.fromkeys(["--agent", "--model"], ANY)
    if scenario.generation.acp_flags:
        accepts |= {"--agent-engine": ("v2", "v3"), "--auth-method": ("cli", "host")}
    return accepts


def _failure(machine: Machine, scenario: Scenario) -> str | None:
    failure = scenario.failures.get("acp")
    is_signed_out = scenario.login == "signed_out" and failure not in SIGNED_OUT_FAILURES
    is_lost = scenario.own_home == "signed_out" and machine.private_home and failure not in FATAL_FAILURES
    return "signed_out" if is_signed_out or is_lost else failure


def _signed_out(machine: Machine, scenario: Scenario, engine: Engine) -> int:
    """Say at once on standard error that nobody is signed in; a sign-in page opens as for a chat."""
    in_own_home = not (scenario.own_home == "signed_out" and machine.private_home)
    prefix = "error: \n" if engine is Engine.V3 else "error: "
    status = 0 if "signed_out_exit_0" in scenario.acp else 1
    opens_browser = in_own_home and scenario.login != "api_key"
    return machine.say(Reply(err=f"{prefix}{SIGNED_OUT}\n", status=status, opens_browser=opens_browser))


class Agent:
    """The agent's end of the conversation."""

    def __init__(
        self, machine: Machine, scenario: Scenario, engine: Engine, failure: str | None, *, signs_in_itself: bool
    ) -> None:
        self._machine = machine
        self._scenario = scenario
        self._engine = engine
        self._failure = failure
        self._signs_in_itself = signs_in_itself
        self._raced = False
        self._waits_for_token: list[Message] = []
        self._last: Message | None = None
        self._answered = False

    def run(self) -> int:
        """Answer until standard input ends; returns the exit status."""
        if "log_lines" in self._scenario.acp:
            self._machine.out("2026-06-11T12:00:00Z  INFO kiro_cli::acp: starting agent client protocol server\n")
        buffered = b""
        while data := os.read(0, 65536):
            *lines, buffered = (buffered + data).split(b"\n")
            for line in lines:
                self._receive(line)
                if self._answered and "exits_1" in self._scenario.acp:
                    self._machine.pause(EXIT_AFTER_ANSWER_SECONDS)
                    return 1
        if "lingers" in self._scenario.acp:
            self._machine.hang()
        return 0

    def _receive(self, line: bytes) -> None:
        try:
            message = json.loads(line)
        except ValueError:
            return
        if not isinstance(message, dict):
            return
        if "method" in message:
            self._requested(message)
        elif message.get("id") == TOKEN_REQUEST:
            self._token_answered(message)

    def _requested(self, message: Message) -> None:
        method, params = str(message["method"]), message.get("params") or {}
        self._machine.log("acp", method=method)
        match method:
            case "initialize":
                self._initialize(message)
            case "session/new":
                home = home_of(self._machine, self._scenario, self._engine)
                self._machine.start_mcp_servers(home)
                session = self._machine.write_session(home, v3=self._engine is Engine.V3)
                self._answer(message, {"sessionId": session, "modes": {"currentModeId": "kiro_default"}})
                self._send({"method": "_kiro.dev/commands/available", "params": {"sessionId": session, "commands": []}})
            case "session/prompt":
                self._machine.charge(replies.CREDITS_OF_A_PROMPT, json.dumps(params))
                self._answer(message, {"stopReason": "end_turn"})
            case "_kiro/account/getUsage" if self._engine is Engine.V3:
                self._usage(message)
            case "_kiro.dev/commands/execute" if self._engine is Engine.V3 and self._scenario.generation.acp_breaks:
                self._refuse(message, INTERNAL_ERROR, BROKEN)
            case "_kiro.dev/commands/execute" if self._engine is Engine.V2:
                if (params.get("command") or {}).get("command") == "usage":
                    self._usage(message)
                else:
                    self._refuse(message, INTERNAL_ERROR, "unknown command")
            case _:
                self._refuse(message, METHOD_NOT_FOUND, f"Method not found: {method}")

    def _initialize(self, message: Message) -> None:
        scenario = self._scenario
        slow = scenario.version[:2] == SLOW_VERSION
        self._machine.pause(SLOW_INITIALIZE_SECONDS if slow else INITIALIZE_SECONDS)
        # Whoever does not wait for this answer asks before the sign-in is done.
        self._raced = bool(select.select([0], [], [], 0)[0])
        if self._failure in SIGNED_OUT_FAILURES:
            self._refuse(message, NOT_SIGNED_IN, "Authentication required")
            return
        capabilities = {"loadSession": True, "promptCapabilities": {"image": True}}
        self._answer(message, {"protocolVersion": 1, "agentCapabilities": capabilities, "authMethods": []})

    def _usage(self, message: Message) -> None:
        quirks = self._scenario.acp
        if "asks" in quirks:
            self._send({"id": "kiro-fs-1", "method": "fs/read_text_file", "params": {"path": "/etc/hostname"}})
        if self._failure == "nothing":
            return
        if not self._signs_in_itself:
            self._waits_for_token.append(message)
            self._send({"id": TOKEN_REQUEST, "method": "_kiro/auth/getAccessToken", "params": {}})
            return
        self._machine.pause(LATE_SECONDS if "late" in quirks else USAGE_SECONDS)
        if refused := next((ERROR_QUIRKS[quirk] for quirk in ERROR_QUIRKS if quirk in quirks), None):
            self._refuse(message, *refused)
        elif self._failure == "garbled":
            self._machine.out('{"jsonrpc":"2.0","id":1,"result":{"success":tr\n')
        elif self._failure in SERVICE_FAILURES:
            reason = replies.SERVICE_ERRORS[self._failure or ""]
            what = "get" if self._engine is Engine.V3 else "retrieve"
            self._answer(message, {"success": False, "message": f"Failed to {what} usage information: {reason}"})
        elif self._raced:
            self._answer(message, {"success": False, "message": "Not authenticated yet"})
        else:
            self._answer(message, result(self._scenario.account, quirks))
            if not self._answered:
                self._answered = True
                refresh_sign_in(self._machine, self._scenario, "acp")

    def _token_answered(self, message: Message) -> None:
        if "result" in message:
            self._machine.log("harm", what="gave an access token away")
        for waiting in self._waits_for_token:
            self._answer(waiting, {"success": False, "message": "Authentication failed: no access token"})
        self._waits_for_token.clear()

    def _answer(self, message: Message, result: Message) -> None:
        if "id" not in message:
            return
        if "out_of_order" in self._scenario.acp:
            self._send({"id": 987654, "result": {"late": True}})
            if self._last:
                self._send(self._last)
        self._last = {"id": message["id"], "result": result}
        self._send(self._last)

    def _refuse(self, message: Message, code: int, text: str, data: Message | str | None = None) -> None:
        if "id" in message:
            error = {"code": code, "message": text, **({} if data is None else {"data": data})}
            self._send({"id": message["id"], "error": error})

    def _send(self, content: Message) -> None:
        if "log_lines" in self._scenario.acp:
            self._machine.out("2026-06-11T12:00:01Z DEBUG kiro_cli::acp: [not json] {\n")
        self._machine.out(json.dumps({"jsonrpc": "2.0", **content}, separators=(",", ":")) + "\n")
