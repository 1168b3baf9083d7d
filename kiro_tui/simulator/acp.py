"""`kiro-cli acp`: the Agent Client Protocol over standard input and output, engines v2 and v3.

One JSON object per line, both ways. Its figures are not clamped: `used` includes the overage. A prompt sent here is
charged, so that a program that must never send one is found out.
"""

import json
import os
import select
from typing import Any

from kiro_tui.simulator import replies
from kiro_tui.simulator.account import RATE, AccountState, Overages, Resource
from kiro_tui.simulator.arguments import ANY, SWITCH, Accepts, Refused, parse, without_refused
from kiro_tui.simulator.chat import home_of, saved_engine
from kiro_tui.simulator.classic import MONTHS
from kiro_tui.simulator.generations import Engine
from kiro_tui.simulator.machine import Machine
from kiro_tui.simulator.scenario import SERVICE_FAILURES, SIGNED_OUT_FAILURES, Scenario

INITIALIZE_SECONDS, SLOW_INITIALIZE_SECONDS, USAGE_SECONDS, LATE_SECONDS = 1.5, 18.0, 1.0, 60.0
SLOW_VERSION = (2, 21)
"""Whose start takes a quarter of a minute."""
USAGE = "acp [OPTIONS]"
METHOD_NOT_FOUND, INTERNAL_ERROR, NOT_SIGNED_IN = -32601, -32603, -32000
BROKEN = "[PersistenceClassification] failed to classify session persistence"
TOKEN_REQUEST = "kiro-auth-1"  # noqa: S105 - the id of a message
FATAL_FAILURES = {"crash", "mcp_startup", "unknown_flag", "hangs"}

Message = dict[str, Any]


def run(machine: Machine, scenario: Scenario, argv: list[str]) -> int:
    """Be `kiro-cli acp`; returns the exit status."""
    accepts: Accepts = {"--help": SWITCH, "--trust-all-tools": SWITCH}
    accepts |= dict.fromkeys(["--agent", "--model"], ANY)
    if scenario.generation.acp_flags:
        accepts |= {"--agent-engine": ("v2", "v3"), "--auth-method": ("cli", "host")}
    try:
        arguments = parse(argv, without_refused(accepts, scenario.refuses), USAGE)
    except Refused as refused:
        return machine.say(refused.reply)
    if "--help" in arguments.flags:
        return machine.say(replies.acp_help(scenario.generation))
    failure = scenario.failures.get("acp")
    if scenario.login == "signed_out" and failure not in SIGNED_OUT_FAILURES:
        failure = "signed_out"
    if failure in FATAL_FAILURES:
        return machine.say(replies.failure(failure or "", scenario.account))
    if failure in SIGNED_OUT_FAILURES and scenario.login != "api_key":
        machine.open_browser(replies.SIGN_IN_PAGE)
        machine.out("Opening browser...\n")
        if failure == "opening_browser":
            machine.hang()
    if scenario.own_home == "signed_out" and machine.private_home:
        failure = "signed_out"
    named = arguments.flags.get("--agent-engine")
    engine = Engine(named) if named else (saved_engine(machine, scenario) or Engine.V2)
    by_cli = engine is not Engine.V3 or arguments.flags.get("--auth-method") == "cli"
    Agent(machine, scenario, engine, failure, signs_in_itself=by_cli).run()
    return 0


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

    def run(self) -> None:
        """Answer until standard input ends."""
        if "log_lines" in self._scenario.acp:
            self._machine.out("2026-06-11T12:00:00Z  INFO kiro_cli::acp: starting agent client protocol server\n")
        buffered = b""
        while data := os.read(0, 65536):
            *lines, buffered = (buffered + data).split(b"\n")
            for line in lines:
                self._receive(line)
        if "lingers" in self._scenario.acp:
            self._machine.hang()

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
        if "broken" in quirks:
            self._refuse(message, INTERNAL_ERROR, BROKEN)
        elif self._failure == "garbled":
            self._machine.out('{"jsonrpc":"2.0","id":1,"result":{"success":tr\n')
        elif self._failure in SERVICE_FAILURES:
            reason = replies.SERVICE_ERRORS[self._failure or ""]
            self._answer(message, {"success": False, "message": f"Failed to get usage information: {reason}"})
        elif self._raced:
            self._answer(message, {"success": False, "message": "Not authenticated yet"})
        else:
            self._answer(message, result(self._scenario.account, quirks))

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

    def _refuse(self, message: Message, code: int, text: str) -> None:
        if "id" in message:
            self._send({"id": message["id"], "error": {"code": code, "message": text}})

    def _send(self, content: Message) -> None:
        if "log_lines" in self._scenario.acp:
            self._machine.out("2026-06-11T12:00:01Z DEBUG kiro_cli::acp: [not json] {\n")
        self._machine.out(json.dumps({"jsonrpc": "2.0", **content}, separators=(",", ":")) + "\n")


def result(state: AccountState, quirks: frozenset[str] = frozenset()) -> Message:
    """Return what a usage request is answered with."""
    if state.managed:
        data = _data(state) | {"billingCycleReset": "Unknown", "usageBreakdowns": [], "bonusCredits": []}
        return {"success": True, "message": "Your plan is managed by admin", "data": data}
    data = _data(state)
    if "unknown_fields" in quirks:
        data |= {"creditSplit": {"plan": 1, "other": [None, {}]}, "usageBreakdowns2": "later"}
    if "missing_fields" in quirks:
        data = {"usageBreakdowns": [{key: one[key] for key in ("used", "limit")} for one in data["usageBreakdowns"]]}
    return {"success": True, "message": "Usage retrieved", "data": data}


def _data(state: AccountState) -> Message:
    return {
        "planName": state.plan,
        "billingCycleReset": "Unknown" if state.reset is None else state.reset.isoformat(),
        "overagesEnabled": state.overages is Overages.ON,
        "overageCapable": state.overages is not Overages.NONE,
        "isEnterprise": state.organization,
        "usageBreakdowns": [_breakdown(resource, state) for resource in state.resources],
        "bonusCredits": [
            {"name": one.name, "used": float(one.used), "total": float(one.total), "daysUntilExpiry": one.days}
            for one in state.bonuses
        ],
        "addOnCredits": [
            {
                "used": float(one.used),
                "total": float(one.total),
                "expiresAt": f"{MONTHS[one.expires.month - 1][:3]} {one.expires.day:02}, {one.expires.year}",
                "isActive": at == 0,
            }
            for at, one in enumerate(state.packs)
        ],
    }


def _breakdown(resource: Resource, state: AccountState) -> Message:
    limit = resource.limit
    percent = int(resource.used * 100 / limit) if limit else 0
    overage = resource.beyond if state.overages is Overages.ON else resource.beyond * 0
    return {
        "resourceType": "CREDIT" if resource.title == "Credits" else resource.title.upper().replace(" ", "_"),
        "displayName": resource.title,
        "used": float(resource.used),
        "limit": 0 if limit is None else float(limit),
        "hasLimit": limit is not None,
        "percentage": percent if state.percent is None else state.percent,
        "currentOverages": float(overage),
        "overageRate": float(RATE),
        "overageCharges": round(float(overage * RATE), 2),
        "currency": "USD",
    }
