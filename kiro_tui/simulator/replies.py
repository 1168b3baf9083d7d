"""Everything that kiro-cli says instead of a report, word for word: what was said, where, and the exit status.

Pure: each reply is a value; somebody else says it.
"""

import json
from dataclasses import dataclass

from kiro_tui.simulator.account import AccountState
from kiro_tui.simulator.classic import GREEN, GREY, RESET, TIP
from kiro_tui.simulator.generations import Engine, Generation, Version, version_text

YELLOW = "\033[38;5;11m"
RED = "\033[31m"
CREDITS_OF_A_PROMPT = "0.04"
SIGN_IN_PAGE = "https://app.kiro.dev/signin?redirect_from=kirocli"
LEGACY_REFUSED = (
    "error: --legacy-ui can't be used because Kiro CLI 3.0 is your default\n"
    "To open Classic once, run: kiro-cli chat --agent-engine v1\n"
)
SERVICE_ERRORS = {
    "service": "dispatch failure (io error): an i/o error occurred",
    "timeout": "dispatch failure (timeout): request has timed out",
    "throttled": "service error: ThrottlingException: Rate exceeded",
    "forbidden": "service error: unhandled error (AccessDeniedException) (403 Forbidden)",
    "expired": "service error: ExpiredTokenException: The bearer token included in the request is invalid",
    "suspended": (
        "Your User ID (d-9067642ac7.3498f4c8-a0b1-70e2-9a3d-5f0c1b2d3e4f) temporarily is suspended."
        " We've locked your account as a security precaution. To restore access, please contact our support team"
        " to verify your identity: https://support.aws.amazon.com/#/contacts/kiro"
    ),
    "no_profile": "profileArn is required for this request.",
}


@dataclass(frozen=True, slots=True)
class Reply:
    """What is said and how the run ends."""

    out: str = ""
    err: str = ""
    status: int = 0
    opens_browser: bool = False
    credits_spent: str | None = None
    """What the account was charged for it, in credits."""
    hangs: bool = False


def failure(kind: str, state: AccountState, engine: Engine = Engine.V2) -> Reply:
    """Return what a chat says that fails in that way (the names are those of KIRO_SIM_FAILURE)."""
    if kind in SERVICE_ERRORS:
        return Reply(err=service_failure(kind))
    if kind == "monthly_limit":
        return monthly_limit(state, engine)
    return summary(state) if kind == "summary" else FAILURES[kind]


def service_failure(kind: str) -> str:
    """Return the classic engine's words for a service that did not answer; it exits 0 all the same."""
    warning = f"{YELLOW}⚠️  Warning: Could not retrieve usage information from backend{RESET}"
    return f"{warning}\n{GREY}Error: {SERVICE_ERRORS[kind]}{RESET}\n\n{TIP}\n"


def summary(state: AccountState) -> Reply:
    """Return the one line of engine v2."""
    return Reply(out=f"Plan: {state.plan or 'Unknown'} | {len(state.resources)} usage breakdowns\n")


def monthly_limit(state: AccountState, engine: Engine) -> Reply:
    """Return how a prompt is refused when the month is used up: each engine uses another stream and exit status."""
    day = f"{state.reset.month:02}/{state.reset.day:02}" if state.reset else "Unknown"
    text = f"Monthly request limit reached\n - The limits reset on {day}.\n"
    if engine is not Engine.V3:
        return Reply(err=text)
    details = {"name": "UsageLimitReachedError", "reason": "MONTHLY_REQUEST_COUNT", "message": text.splitlines()[0]}
    return Reply(out=text, err=json.dumps(details) + "\n", status=1)


def model_answer(prompt: str) -> Reply:
    """Return what the model makes of a prompt, numbers that it invented included; it costs credits."""
    if prompt.startswith("/usage"):
        answer = (
            "I don't have access to detailed usage metrics, but your plan shows "
            "Credits (12.00 of 1000 covered in plan) and 1% used."
        )
    else:
        answer = "I am only a simulation, but I would gladly have helped."
    footer = f" ▸ Credits: {CREDITS_OF_A_PROMPT} • Time: 3s"
    return Reply(out=f"> {answer}\n\n{footer}\n", credits_spent=CREDITS_OF_A_PROMPT)


def context() -> Reply:
    """Return the screen of `/context`, whose bar looks like usage and is not."""
    bar = "█" * 78
    return Reply(
        err=f"Context window: 12.3% used (estimated)\n{bar} 12.3%\n\n"
        "█ Context files 0.5% (estimated)\n█ Tools 11.8% (estimated)\n"
    )


def unknown_flag(flag: str, usage: str) -> Reply:
    """Return how a flag is refused that this version has never heard of."""
    more = f"Usage: kiro-cli {usage}\n\nFor more information, try '--help'.\n"
    return Reply(err=f"error: unexpected argument '{flag}' found\n\n{more}", status=2)


def bad_value(flag: str, value: str, possible: tuple[str, ...]) -> Reply:
    """Return how a known flag's value is refused."""
    name = flag.removeprefix("--").upper().replace("-", "_")
    text = f"error: invalid value '{value}' for '{flag} <{name}>'\n  [possible values: {', '.join(possible)}]\n"
    return Reply(err=f"{text}\nFor more information, try '--help'.\n", status=2)


def missing_value(flag: str) -> Reply:
    """Return how a flag is refused whose value is missing."""
    name = flag.removeprefix("--").upper().replace("-", "_")
    text = f"error: a value is required for '{flag} <{name}>' but none was supplied\n"
    return Reply(err=f"{text}\nFor more information, try '--help'.\n", status=2)


def unknown_command(name: str) -> Reply:
    """Return how a subcommand is refused that this version has never heard of."""
    more = "Usage: kiro-cli [OPTIONS] [SUBCOMMAND]\n\nFor more information, try '--help'.\n"
    return Reply(err=f"error: unrecognized subcommand '{name}'\n\n{more}", status=2)


def version_line(number: Version) -> Reply:
    """Return what `--version` prints."""
    return Reply(out=f"kiro-cli {version_text(number)}\n")


def chat_help(known: Generation) -> Reply:
    """Return what `chat --help` lists on this version."""
    options = ["--no-interactive", "--resume", "--agent <AGENT>", "--model <MODEL>", "--trust-all-tools"]
    if known.legacy_ui:
        options.append("--legacy-ui  [aliases: --classic]")
    if known.engines:
        options.append(f"--agent-engine <AGENT_ENGINE>  [possible values: {', '.join(known.engines)}]")
    if known.v3_switch:
        options.append("--v3")
    if known.v2_switch:
        options.append("--v2")
    if known.stream_json:
        options.append("--output-format <OUTPUT_FORMAT>  [possible values: text, stream-json]")
    return _help("AI assistant in your terminal", "chat [OPTIONS] [INPUT]", options)


def acp_help(known: Generation) -> Reply:
    """Return what `acp --help` lists on this version."""
    options = ["--agent <AGENT>", "--model <MODEL>", "--trust-all-tools"]
    if known.acp_flags:
        options.append("--agent-engine <AGENT_ENGINE>  [possible values: v2, v3]")
        options.append("--auth-method <AUTH_METHOD>  [possible values: cli, host]")
    return _help("Start the agent client protocol server", "acp [OPTIONS]", options)


def main_help(known: Generation) -> Reply:
    """Return what `--help` lists on this version."""
    commands = ["chat", "login", "logout", "whoami", *(["acp"] if known.acp else [])]
    listed = "\n".join(f"  {command}" for command in commands)
    return Reply(out=f"{GREEN}kiro-cli{RESET}\n\nUsage: kiro-cli [OPTIONS] [SUBCOMMAND]\n\nCommands:\n{listed}\n")


def _help(about: str, usage: str, options: list[str]) -> Reply:
    listed = "\n".join(f"      {option}" for option in [*options, "--help", "--version"])
    return Reply(out=f"{about}\n\nUsage: kiro-cli {usage}\n\nOptions:\n{listed}\n")


FAILURES = {
    "signed_out": Reply(
        err="Not logged in. Set the KIRO_API_KEY environment variable or run `kiro-cli login` first.\n",
        status=1,
        opens_browser=True,
    ),
    "login_prompt": Reply(out=" You are not logged in. Login now?\n", opens_browser=True, hangs=True),
    "auth_portal": Reply(
        err="Failed to initialize auth portal.\n"
        "Please try again with: kiro-cli login --use-device-flow\n"
        "error: OAuth error: All callback ports are in use.\n",
        status=1,
        opens_browser=True,
    ),
    "opening_browser": Reply(out="Opening browser...\n", opens_browser=True, hangs=True),
    "model": model_answer("/usage"),
    "context": context(),
    "nothing": Reply(),
    "garbled": Reply(out="▒ estimated ▒▒ of\n\033[7mCredits (\033[0m ~ covered\n"),
    "unknown_flag": unknown_flag("--agent-engine", "chat [OPTIONS] [INPUT]"),
    "refused_engine": Reply(err=LEGACY_REFUSED, status=1),
    "crash": Reply(
        err="The application panicked (crashed).\nMessage:  called `Option::unwrap()` on a `None` value\n", status=1
    ),
    "mcp_startup": Reply(err="error: One or more mcp server did not load correctly\n", status=3),
    "hangs": Reply(hangs=True),
    "overage_limit": Reply(
        err=f"{RED}You have reached the limit for overages. (request_id: 0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9){RESET}\n"
    ),
    "model_unavailable": Reply(
        err="Kiro is having trouble responding right now:\n"
        "    The model you've selected is temporarily unavailable. Please select a different model and try again.\n",
        status=1,
    ),
    "key_chain": Reply(err="error: Security error: SecKeychainItemCreateFromContent\n", status=1),
}
"""How a chat fails; the summary line, the monthly limit and the service's failures depend on more than the name."""
