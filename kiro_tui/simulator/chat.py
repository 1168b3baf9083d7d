"""`kiro-cli chat`: which engine runs, what that engine makes of `/usage`, and what it touches on the way."""

from dataclasses import dataclass, replace
from pathlib import Path

from kiro_tui.simulator import classic, hostile, inline, replies, stream
from kiro_tui.simulator.arguments import ANY, SWITCH, Accepts, Arguments, Refused, parse, without_refused
from kiro_tui.simulator.generations import Engine, Generation, engine
from kiro_tui.simulator.harm import start_v3
from kiro_tui.simulator.machine import Machine
from kiro_tui.simulator.refresh import refresh_sign_in
from kiro_tui.simulator.replies import Reply
from kiro_tui.simulator.scenario import PROMPT_FAILURES, SIGNED_OUT_FAILURES, Scenario

USAGE = "chat [OPTIONS] [INPUT]"
SPINNER = "⠋⠙⠹⠸⠼⠴"
THINKING_SECONDS = 2.0
SLOW_SECONDS = 10.0
CURSOR_SECONDS = 0.5
CLEAR_LINE = "\r\033[2K"
NO_TERMINAL = "error: The interactive chat needs a terminal; use --no-interactive without one\n"
FIRST_RUN_QUESTION = "Welcome to Kiro CLI! How do you want to start?\n> Use the new experience (3.0)\n  Not now\n"
CLASSIC_RETIRED = "error: The classic interface is no longer available for interactive chat\n"


@dataclass(frozen=True, slots=True)
class Chat:
    """One chat that is about to start."""

    machine: Machine
    scenario: Scenario
    engine: Engine
    named: bool
    """Whether the command line said which engine."""
    interactive: bool
    legacy: bool
    as_stream: bool = False
    """Whether it answers as JSON lines."""

    @property
    def running(self) -> Engine:
        """The engine that takes the prompt: without a name, a headless chat may be taken for another one."""
        if self.named or self.interactive:
            return self.engine
        bare = {"report": Engine.V1, "summary": Engine.V2, "model": Engine.V3}.get(self.scenario.bare or "")
        on_pipes = self.scenario.generation.prompt_on_pipes and not self.machine.on_terminal
        return bare or (Engine.V3 if on_pipes else self.engine)

    @property
    def home(self) -> Path:
        """Kiro's folder, as this engine sees it."""
        return home_of(self.machine, self.scenario, self.engine)


def run(machine: Machine, scenario: Scenario, argv: list[str]) -> int:
    """Be `kiro-cli chat`; returns the exit status."""
    known = scenario.generation
    try:
        arguments = parse(argv, without_refused(_accepts(known), scenario.refuses), USAGE)
    except Refused as refused:
        return machine.say(refused.reply)
    if "--help" in arguments.flags:
        return machine.say(replies.chat_help(known))
    as_stream = arguments.flags.get("--output-format") == "stream-json"
    interactive = "--no-interactive" not in arguments.flags and not as_stream
    chosen = choose_engine(scenario, arguments, saved_engine(machine, scenario), interactive=interactive)
    if isinstance(chosen, Reply):
        return machine.say(chosen)
    named = not {"--agent-engine", "--v2", "--v3", "--legacy-ui"}.isdisjoint(arguments.flags)
    legacy = not known.full_screen or "--legacy-ui" in arguments.flags or (named and chosen is Engine.V1)
    chat = Chat(machine, scenario, chosen, named, interactive, legacy, as_stream)
    return _interactive(chat) if interactive else _headless(chat, " ".join(arguments.words))


def _accepts(known: Generation) -> Accepts:
    switches = ["--no-interactive", "--trust-all-tools", "--resume", "--help"]
    switches += ["--legacy-ui"] * known.legacy_ui + ["--v3"] * known.v3_switch + ["--v2"] * known.v2_switch
    accepts: Accepts = dict.fromkeys(["--agent", "--model", "--trust-tools"], ANY)
    if known.engines:
        accepts["--agent-engine"] = known.engines
    if known.stream_json:
        accepts["--output-format"] = ("text", "stream-json")
    return {**accepts, **dict.fromkeys(switches, SWITCH)}


def saved_engine(machine: Machine, scenario: Scenario) -> Engine | None:
    """Return the engine that the environment or the settings make the default, None where they do not."""
    settings = machine.read_json(machine.home / "settings" / "cli.json")
    saved = machine.environment.get("KIRO_AGENT_ENGINE") or scenario.default_engine or settings.get("chat.agentEngine")
    return engine(str(saved)) if saved in set(Engine) else None


def home_of(machine: Machine, scenario: Scenario, running: Engine) -> Path:
    """Return Kiro's folder as an engine sees it: one of them may not care what KIRO_HOME says."""
    stubborn = running is Engine.V3 and scenario.v3_reads_home
    return machine.own_home if stubborn else machine.home


def choose_engine(
    scenario: Scenario, arguments: Arguments, saved: Engine | None, *, interactive: bool
) -> Engine | Reply:
    """Return the engine that runs, or how the choice is refused."""
    known, flags = scenario.generation, arguments.flags
    if named := flags.get("--agent-engine"):
        chosen = engine(named)
    elif "--v3" in flags:
        chosen = Engine.V3
    elif "--v2" in flags:
        chosen = Engine.V2
    elif "--legacy-ui" in flags:
        if known.refuses_legacy_alone and Engine.V3 in {saved, known.interactive}:
            return Reply(err=replies.LEGACY_REFUSED, status=1)
        chosen = Engine.V1
    else:
        chosen = saved or (known.interactive if interactive else known.headless)
    if interactive and chosen is Engine.V1 and known.interactive is Engine.V3:
        return Reply(err=CLASSIC_RETIRED, status=1)
    return chosen


def failure(chat: Chat, place: str) -> Reply | None:
    """Return how this chat fails, None where it does not."""
    scenario, machine = chat.scenario, chat.machine
    kind = scenario.failures.get(place)
    if scenario.login == "signed_out":
        return replies.failure(kind if kind in SIGNED_OUT_FAILURES else "signed_out", scenario.account)
    if kind:
        reply = replies.failure(kind, scenario.account, chat.running)
        return replace(reply, opens_browser=reply.opens_browser and scenario.login != "api_key")
    if scenario.own_home == "first_run" and machine.private_home and not chat.interactive:
        return Reply(out=FIRST_RUN_QUESTION, hangs=True)
    lost_in_this_home = scenario.own_home == "signed_out" and machine.private_home
    refused_by_v1 = scenario.v1_refuses_idc and scenario.login == "idc" and chat.engine is Engine.V1
    if lost_in_this_home or refused_by_v1:
        return replace(replies.failure("signed_out", scenario.account), opens_browser=False)
    return None


def _headless(chat: Chat, prompt: str) -> int:
    machine, scenario = chat.machine, chat.scenario
    if not prompt:
        return machine.say(Reply(err="error: Input must be supplied when running in non-interactive mode\n", status=1))
    failed = failure(chat, "report")
    reply = failed or _answer(chat, prompt)
    if chat.as_stream:
        if chat.running is Engine.V1:
            return machine.say(stream.UNSUPPORTED)
        machine.out(stream.started(chat.running))
        machine.pause(THINKING_SECONDS)
        reply = stream.rest(reply, failed=failed is not None)
    if scenario.login != "signed_out":
        _leave_traces(chat)
    if reply.credits_spent:
        machine.charge(reply.credits_spent, prompt)
    hostile.before_the_answer(machine, scenario.hostile, scenario.hostile_seconds)
    muted = "mute_on_terminal" if machine.on_terminal else "mute_on_pipes"
    if muted in scenario.manners:
        reply = Reply()
    elif (failed is None or failed.credits_spent) and not chat.as_stream:
        _make_noise(chat)
    machine.drips = "drips" in scenario.manners
    status = machine.say(reply)
    hostile.after_the_answer(machine, scenario.hostile, scenario.hostile_seconds)
    if failed is None:
        refresh_sign_in(machine, scenario, "chat")
    if "never_exits" in scenario.manners:
        machine.hang()
    return status


def _answer(chat: Chat, prompt: str) -> Reply:
    scenario, running = chat.scenario, chat.running
    if prompt == "/context" and running is not Engine.V3:
        return replies.context()
    if prompt != "/usage" or running is Engine.V3:
        return replies.model_answer(prompt)
    known = scenario.generation
    if running is Engine.V2 and (not known.inline_report or scenario.bare == "summary"):
        return replies.summary(scenario.account)
    if running is Engine.V2:
        api_key, overages = scenario.login == "api_key", known.overages_in_panel
        return Reply(out=inline.report(scenario.account, scenario.look, api_key=api_key, overages=overages))
    return Reply(err=classic.report(scenario.account, scenario.look, chat.machine.size[0]))


def _leave_traces(chat: Chat) -> None:
    """Start MCP servers and write files as every chat does."""
    machine, known, v3 = chat.machine, chat.scenario.generation, chat.running is Engine.V3
    if v3:
        start_v3(machine, harm=chat.scenario.harm)
    machine.start_mcp_servers(chat.home)
    if known.session_files:
        machine.write_session(chat.home, v3=v3)
    if v3 and chat.interactive and known.rewrites_agents:
        machine.rewrite_agents(chat.home)


def _make_noise(chat: Chat) -> None:
    """Pass the time before the answer, with all that is seen meanwhile."""
    machine, manners = chat.machine, chat.scenario.manners
    if "slow" in manners:
        machine.pause(SLOW_SECONDS)
    if chat.engine is Engine.V1:
        machine.ask_cursor(within=max(CURSOR_SECONDS * machine.pace, 0.05))
    if "noisy" in manners:
        for text in _noise(chat.scenario):
            machine.err(text)
            machine.pause(0.3)
    if not machine.on_terminal:
        machine.pause(THINKING_SECONDS)
        return
    for frame in SPINNER:
        machine.err(f"\033[?25l{CLEAR_LINE}{frame} Thinking...")
        machine.pause(THINKING_SECONDS / len(SPINNER))
    machine.err(f"{CLEAR_LINE}\033[?25h")


def _noise(scenario: Scenario) -> list[str]:
    loading = "mcp servers initialized. ctrl-c to start chatting now"
    not_failures = [
        "Error: no agent with name docs found. Falling back to user specified default\n",
        "WARNING: Duplicate agent with name foo\n",
        "One or more mcp server did not load correctly.\n",
        f"{'-' * 40}\n",
        "All tools are now trusted (!). Kiro will execute tools without asking for confirmation.\n",
    ]
    frames = [f"{CLEAR_LINE}{classic.VIOLET}{SPINNER[n]}{classic.RESET} {n} of 3 {loading}" for n in range(4)]
    return [
        "WARNING: Both .kiro and .amazonq folders found in workspace. Using .kiro configuration.\n",
        "Cleaning up old conversations...\n",
        *not_failures,
        *frames,
        f"{CLEAR_LINE}✓ github loaded in 1.20 s\n",
        "✗ jira has failed to load after 5.01 s\n",
        "⚠ linear requires OAuth authentication. Use /mcp to see the auth link\n",
        f"Model: auto | Plan: {scenario.account.plan or 'Unknown'} (/usage for more detail)\n",
    ]


def _interactive(chat: Chat) -> int:
    from kiro_tui.simulator import interactive  # noqa: PLC0415 - a headless poll, the usual case, does without

    machine, scenario = chat.machine, chat.scenario
    failed = failure(chat, "panel")
    at_once = scenario.failures.get("panel") not in PROMPT_FAILURES
    if failed and at_once and (failed.status or failed.hangs):
        return machine.say(failed)
    if not interactive.has_terminal():
        return machine.say(Reply(err=NO_TERMINAL, status=1))
    _leave_traces(chat)
    hostile.before_the_answer(machine, scenario.hostile, scenario.hostile_seconds)
    status = interactive.run(machine, scenario, home=chat.home, legacy=chat.legacy)
    refresh_sign_in(machine, scenario, "chat")
    hostile.after_the_answer(machine, scenario.hostile, scenario.hostile_seconds)
    return status
