import codecs
import fcntl
import itertools
import json
import os
import pwd
import re
import select
import signal
import struct
import subprocess
import sys
import termios
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pane import Pane

import kiro_tui.simulator
from kiro_tui.simulator import acp, acp_data, chat, classic, cli, harm, month, panel, replies, sign_in
from kiro_tui.simulator.account import AccountState, Bonus, Overages, Pack, Resource
from kiro_tui.simulator.arguments import Refused, parse
from kiro_tui.simulator.conversation import QUESTIONS, Conversation, Event, Keys
from kiro_tui.simulator.generations import Engine, generation, version
from kiro_tui.simulator.machine import Machine
from kiro_tui.simulator.replies import Reply
from kiro_tui.simulator.scenario import HOSTILITIES, VARIABLES, Look, Scenario, read, variables, version_at
from kiro_tui.simulator.values import BadScenario

RECORDINGS = Path(__file__).parent / "recordings"
NOW = datetime(2026, 6, 11, 12, 0, tzinfo=UTC)
SAFE = ["--no-interactive", "--agent-engine=v1", "--legacy-ui", "/usage"]
BARE = ["--no-interactive", "/usage"]
MATRIX = (
    *("1.20.0", "1.26.0", "1.27.0", "2.3.0", "2.4.0", "2.8.0", "2.13.0"),
    *("2.20.1", "2.20.2", "2.21.1", "2.21.4", "2.24.0", "2.28.0", "2.29.0", "2.37.0", "3.0.0", "3.2.0", "3.5.0"),
)
GENEROUS_SECONDS = 60
credits_used = st.decimals(0, 99999, places=2)


def scenario(**given: str) -> Scenario:
    return read({"PACE": "0", **given}, NOW)


def plain(text: str) -> list[str]:
    """The lines without what a terminal would swallow."""
    lines = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", text).replace("\r\n", "\n").split("\n")
    return lines[:-1] if lines[-1] == "" else lines


class Recorder(Machine):
    """A machine without effects, that remembers all that was done with it."""

    def __init__(self, environment: dict[str, str] | None = None, *, terminal: bool = True) -> None:
        super().__init__(environment or {"HOME": "/nowhere"}, None)
        self.terminal = terminal
        self.said = ""
        self.errors = ""
        self.events: list[tuple[str, dict[str, object]]] = []
        self.hung = False

    @property
    def on_terminal(self) -> bool:
        return self.terminal

    @property
    def size(self) -> tuple[int, int]:
        return 120, 50

    def out(self, text: str) -> None:
        self.said += text

    def err(self, text: str) -> None:
        self.errors += text

    def pause(self, seconds: float) -> None:
        pass

    def hang(self) -> None:
        self.hung = True

    def ask_cursor(self, within: float) -> None:
        pass

    def log(self, event: str, **facts: object) -> None:
        self.events.append((event, facts))

    def write_file(self, path: Path, text: str, event: str = "wrote") -> None:
        assert text is not None
        self.log(event, path=str(path))

    def open_browser(self, url: str) -> None:
        self.log("browser", url=url)

    def happened(self, event: str) -> int:
        return sum(name == event for name, _ in self.events)


def ask(argv: list[str], on: str = "terminal", home: str = "", **given: str) -> tuple[str, Recorder]:
    """Run a chat without a process and say in a word what came of it."""
    machine = Recorder({"HOME": "/nowhere"} | ({"KIRO_HOME": home} if home else {}), terminal=on == "terminal")
    status = chat.run(machine, scenario(**given), argv)
    text = machine.said + machine.errors
    if status == 2:
        return "unknown flag" if "unexpected argument" in text else "bad value", machine
    if status == 1:
        return "refused" if "is your default" in text else "not logged in" if "Not logged in" in text else text, machine
    if "usage breakdowns" in text:
        return "summary", machine
    if machine.happened("charged"):
        return "model", machine
    if "covered in plan), " in machine.said:
        return "inline report", machine
    return "report" if "covered in plan" in machine.errors else text, machine


# The package says what it can be told.


def test_the_docstring_lists_every_variable_and_no_other() -> None:
    listed = re.findall(r"^    KIRO_SIM_([A-Z0-9_]+) ", kiro_tui.simulator.__doc__ or "", re.MULTILINE)

    assert sorted(listed) == sorted(VARIABLES)


@pytest.mark.parametrize(
    ("given", "complaint"),
    [
        ({"KIRO_SIM_VERSON": "2.3.0"}, "KIRO_SIM_VERSON is no variable"),
        ({"KIRO_SIM_PLAN": "gold"}, "KIRO_SIM_PLAN is 'gold'; expected one of free, pro"),
        ({"KIRO_SIM_USED": "much"}, "KIRO_SIM_USED is 'much'"),
        ({"KIRO_SIM_USED": "NaN"}, "KIRO_SIM_USED is 'NaN'"),
        ({"KIRO_SIM_PACE": "nan"}, "KIRO_SIM_PACE is 'nan'"),
        ({"KIRO_SIM_FAILURE": "kitchen:service"}, "KIRO_SIM_FAILURE is 'kitchen'"),
        ({"KIRO_SIM_VERSION": "two"}, "KIRO_SIM_VERSION is 'two'"),
    ],
)
def test_a_name_or_value_that_means_nothing_is_an_error_that_names_it(given: dict[str, str], complaint: str) -> None:
    with pytest.raises(BadScenario, match=re.escape(complaint)):
        read(variables(given), NOW)


def test_the_file_overrides_the_environment_and_its_last_line_counts() -> None:
    text = "KIRO_SIM_LOGIN=signed_out\n\nKIRO_SIM_LOGIN=google\n"

    assert read(variables({"KIRO_SIM_LOGIN": "idc"}, text), NOW).login == "google"


@pytest.mark.parametrize(
    ("start", "expected"), [(0, "2.20.1"), (2, "2.20.1"), (3, "2.20.2"), (4, "2.21.0"), (99, "2.21.0")]
)
def test_a_list_of_versions_is_one_update_after_the_other(start: int, expected: str) -> None:
    assert version_at("2.20.1*3,2.20.2,2.21.0", start) == expected


def test_a_failure_without_a_place_is_everywhere_that_usage_is_asked() -> None:
    assert scenario(FAILURE="service,whoami:hangs").failures == {
        "report": "service",
        "acp": "service",
        "panel": "service",
        "whoami": "hangs",
    }


# The screens are those that were recorded.


@pytest.mark.parametrize(
    ("recording", "given"),
    [
        (
            "box-free-as-specified",
            {"VERSION": "1.20.0", "PLAN": "free", "USED": "0", "PERCENT": "100", "RESET": "2027-01-01", "LAYOUT": "box"}
            | {"BONUSES": "Bonus:0/100:88"},
        ),
        ("box-free-consistent", {"VERSION": "1.20.0", "PLAN": "free", "LAYOUT": "box"}),
        ("classic-free-one-bonus", {"VERSION": "2.3.0", "PLAN": "free", "USED": "0.17", "BONUSES": "B:45.53/2000:19"}),
        ("classic-mmdd-new-year", {"VERSION": "1.26.0", "PLAN": "pro", "USED": "3.66", "RESET": "2027-01-01"}),
        ("classic-pro-overage", {"VERSION": "2.4.0", "PLAN": "pro", "USED": "1040.29", "OVERAGE": "on"}),
        (
            "classic-pro-two-bonuses-mcp-noise",
            {"VERSION": "2.4.0", "BONUSES": "Welcome bonus:386.34/500:15,Community grant:1/250:3"},
        ),
        (
            "classic-org-agentic-requests",
            {"VERSION": "2.4.0", "PLAN": "power", "RESOURCES": "Agentic requests:850/1000", "LOGIN": "idc"},
        ),
        ("classic-org-clamped", {"VERSION": "2.19.1", "PLAN": "power", "USED": "13080.52", "ORGANIZATION": "1"}),
        (
            "classic-addons-2026-08",
            {"VERSION": "2.19.1", "PLAN": "pro", "USED": "1000", "PACKS": "42.5/100:2027-06-18,0/200:2027-08-01"},
        ),
        ("classic-pooled", {"PLAN": "pooled"}),
        (
            "classic-plan-and-date-unknown",
            {"VERSION": "1.27.0", "PLAN": "free", "PLAN_NAME": "", "USED": "10", "RESET": "unknown"},
        ),
        ("managed", {"PLAN": "managed"}),
    ],
)
def test_the_report_is_the_recorded_one_line_for_line(recording: str, given: dict[str, str]) -> None:
    recorded = plain((RECORDINGS / f"{recording}.bytes").read_bytes().decode())
    if "noise" in recording:
        recorded = recorded[next(at for at, line in enumerate(recorded) if "Estimated" in line) - 1 :]
        recorded[0] = ""
    played = scenario(**given)

    assert plain(classic.report(played.account, played.look, columns=120)) == recorded


def test_the_colours_are_the_recorded_ones() -> None:
    recorded = (RECORDINGS / "classic-pro-overage.bytes").read_bytes().decode().replace("\r\n", "\n")
    played = scenario(VERSION="2.4.0", PLAN="pro", USED="1040.29", OVERAGE="on")

    assert classic.report(played.account, played.look, columns=120) == recorded + "\n"


@pytest.mark.parametrize(
    ("recording", "failure", "plan"),
    [
        ("backend-failure", "service", "pro"),
        ("context-not-credits", "context", "pro"),
        ("refused-engine", "refused_engine", "pro"),
        ("signed-out", "signed_out", "pro"),
        ("summary-line", "summary", "pro_max"),
        ("model-answered", "model", "pro"),
    ],
)
def test_what_is_no_report_is_worded_as_it_was_recorded(recording: str, failure: str, plan: str) -> None:
    recorded = (RECORDINGS / f"{recording}.bytes").read_bytes().decode().rpartition("\x1b[?25h")[2]
    reply = replies.failure(failure, scenario(PLAN=plan).account)

    assert plain(reply.out + reply.err) == plain(recorded)


def test_the_panel_is_the_recorded_one_row_for_row() -> None:
    recorded = (RECORDINGS / "panel-pro-over-limit.bytes").read_bytes().decode().rpartition("/usage")[2]
    rows = [row for row in plain(recorded.replace("\x1b[2K", "\n"))[1:] if row.strip()]
    played = scenario(PLAN="pro", USED="1458.82", OVERAGE="on", BONUSES="Trial credits:500/500:4")
    view = panel.View(Conversation(), panel.usage(played.account, 120, Look(), overages=True))
    drawn = [row for row in plain(panel.frame(view, 100, 40).replace("\x1b[2K", "\n")) if row.strip()]

    assert [row for row in drawn if "navigate to" not in row][-len(rows) :] == rows


def test_on_a_narrow_terminal_the_bar_is_as_wide_as_that() -> None:
    played = scenario()

    assert [classic.report(played.account, played.look, columns).count("█") for columns in (40, 80, 200)] == [
        40,
        80,
        80,
    ]


# The classic report clamps; the panel and ACP do not.


@given(used=credits_used, limit=st.integers(0, 20000))
def test_the_classic_report_never_shows_more_than_the_limit(used: Decimal, limit: int) -> None:
    state = AccountState("KIRO PRO", (Resource("Credits", used, Decimal(limit)),))
    text = classic.report(state, Look(overages=False), columns=120)

    pair = re.search(r"\((\S+) of (\d+) covered in plan\)", text)
    percent = re.search(r"(\d+)%", text)
    assert pair
    assert percent
    assert Decimal(pair[1]) == min(used, Decimal(limit))
    assert 0 <= int(percent[1]) <= 100


@given(used=credits_used, limit=st.integers(1, 20000))
def test_the_panel_and_acp_show_all_that_was_used(used: Decimal, limit: int) -> None:
    state = AccountState("KIRO PRO", (Resource("Credits", used, Decimal(limit)),), overages=Overages.ON)
    breakdown = acp_data.result(state)["data"]["usageBreakdowns"][0]

    assert f"({used:.2f} of {limit} covered in plan)" in "\n".join(panel.usage(state, 120, Look(), overages=True))
    assert Decimal(str(breakdown["used"])) == used
    assert Decimal(str(breakdown["currentOverages"])) == max(used - limit, 0)


def test_the_acp_answer_is_the_documented_one() -> None:
    state = AccountState(
        plan="KIRO PRO",
        resources=(Resource("Credits", Decimal("13080.52"), Decimal(10000)),),
        bonuses=(Bonus("Trial credits", Decimal(0), Decimal(500), 364),),
        packs=(Pack(Decimal(0), Decimal(250), date(2026, 10, 1)),),
        overages=Overages.ON,
        reset=date(2026, 10, 1),
    )

    assert acp_data.result(state)["data"] == json.loads(
        """
        {"planName":"KIRO PRO","billingCycleReset":"2026-10-01","overagesEnabled":true,"overageCapable":true,
         "isEnterprise":false,
         "usageBreakdowns":[{"resourceType":"CREDIT","displayName":"Credits","used":13080.52,"limit":10000,"hasLimit":true,
           "percentage":130,"currentOverages":3080.52,"overageRate":0.04,"overageCharges":123.22,"currency":"USD"}],
         "bonusCredits":[{"name":"Trial credits","used":0,"total":500,"daysUntilExpiry":364}],
         "addOnCredits":[{"used":0,"total":250,"expiresAt":"Oct 01, 2026","isActive":true}]}
        """
    )


def test_an_account_without_a_cap_has_a_use_and_no_limit() -> None:
    state = scenario(PLAN="pooled").account
    breakdown = acp_data.result(state)["data"]["usageBreakdowns"][0]

    assert (breakdown["used"], breakdown["hasLimit"], breakdown["percentage"]) == (320, False, 0)
    assert "Requests (320.00 used)" in panel.usage(state, 120, Look(), overages=True)


def test_a_managed_plan_has_no_numbers_anywhere() -> None:
    state = scenario(PLAN="managed", USED="5").account
    answer = acp_data.result(state)

    assert not re.search(r"\d", "".join(plain(classic.report(state, Look(), 120))))
    assert not re.search(r"\d", "".join(panel.usage(state, 120, Look(), overages=True)))
    assert (answer["data"]["usageBreakdowns"], answer["data"]["billingCycleReset"]) == ([], "Unknown")


# Each version does what the table of versions says.

REPORTS_BARE = ("1.20.0", "1.26.0", "1.27.0", "2.3.0", "2.4.0", "2.8.0", "2.13.0", "2.20.1")
REFUSES_V1 = {"1.20.0": "unknown flag", "1.26.0": "unknown flag", "1.27.0": "unknown flag", "2.3.0": "bad value"}


@pytest.mark.parametrize("number", MATRIX)
def test_the_bare_command_reports_then_says_one_line_from_2_20_2_and_is_inline_from_2_21_4(number: str) -> None:
    since_2_20_2 = "inline report" if version(number) >= (2, 21, 4) else "summary"

    assert ask(BARE, VERSION=number)[0] == ("report" if number in REPORTS_BARE else since_2_20_2)


@pytest.mark.parametrize("number", MATRIX)
def test_without_a_terminal_the_bare_command_costs_from_2_13_to_2_21_3(number: str) -> None:
    came, machine = ask(BARE, on="pipes", VERSION=number)

    from_2_13 = "inline report" if version(number) >= (2, 21, 4) else "model"
    assert came == (from_2_13 if version(number) >= (2, 13, 0) else "report")
    assert machine.happened("charged") == (1 if came == "model" else 0)


@pytest.mark.parametrize("on", ["terminal", "pipes"])
@pytest.mark.parametrize("number", MATRIX)
def test_the_classic_engine_reports_wherever_it_can_be_named(number: str, on: str) -> None:
    came = ask(SAFE, on=on, VERSION=number)[0]

    assert came == REFUSES_V1.get(number, "bad value" if number == "3.5.0" else "report")


@pytest.mark.parametrize("number", MATRIX)
def test_legacy_ui_is_known_from_1_27_and_refused_from_2_28_where_v3_is_the_default(number: str) -> None:
    expected = "report" if version(number) < (2, 28, 0) else "refused"
    if not generation(version(number)).legacy_ui:
        expected = "unknown flag"

    assert ask(["--no-interactive", "--legacy-ui", "/usage"], VERSION=number, DEFAULT_ENGINE="v3")[0] == expected
    assert ask(["--no-interactive", "--classic", "/usage"], VERSION=number, DEFAULT_ENGINE="v3")[0] == expected


@pytest.mark.parametrize("number", ["2.28.0", "2.29.0", "2.37.0", "3.0.0"])
def test_an_engine_that_is_named_runs_although_v3_is_the_default(number: str) -> None:
    assert ask(SAFE, VERSION=number, DEFAULT_ENGINE="v3")[0] == "report"


@pytest.mark.parametrize("given", [{"DEFAULT_ENGINE": "v3"}, {"BARE": "model"}])
def test_the_bare_command_may_cost_on_a_terminal_too(given: dict[str, str]) -> None:
    came, machine = ask(BARE, VERSION="2.8.0", **given)

    assert came == "model"
    assert machine.events[-1] == ("charged", {"credits": "0.04", "prompt": "/usage"})


def test_v3_is_asked_by_its_old_name_its_switch_and_the_environment() -> None:
    assert ask(["--no-interactive", "--agent-engine=kas", "/usage"], VERSION="2.4.0")[0] == "model"
    assert ask(["--no-interactive", "--v3", "/usage"], VERSION="2.8.0")[0] == "model"
    machine = Recorder({"HOME": "/nowhere", "KIRO_AGENT_ENGINE": "v3"})
    chat.run(machine, scenario(VERSION="2.8.0"), BARE)
    assert machine.happened("charged") == 1


def test_the_saved_default_lives_in_the_home_so_that_a_private_one_is_free_of_it(tmp_path: Path) -> None:
    settings = tmp_path / ".kiro" / "settings" / "cli.json"
    settings.parent.mkdir(parents=True)
    settings.write_text('{"chat.agentEngine": "v3"}')
    own, private = {"HOME": str(tmp_path)}, {"HOME": str(tmp_path), "KIRO_HOME": str(tmp_path / "private")}

    assert chat.saved_engine(Recorder(own), scenario()) is Engine.V3
    assert chat.saved_engine(Recorder(private), scenario()) is None


def test_the_classic_interface_is_retired_with_3_0_but_its_headless_engine_is_not() -> None:
    assert ask(["--agent-engine=v1"], VERSION="3.0.0")[0] == chat.CLASSIC_RETIRED
    assert ask(SAFE, VERSION="3.0.0")[0] == "report"


def test_any_flag_or_value_can_be_made_unknown() -> None:
    assert ask(SAFE, REFUSES="--legacy-ui")[0] == "unknown flag"
    assert ask(SAFE, REFUSES="--agent-engine=v1")[0] == "bad value"


def test_a_refused_flag_is_worded_as_the_real_parser_does() -> None:
    with pytest.raises(Refused) as refused:
        parse(["--agent-engine=v1"], {}, "chat [OPTIONS] [INPUT]")

    assert refused.value.reply.status == 2
    assert refused.value.reply.err.startswith("error: unexpected argument '--agent-engine' found\n")


@pytest.mark.parametrize(("number", "mmdd"), [("1.26.0", True), ("1.27.0", False), ("2.21.1", False)])
def test_the_date_loses_its_month_and_day_form_with_1_27(number: str, mmdd: bool) -> None:  # noqa: FBT001 - pytest
    played = scenario(VERSION=number)

    assert ("resets on 07/01" in classic.report(played.account, played.look, 120)) is mmdd


def test_help_lists_the_flags_that_are_accepted_and_no_other() -> None:
    for number in MATRIX:
        known = generation(version(number))
        listed = set(re.findall(r"--[a-z0-9-]+", replies.chat_help(known).out))
        for flag in ("--legacy-ui", "--agent-engine", "--v2", "--v3"):
            came, _ = ask(["--no-interactive", f"{flag}=v2" if flag == "--agent-engine" else flag, "x"], VERSION=number)
            assert (flag in listed) is (came != "unknown flag"), (number, flag)


# Nobody signed in, and other troubles.


def test_signed_out_a_chat_opens_one_browser_window_each_time() -> None:
    came, machine = ask(SAFE, LOGIN="signed_out")

    assert (came, machine.happened("browser")) == ("not logged in", 1)


def test_with_an_api_key_no_browser_opens() -> None:
    assert ask(SAFE, LOGIN="api_key", FAILURE="signed_out")[1].happened("browser") == 0


def test_a_version_may_be_lost_in_a_home_that_is_not_its_own() -> None:
    assert ask(SAFE, OWN_HOME="signed_out", home="/private")[0] == "not logged in"
    assert ask(SAFE, OWN_HOME="signed_out", home="/private")[1].happened("browser") == 0
    assert ask(SAFE, OWN_HOME="signed_out", home="/nowhere/.kiro")[0] == "report"
    assert ask(SAFE, OWN_HOME="first_run", home="/private")[1].hung


def test_v1_may_refuse_an_identity_center_login_that_v2_accepts() -> None:
    assert ask(SAFE, LOGIN="idc", V1_REFUSES_IDC="1")[0] == "not logged in"
    assert ask(["--no-interactive", "--v2", "/usage"], LOGIN="idc", V1_REFUSES_IDC="1")[0] == "summary"


@pytest.mark.parametrize(
    ("failure", "status", "browsers", "hangs"),
    [
        ("service", 0, 0, False),
        ("timeout", 0, 0, False),
        ("auth_portal", 1, 1, False),
        ("opening_browser", 0, 1, True),
        ("login_prompt", 0, 1, True),
        ("crash", 1, 0, False),
        ("mcp_startup", 3, 0, False),
        ("unknown_flag", 2, 0, False),
        ("nothing", 0, 0, False),
        ("hangs", 0, 0, True),
    ],
)
def test_a_failure_ends_as_the_real_one_does(failure: str, status: int, browsers: int, hangs: bool) -> None:  # noqa: FBT001 - pytest
    machine = Recorder()

    assert chat.run(machine, scenario(FAILURE=failure), SAFE) == status
    assert (machine.happened("browser"), machine.hung) == (browsers, hangs)


def test_it_may_be_mute_on_a_terminal_or_on_pipes_or_never_exit() -> None:
    assert ask(SAFE, MANNER="mute_on_terminal")[0] == ""
    assert ask(SAFE, on="pipes", MANNER="mute_on_terminal")[0] == "report"
    assert ask(SAFE, on="pipes", MANNER="mute_on_pipes")[0] == ""
    came, machine = ask(SAFE, MANNER="never_exits")
    assert (came, machine.hung) == ("report", True)


@pytest.mark.parametrize(
    ("login", "text", "as_json"),
    [
        ("builder_id", "Logged in with Builder ID", {"accountType": "BuilderId", "startUrl": None, "region": None}),
        ("google", "Logged in with Google", {"accountType": "Social", "provider": "Google"}),
        ("external_idp", "Logged in with External IdP", {"accountType": "ExternalIdP"}),
        ("signed_out", "Not logged in", {"account": None}),
    ],
)
def test_whoami_says_who_is_signed_in(login: str, text: str, as_json: dict[str, object]) -> None:
    played = scenario(LOGIN=login)
    plain_reply, json_reply = sign_in.whoami(played, as_json=False), sign_in.whoami(played, as_json=True)

    assert plain_reply.out.startswith(text)
    assert as_json.items() <= json.loads(json_reply.out).items()
    assert plain_reply.status == (1 if login == "signed_out" else 0)


def test_whoami_lets_the_profile_follow_the_json_of_an_identity_center_login() -> None:
    reply = sign_in.whoami(scenario(LOGIN="idc"), as_json=True)

    value, end = json.JSONDecoder().raw_decode(reply.out)
    assert value["accountType"] == "IamIdentityCenter"
    assert reply.out[end:].startswith("\n\nProfile:\n")


# The inline report, and the classic one that no longer clamps.

INLINE = ["--no-interactive", "--agent-engine=v2", "/usage"]
ORGANIZATION = """\
Estimated Usage | resets on 2026-10-01 | KIRO PRO
Credits (197.23 of 1000 covered in plan), 19.7%
Your plan is managed by your organization's administrator.
"""
FREE = """\
Estimated Usage | resets on 2026-10-01 | KIRO FREE
Credits (0.23 of 50 covered in plan), 0.5%
Manage your plan at https://app.kiro.dev/account/usage
"""
PAID = """\
Estimated Usage | resets on 2026-10-01 | KIRO PRO
Credits (160.89 of 1000 covered in plan), 16.1%
Additional credits:
  Add-on credits available for purchase
Manage your plan or purchase add-on credits at https://app.kiro.dev/account/usage
"""
API_KEY = """\
Estimated Usage | resets on 2026-10-01 | KIRO PRO
Credits (0.00 of 1000 covered in plan), 0.0%
"""
WITHOUT_NUMBERS = """\
Estimated Usage | resets on 2026-10-01 | Q Developer Pro
Your plan is managed by your organization's administrator.
"""
EVERYTHING = """\
Estimated Usage | resets on 2026-10-01 | KIRO PRO
Credits (1458.82 of 1000 covered in plan), 145.9%
Overages: Enabled billed at $0.04 per request
Credits used: 458.82
Est. cost: $18.35 USD
Requests (4.00 used)
Bonus Credits:
  Launch bonus: 8.300000000000001/25
Additional credits:
  42.50 of 100 used, expires Jun 18, 2027
  0.00 of 200 credits across 1 pack(s)
Manage your plan or purchase add-on credits at https://app.kiro.dev/account/usage
"""
EVERYTHING_GIVEN = {
    "PLAN": "pro",
    "RESOURCES": "Credits:1458.82/1000,Requests:4/none",
    "OVERAGE": "on",
    "BONUSES": "Launch bonus:8.300000000000001/25:never",
    "PACKS": "42.5/100:2027-06-18,0/200:2027-08-01",
}


@pytest.mark.parametrize("on", ["terminal", "pipes"])
@pytest.mark.parametrize("number", ["2.21.4", "2.24.0", "2.29.0", "3.2.0"])
@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"PLAN": "pro", "USED": "197.23", "LOGIN": "idc"}, ORGANIZATION),
        ({"PLAN": "free", "USED": "0.23"}, FREE),
        ({"PLAN": "pro", "USED": "160.89"}, PAID),
        ({"PLAN": "pro", "USED": "0", "LOGIN": "api_key"}, API_KEY),
        ({"PLAN": "managed"}, WITHOUT_NUMBERS),
    ],
)
def test_a_headless_engine_v2_prints_the_inline_report_on_stdout(
    given: dict[str, str], expected: str, number: str, on: str
) -> None:
    _, machine = ask(INLINE, on=on, VERSION=number, RESET="2026-10-01", **given)

    assert machine.said == expected
    assert machine.happened("charged") == 0


def test_the_inline_report_has_rows_for_grants_packs_and_overage_or_none() -> None:
    _, machine = ask(INLINE, VERSION="2.21.4", RESET="2026-10-01", **EVERYTHING_GIVEN)
    _, brief = ask(INLINE, VERSION="2.21.4", RESET="2026-10-01", INLINE="brief,clamps", **EVERYTHING_GIVEN)

    assert machine.said == EVERYTHING
    assert brief.said.splitlines()[1:] == [
        "Credits (1000.00 of 1000 covered in plan), 100.0%",
        "Requests (4.00 used)",
        *PAID.splitlines()[2:],
    ]


def test_before_2_21_4_engine_v2_says_one_line() -> None:
    assert ask(INLINE, VERSION="2.20.2")[0] == "summary"
    assert ask(INLINE, VERSION="2.21.1")[0] == "summary"


@pytest.mark.parametrize(
    ("number", "used", "pair", "percent"),
    [
        ("2.19.1", "1117.31", "1000.00 of 1000", "100%"),
        ("2.19.2", "1117.31", "1117.31 of 1000", "111.7%"),
        ("2.19.2", "999.5", "999.50 of 1000", "100.0%"),
        ("2.19.1", "999.5", "999.50 of 1000", "99%"),
        ("2.19.2", "-3.5", "0.00 of 1000", "0.0%"),
    ],
)
def test_from_2_19_2_on_the_classic_report_does_not_clamp(number: str, used: str, pair: str, percent: str) -> None:
    played = scenario(VERSION=number, PLAN="pro", USED=used)
    rows = plain(classic.report(played.account, played.look, columns=120))

    assert any(f"({pair} covered in plan)" in row for row in rows)
    assert any(row.endswith(f"█ {percent}") for row in rows)


def stream_lines(machine: Recorder) -> list[tuple[str, dict[str, Any]]]:
    return [(line["type"], line["data"]) for line in map(json.loads, machine.said.splitlines())]


@pytest.mark.parametrize("number", ["2.24.0", "2.29.0", "3.2.0"])
def test_as_json_lines_the_engine_is_named_first_and_the_whole_report_comes_last(number: str) -> None:
    given = {"VERSION": number, "RESET": "2026-10-01", "PLAN": "free", "USED": "0.23"}
    _, machine = ask(["--output-format", "stream-json", "/usage"], on="pipes", **given)
    lines = stream_lines(machine)
    pieces = [data["content"]["text"] for kind, data in lines if kind == "sessionUpdate"]

    assert (lines[0][0], lines[0][1]["engine"]) == ("runStarted", "v2")
    assert (lines[-1][0], lines[-1][1]["finalText"]) == ("runFinished", FREE)
    assert "".join(pieces) == FREE
    assert len(pieces) > 2
    assert machine.happened("charged") == 0


def test_as_json_lines_engine_v3_says_so_and_charges() -> None:
    _, machine = ask(["--output-format=stream-json", "/usage"], VERSION="3.2.0", DEFAULT_ENGINE="v3")

    assert stream_lines(machine)[0][1]["engine"] == "v3"
    assert machine.happened("charged") == 1


def test_as_json_lines_a_failure_is_a_run_error() -> None:
    _, machine = ask(["--output-format=stream-json", "/usage"], VERSION="2.24.0", FAILURE="suspended")

    assert [kind for kind, _ in stream_lines(machine)] == ["runStarted", "runError"]
    assert "temporarily is suspended" in stream_lines(machine)[1][1]["message"]


def test_json_lines_are_unknown_before_2_24() -> None:
    assert ask(["--output-format=stream-json", "/usage"], VERSION="2.21.4")[0] == "unknown flag"


# A limit was hit, or the account is barred.


@pytest.mark.parametrize(
    ("failure", "text", "status"),
    [
        ("monthly_limit", "Monthly request limit reached\n - The limits reset on 07/01.\n", 0),
        ("overage_limit", "You have reached the limit for overages. (request_id: ", 0),
        ("model_unavailable", "Kiro is having trouble responding right now:\n    The model you've selected is", 1),
        ("suspended", "Error: Your User ID (d-", 0),
        ("no_profile", "Error: profileArn is required for this request.", 0),
        ("key_chain", "error: Security error: SecKeychainItemCreateFromContent\n", 1),
    ],
)
def test_a_limit_or_a_barred_account_is_said_on_stderr_and_costs_nothing(failure: str, text: str, status: int) -> None:
    machine = Recorder(terminal=False)

    assert chat.run(machine, scenario(VERSION="2.24.0", FAILURE=failure), INLINE) == status
    assert text in re.sub(r"\x1b\[[0-9;]*m", "", machine.errors)
    assert machine.said == ""
    assert machine.happened("charged") == 0


def test_engine_v3_says_on_stdout_that_the_month_is_used_up() -> None:
    machine = Recorder()
    status = chat.run(machine, scenario(FAILURE="monthly_limit"), ["--no-interactive", "--v3", "/usage"])

    assert (status, machine.happened("charged")) == (1, 0)
    assert machine.said == "Monthly request limit reached\n - The limits reset on 07/01.\n"
    assert json.loads(machine.errors)["reason"] == "MONTHLY_REQUEST_COUNT"


# More forms of whoami.


@pytest.mark.parametrize(
    ("form", "login", "out", "err", "status"),
    [
        ("joined_social", "google", '{"accountType":"SocialGoogle","email":"person@example.com"}\n', "", 0),
        ("joined_social", "github", '{"accountType":"SocialGitHub","email":"person@example.com"}\n', "", 0),
        (
            "nested",
            "github",
            '{"account":{"accountType":"Social","provider":"GitHub","email":"person@example.com"}}\n',
            "",
            0,
        ),
        ("empty", "builder_id", "{}\n", "", 0),
        ("null", "signed_out", "null\n", "", 0),
        ("account_null", "signed_out", '{"account":null}\n', "", 1),
        ("not_logged_in_exit_0", "signed_out", "Not logged in\n", "", 0),
        ("login_required", "signed_out", "", "error: login required\n", 1),
        ("session_expired", "signed_out", "", "Your session has expired. Please run kiro-cli login\n", 1),
    ],
)
def test_whoami_has_many_forms(form: str, login: str, out: str, err: str, status: int) -> None:
    reply = sign_in.whoami(scenario(WHOAMI=form, LOGIN=login), as_json=True)

    assert (reply.out, reply.err, reply.status) == (out, err, status)


def test_a_form_that_means_signed_out_holds_for_chat_and_acp_too_unless_the_login_is_given() -> None:
    assert scenario(WHOAMI="login_required").login == "signed_out"
    assert scenario(WHOAMI="login_required", LOGIN="google").login == "google"
    assert scenario(WHOAMI="empty").login == "builder_id"


# Placeholders over ACP, and the framed panel.


def breakdown(quirk: str = "", **given: str) -> dict[str, Any]:
    answer = acp_data.result(scenario(**given).account, frozenset([quirk]) if quirk else frozenset())
    (only,) = answer["data"]["usageBreakdowns"]
    return {**answer["data"], **only}


def test_over_acp_what_is_not_known_arrives_as_a_placeholder() -> None:
    assert breakdown("unknown_plan")["planName"] == "Unknown"
    assert breakdown("no_rate", USED="2100", OVERAGE="on")["overageRate"] == 0.0
    assert (breakdown("no_limit")["limit"], breakdown("no_limit")["hasLimit"]) == (0.0, False)
    assert breakdown(LIMIT="999999")["hasLimit"] is False
    assert breakdown(USED="-3.5")["used"] == -3.5
    assert breakdown(BONUSES="Launch bonus:8/25:never")["bonusCredits"][0]["daysUntilExpiry"] is None


def test_over_acp_overage_that_was_switched_off_keeps_its_credits() -> None:
    told = breakdown(USED="2040.29", OVERAGE="switched_off")

    assert (told["overagesEnabled"], told["currentOverages"], told["overageCharges"]) == (False, 40.29, 1.61)


def test_over_acp_a_result_may_have_no_data_or_the_fewest_fields() -> None:
    account = scenario().account

    assert "data" not in acp_data.result(account, frozenset({"no_data"}))
    minimal = acp_data.result(account, frozenset({"minimal"}))["data"]
    assert [*minimal] == ["planName", "billingCycleReset", "usageBreakdowns"]
    assert [*minimal["usageBreakdowns"][0]] == ["resourceType", "displayName", "used", "limit", "hasLimit"]


def test_the_framed_panel_has_a_title_between_rules_and_ends_with_its_foot() -> None:
    played = scenario(VERSION="3.2.0", PANEL_BAR="▰▱", **EVERYTHING_GIVEN)
    lines = panel.framed(panel.usage(played.account, 100, played.look, overages=False), 100)
    drawn = plain(panel.frame(panel.View(Conversation(), lines, in_front=True), 100, 40).replace("\x1b[2K", "\n"))
    rows = [row for row in drawn if row.strip()]

    assert rows[:3] == ["─" * 100, "/usage", "─" * 100]
    assert rows[-2] == "─" * 100
    assert re.fullmatch(r" esc to close +Tab to switch to /context", rows[-1])
    at = next(number for number, row in enumerate(drawn) if "1458.82 of 1000" in row)
    assert drawn[at + 1].strip() == ""
    assert drawn[at + 2] == "▰" * 70 + " 145.9%"
    packs, bonus = (next(at for at, row in enumerate(rows) if text in row) for text in ("42.50 of 100", "8.3000"))
    assert (packs < bonus, rows[bonus]) == (True, "  Launch bonus: 8.300000000000001/25")


def test_on_a_low_terminal_the_framed_panel_keeps_its_foot() -> None:
    lines = panel.framed([f"row {number}" for number in range(30)], 80)
    drawn = plain(panel.frame(panel.View(Conversation(), lines, in_front=True), 80, 10).replace("\x1b[2K", "\n"))

    assert len([row for row in drawn if row.strip()]) == 10
    assert drawn[-1].endswith("Tab to switch to /context")


# The month that moves.

watching = st.floats(0, 4 * 3600)


@given(elapsed=watching, later=st.floats(0, 300))
def test_within_a_month_use_only_grows_and_bonuses_are_spent_first(elapsed: float, later: float) -> None:
    before, after = month.at(elapsed), month.at(elapsed + later)
    if before.reset != after.reset:
        return
    assert after.resources[0].used >= before.resources[0].used
    growing = after.resources[0].used > before.resources[0].used
    assert not (growing and any(bonus.used < bonus.total for bonus in after.bonuses))


@given(elapsed=watching, speed=st.floats(0.1, 10))
def test_the_demo_is_always_a_possible_account(elapsed: float, speed: float) -> None:
    state, today = month.at(elapsed, speed), month.simulated_now(elapsed, speed)

    assert state.reset
    assert 0 < (datetime.combine(state.reset, datetime.min.time(), UTC) - today).total_seconds() <= 31 * 86400
    assert state.reset.day == 1
    assert all(0 <= bonus.used <= bonus.total and 0 <= (bonus.days or 0) <= 15 for bonus in state.bonuses)
    assert 0 <= state.resources[0].used <= Decimal(2300)


def test_ten_minutes_of_the_demo_show_everything() -> None:
    states = [month.at(second) for second in range(0, 601, 5)]
    shares = [state.resources[0].used / 2000 for state in states]

    assert (states[0].plan, shares[0]) == ("KIRO PRO+", Decimal("0.320125"))
    assert {state.resources[0].limit for state in states} == {Decimal(2000)}
    assert {bonus.name for bonus in states[0].bonuses} == {"Welcome bonus", "Community grant"}
    assert any(bonus.used == bonus.total for state in states for bonus in state.bonuses)
    assert any(not state.bonuses for state in states)
    for low, high in ((0, 0.5), (0.75, 0.9), (0.9, 1), (1, 1.1)):
        assert any(low <= share < high for share in shares)
    assert len({state.reset for state in states}) == 3


def test_the_demo_replaces_the_account_and_follows_the_wall_clock() -> None:
    given = {"DEMO_SINCE": "2026-06-11T11:56:00Z", "DEMO_SPEED": "0.5", "USED": "1"}

    assert scenario(**given).account == month.at(240, speed=0.5)


# The conversation and its keys.


def typed(conversation: Conversation, text: str) -> list[Event]:
    return [event for key in Keys().feed(text.encode()) if (event := conversation.press(key))]


def test_usage_is_a_command_and_any_other_text_goes_to_the_model() -> None:
    conversation = Conversation()

    assert typed(conversation, "/usage\r") == [Event.COMMAND]
    assert typed(conversation, "usage\r") == [Event.PROMPT]
    assert conversation.said == "usage"


def test_enter_in_the_completion_menu_takes_its_first_entry() -> None:
    conversation = Conversation()

    typed(conversation, "/\r")

    assert conversation.said == "/agent"


@pytest.mark.parametrize("farewell", ["\x03\x03", "/quit\r", "\x1b[99;5u\x1b[99;5u", "abc\x03\x03"])
def test_it_is_left_with_ctrl_c_twice_or_quit(farewell: str) -> None:
    assert typed(Conversation(), farewell) == [Event.LEAVE]


def test_one_ctrl_c_only_empties_the_line() -> None:
    conversation = Conversation()

    assert typed(conversation, "abc\x03x\x03") == []
    assert conversation.typed == ""


@pytest.mark.parametrize(
    ("keys", "expected"), [("\r", Event.HARM), ("\x1b[B\r", None), ("\x1b", None), ("\x03", Event.LEAVE)]
)
def test_in_the_weekly_menu_enter_does_harm(keys: str, expected: Event | None) -> None:
    conversation = Conversation(QUESTIONS["switch_menu"])

    assert typed(conversation, keys) == ([expected] if expected else [])
    assert (conversation.question is None) is (expected is not Event.LEAVE)


ANSWERS = [b"\x1b]11;rgb:0000/0000/0000\x1b\\", b"\x1b]11;rgb:0/0/0\x07", b"\x1b[?62;22c", b"\x1b[?0u", b"\x1b[12;40R"]
tokens = st.lists(st.sampled_from([*ANSWERS, b"/", b"u", "λ".encode(), b"\r", b"\x03", b"\x1b[A"]), max_size=12)


@given(pieces=tokens, cuts=st.lists(st.integers(0, 60), max_size=6))
def test_keys_come_out_the_same_however_the_bytes_are_cut_and_answers_are_none(
    pieces: list[bytes], cuts: list[int]
) -> None:
    data = b"".join(pieces)
    edges = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    # A lone ESC cannot be told from the key of that name: a real terminal sends its sequences whole, too.
    edges = [edge for edge in edges if edge in {0, len(data)} or data[edge - 1] != 0x1B]
    reader = Keys()
    cut_keys = [key for start, end in itertools.pairwise(edges) for key in reader.feed(data[start:end])]

    names = {b"\r": "enter", b"\x03": "ctrl+c", b"\x1b[A": "up"}
    assert cut_keys == [names.get(piece) or piece.decode() for piece in pieces if piece not in ANSWERS]


# It stays an independent witness, and starts fast.


def test_it_imports_nothing_of_what_reads_it_and_little_else() -> None:
    names = " ".join(f"kiro_tui.simulator.{path.stem}" for path in Path(kiro_tui.simulator.__path__[0]).glob("*.py"))
    code = f"import sys, importlib; [importlib.import_module(n) for n in {names!r}.split()]; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-I", "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()

    ours = {name for name in loaded if name.startswith("kiro_tui")}
    assert ours <= {"kiro_tui", "kiro_tui.simulator"} | {
        name for name in ours if name.startswith("kiro_tui.simulator.")
    }
    assert not {"textual", "pexpect", "pyte", "asyncio", "sqlite3", "subprocess", "argparse", "ssl"} & set(loaded)


# Real processes.


class World:
    """A home, a log and an environment for real starts of the simulator."""

    def __init__(self, folder: Path) -> None:
        self.home = folder / "home"
        self.here = folder / "here"
        self.log = folder / "log"
        self.home.mkdir()
        self.here.mkdir()
        self.environment = {
            "HOME": str(self.home),
            "PATH": os.environ["PATH"],
            "KIRO_SIM_PACE": "0",
            "KIRO_SIM_LOG": str(self.log),
        }

    def command(self, argv: list[str]) -> list[str]:
        return [sys.executable, "-I", "-m", "kiro_tui.simulator", *argv]

    def run(self, *argv: str, text: str = "", **given: str) -> subprocess.CompletedProcess[str]:
        """Run it on pipes, until it and all that it left behind have let go of them."""
        return subprocess.run(
            self.command(list(argv)),
            input=text,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=GENEROUS_SECONDS,
            cwd=self.here,
            env=self.environment | given,
            start_new_session=True,
            check=False,
        )

    def events(self, name: str) -> list[dict[str, Any]]:
        lines = self.log.read_text().splitlines() if self.log.exists() else []
        return [event for line in lines if (event := json.loads(line))["event"] == name]

    def files(self) -> list[str]:
        return sorted(str(path.relative_to(self.home)) for path in self.home.rglob("*") if path.is_file())


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


class OnTerminal:
    """A real start on a real terminal: 50 rows and 120 columns."""

    def __init__(self, process: subprocess.Popen[bytes], descriptor: int) -> None:
        self.process = process
        self._descriptor = descriptor
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self._unread = ""
        self.output = ""

    def until(self, text: str) -> str:
        """Read until that text comes and return everything up to its end since the last time."""
        while (found := self._unread.find(text)) < 0:
            ready, _, _ = select.select([self._descriptor], [], [], GENEROUS_SECONDS)
            assert ready, f"{text!r} did not come after {self._unread!r}"
            piece = self._decoder.decode(os.read(self._descriptor, 65536))
            self._unread += piece
            self.output += piece
        came, self._unread = self._unread[: found + len(text)], self._unread[found + len(text) :]
        return came

    def type(self, text: str) -> None:
        os.write(self._descriptor, text.encode())


@contextmanager
def on_terminal(world: World, *argv: str, **given: str) -> Iterator[OnTerminal]:
    master, slave = os.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 50, 120, 0, 0))
    # The first terminal that the leader of a new session opens becomes its controlling one.
    open_it = ["/bin/sh", "-c", 'exec "$@" <>"$0" >&0 2>&0', os.ttyname(slave)]
    process = subprocess.Popen(
        [*open_it, *world.command(list(argv))],
        cwd=world.here,
        env=world.environment | given,
        start_new_session=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield OnTerminal(process, master)
    finally:
        # Kept open until here, so that the terminal does not end before the program has opened it.
        os.close(slave)
        process.kill()
        process.wait()
        os.close(master)


def test_the_report_goes_to_stderr(world: World) -> None:
    run = world.run("chat", "--no-interactive", "--agent-engine=v1", "/usage")

    assert (run.returncode, run.stdout) == (0, "")
    assert "Credits\x1b[0m (640.25 of 2000 covered in plan)" in run.stderr


def test_a_poll_on_a_terminal_asks_for_the_cursor_and_shows_the_report(world: World) -> None:
    with on_terminal(world, "chat", *SAFE, KIRO_SIM_MANNER="noisy") as terminal:
        terminal.until("\x1b[6n")
        terminal.type("\x1b[1;1R")
        terminal.until("/context")
        assert terminal.process.wait(GENEROUS_SECONDS) == 0

    assert "640.25 of 2000" in terminal.output
    assert "mcp servers initialized" in terminal.output
    assert "[1;1R" not in terminal.output
    assert [event["answered"] for event in world.events("cursor")] == [True]
    assert world.events("started")[0]["on"] == "terminal"


def test_the_panel_comes_when_usage_is_typed_and_it_never_exits_by_itself(world: World) -> None:
    with on_terminal(world, "chat", "--v2", KIRO_SIM_USED="2458.82", KIRO_SIM_OVERAGE="on") as terminal:
        assert "\x1b]11;?" in terminal.until(panel.PLACEHOLDER)
        terminal.type("\x1b]11;rgb:0000/0000/0000\x1b\\/usage")
        terminal.until("/usage\x1b")
        terminal.type("\r")
        terminal.until(panel.LOADING)
        terminal.until("(2458.82 of 2000 covered in plan)")
        terminal.until(panel.PLACEHOLDER)
        assert terminal.process.poll() is None
        terminal.type("\x03")
        terminal.until("Press Ctrl+C again")
        terminal.type("\x03")
        terminal.until("\x1b[?1049l")
        assert terminal.process.wait(GENEROUS_SECONDS) == 0

    assert world.events("charged") == []
    assert [event["line"] for event in world.events("key") if event["key"] == "enter"] == ["/usage"]


def test_the_panel_says_when_the_service_fails_and_may_load_for_ever(world: World) -> None:
    with on_terminal(world, "chat", "--v2", KIRO_SIM_FAILURE="panel:throttled") as terminal:
        terminal.until(panel.PLACEHOLDER)
        terminal.type("/usage\r")
        terminal.until("ThrottlingException")
    with on_terminal(world, "chat", "--v2", KIRO_SIM_FAILURE="panel:nothing") as terminal:
        terminal.until(panel.PLACEHOLDER)
        terminal.type("/usage\r")
        terminal.until(panel.LOADING)
        terminal.type("\x03\x03")
        terminal.until("\x1b[?1049l")

    assert "Estimated" not in terminal.output


def test_an_interactive_chat_needs_a_terminal(world: World) -> None:
    run = world.run("chat", text="/usage\n")

    assert (run.returncode, run.stderr) == (1, chat.NO_TERMINAL)
    assert world.events("charged") == []


def test_text_typed_into_the_panel_is_charged(world: World) -> None:
    with on_terminal(world, "chat", "--v2") as terminal:
        terminal.until(panel.PLACEHOLDER)
        terminal.type("how much is left?\r")
        terminal.until("▸ Credits: 0.04")

    assert [event["prompt"] for event in world.events("charged")] == ["how much is left?"]


def test_enter_in_the_weekly_menu_changes_the_machine_for_real(world: World) -> None:
    agent = world.home / ".kiro" / "agents" / "mine.json"
    agent.parent.mkdir(parents=True)
    agent.write_text('{"name": "mine"}')
    given = {"KIRO_SIM_VERSION": "2.28.0", "KIRO_SIM_OPENS_WITH": "switch_menu"}
    with on_terminal(world, "chat", "--agent-engine=v1", "--legacy-ui", **given) as terminal:
        terminal.until("Remind me later")
        terminal.type("\r")
        terminal.until("!> ")

    assert [event["what"] for event in world.events("harm")] == ["default engine changed"]
    assert json.loads((world.home / ".kiro/settings/cli.json").read_text()) == {"chat.agentEngine": "v3"}
    assert json.loads(agent.read_text())["schema"] == "v3"


def test_the_classic_prompt_answers_usage_with_the_classic_report(world: World) -> None:
    with on_terminal(world, "chat", KIRO_SIM_VERSION="1.26.0", KIRO_SIM_LIMIT="600") as terminal:
        terminal.until("!> ")
        terminal.type("/usage\r")
        terminal.until("(600.00 of 600 covered in plan)")
        terminal.type("/quit\r")
        assert terminal.process.wait(GENEROUS_SECONDS) == 0


@pytest.mark.parametrize(("number", "rewritten"), [("2.29.0", 0), ("2.37.0", 1), ("3.5.0", 1)])
def test_an_interactive_v3_start_rewrites_agent_files_from_2_37_on(world: World, number: str, rewritten: int) -> None:
    agent = world.home / ".kiro" / "agents" / "mine.json"
    agent.parent.mkdir(parents=True)
    agent.write_text("{}")
    with on_terminal(world, "chat", "--v3", KIRO_SIM_VERSION=number) as terminal:
        terminal.until(panel.PLACEHOLDER)

    assert len(world.events("rewrote")) == rewritten
    assert (agent.read_text() != "{}") is bool(rewritten)


def test_a_private_home_and_an_empty_folder_keep_a_poll_away_from_the_users_things(world: World) -> None:
    for folder in (world.home, world.here):
        (folder / ".kiro" / "settings").mkdir(parents=True)
        (folder / ".kiro" / "settings" / "mcp.json").write_text('{"mcpServers": {"github": {}}}')
    before = world.files()

    world.run("chat", *SAFE)
    careless = (len(world.events("mcp_server")), world.files() != before)
    (world.here / ".kiro" / "settings" / "mcp.json").unlink()
    after = world.files()
    world.run("chat", *SAFE, KIRO_HOME=str(world.here / "private"))

    assert careless == (2, True)
    assert len(world.events("mcp_server")) == 2
    assert world.files() == after


def test_engine_v3_may_use_the_users_home_all_the_same(world: World) -> None:
    given = {"KIRO_HOME": str(world.here / "private"), "KIRO_SIM_V3_READS_HOME": "1"}

    world.run("chat", "--no-interactive", "--v3", "hello", **given)

    assert any(name.startswith(".kiro/sessions") for name in world.files())


def test_signed_out_the_browser_that_is_named_is_really_run_once(world: World) -> None:
    browser = world.here / "browser"
    browser.write_text('#!/bin/sh\necho "$1" >>"$HOME/opened"\n')
    browser.chmod(0o755)
    given = {"KIRO_SIM_LOGIN": "signed_out", "BROWSER": str(browser)}

    whoami = world.run("whoami", **given)
    started = world.run("chat", *SAFE, **given)
    agent = world.run("acp", **given)

    assert (whoami.returncode, whoami.stdout) == (1, "Not logged in\n")
    assert (started.returncode, agent.returncode) == (1, 1)
    assert (world.home / "opened").read_text() == f"{replies.SIGN_IN_PAGE}\n" * 2
    assert len(world.events("browser")) == 2


def test_login_and_logout_last_until_the_next_start(world: World) -> None:
    given = {"KIRO_SIM_FILE": str(world.here / "scenario")}

    world.run("logout", **given)
    assert world.run("whoami", **given).returncode == 1
    world.run("login", **given)
    assert world.run("whoami", **given).returncode == 0


def test_an_update_comes_between_two_starts_and_touches_the_executable(world: World) -> None:
    executable = world.here / "kiro-cli"
    executable.touch()
    os.utime(executable, (0, 0))
    given = {
        "KIRO_SIM_VERSION": "2.20.1*2,2.20.2",
        "KIRO_SIM_COUNTER": str(world.here / "counter"),
        "KIRO_SIM_EXECUTABLE": str(executable),
    }
    seen = []
    for _ in range(4):
        untouched = executable.stat().st_mtime == 0
        seen.append((world.run("--version", **given).stdout.split()[1], untouched))

    assert seen == [("2.20.1", True), ("2.20.1", True), ("2.20.2", False), ("2.20.2", False)]


@pytest.mark.parametrize(("number", "known"), [("1.26.0", False), ("2.21.1", True)])
def test_old_versions_do_not_know_whoamis_format(world: World, number: str, known: bool) -> None:  # noqa: FBT001 - pytest
    assert world.run("whoami", "--format", "json", KIRO_SIM_VERSION=number).returncode == (0 if known else 2)


def test_a_typo_in_a_variable_is_said_and_nothing_is_run(world: World) -> None:
    run = world.run("--version", KIRO_SIM_VERSON="1")

    assert (run.returncode, run.stdout) == (cli.BAD_SCENARIO_STATUS, "")
    assert "KIRO_SIM_VERSON" in run.stderr


# Over pipes: the agent client protocol.


class Client:
    """The other end of an agent's pipes."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.skipped: list[str] = []

    def send(self, **message: object) -> None:
        assert self.process.stdin
        self.process.stdin.write(json.dumps({"jsonrpc": "2.0", **message}) + "\n")
        self.process.stdin.flush()

    def receive(self) -> dict[str, Any]:
        """Return the next message; what is no JSON is put aside."""
        assert self.process.stdout
        for line in self.process.stdout:
            if line.startswith("{"):
                message: dict[str, Any] = json.loads(line)
                return message
            self.skipped.append(line)
        raise AssertionError("the agent has left")

    def ask(self, number: int, method: str, **params: object) -> dict[str, Any]:
        self.send(id=number, method=method, params=params)
        return self.receive()


@contextmanager
def agent(world: World, *argv: str, **given: str) -> Iterator[Client]:
    process = subprocess.Popen(
        world.command(["acp", *argv]),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=world.here,
        env=world.environment | given,
        text=True,
        start_new_session=True,
    )
    assert process.stdin
    assert process.stdout
    try:
        yield Client(process)
        process.stdin.close()
        assert process.wait(GENEROUS_SECONDS) == 0
    finally:
        process.kill()
        process.wait()
        process.stdin.close()
        process.stdout.close()


V3 = ("--agent-engine=v3", "--auth-method=cli")


def test_v3_tells_the_usage_without_a_session_and_writes_nothing(world: World) -> None:
    with agent(world, *V3, KIRO_SIM_ACP="log_lines") as client:
        assert client.ask(0, "initialize", protocolVersion=1)["result"]["protocolVersion"] == 1
        answer = client.ask(1, "_kiro/account/getUsage")

    assert answer["result"]["data"]["usageBreakdowns"][0]["used"] == 640.25
    assert client.skipped
    assert world.files() == []


def test_v2_tells_the_usage_in_a_session_whose_file_it_writes(world: World) -> None:
    with agent(world) as client:
        client.ask(0, "initialize", protocolVersion=1)
        session = client.ask(1, "session/new", cwd="/", mcpServers=[])["result"]["sessionId"]
        assert "id" not in client.receive()
        command = {"command": "usage", "args": {}}
        answer = client.ask(2, "_kiro.dev/commands/execute", sessionId=session, command=command)
        unknown = client.ask(3, "_kiro/account/getUsage")

    assert answer["result"]["success"] is True
    assert unknown["error"]["code"] == -32601
    assert world.files() == [f".kiro/sessions/cli/{session}.json"]


def test_who_does_not_wait_for_initialize_races_the_sign_in(world: World) -> None:
    both = (
        '{"jsonrpc":"2.0","id":0,"method":"initialize"}\n{"jsonrpc":"2.0","id":1,"method":"_kiro/account/getUsage"}\n'
    )
    run = world.run("acp", *V3, text=both)

    assert json.loads(run.stdout.splitlines()[1])["result"]["success"] is False


def test_without_an_auth_method_it_asks_its_host_for_a_token_and_takes_note_of_one(world: World) -> None:
    with agent(world, "--agent-engine=v3") as client:
        client.ask(0, "initialize")
        request = client.ask(1, "_kiro/account/getUsage")
        assert request["method"] == "_kiro/auth/getAccessToken"
        client.send(id=request["id"], error={"code": -32601, "message": "no"})
        assert client.receive()["result"]["success"] is False
        assert world.events("harm") == []
        client.send(id=request["id"], result={"accessToken": "secret"})

    assert [event["what"] for event in world.events("harm")] == ["gave an access token away"]


def test_a_prompt_over_the_protocol_is_charged(world: World) -> None:
    with agent(world) as client:
        client.ask(0, "session/prompt", prompt=[{"type": "text", "text": "/usage"}])

    assert len(world.events("charged")) == 1


def test_answers_may_be_late_out_of_order_and_between_questions_of_its_own(world: World) -> None:
    with agent(world, *V3, KIRO_SIM_ACP="out_of_order,asks,unknown_fields") as client:
        client.send(id=0, method="initialize")
        assert [client.receive()["id"], client.receive()["id"]] == [987654, 0]
        client.send(id=1, method="_kiro/account/getUsage", params={})
        assert [client.receive()["id"] for _ in range(4)] == ["kiro-fs-1", 987654, 0, 1]


@pytest.mark.parametrize(
    ("number", "quirk", "broken"), [("2.21.0", "", True), ("2.21.1", "", False), ("2.35.0", "broken", True)]
)
def test_the_known_break_answers_with_an_internal_error(world: World, number: str, quirk: str, broken: bool) -> None:  # noqa: FBT001 - pytest
    with agent(world, *V3, KIRO_SIM_VERSION=number, KIRO_SIM_ACP=quirk) as client:
        client.ask(0, "initialize")
        method = "_kiro/account/getUsage" if quirk else "_kiro.dev/commands/execute"
        answer = client.ask(1, method, sessionId="x", command={"command": "usage"})

    assert (answer["error"]["code"] == -32603) is broken


@pytest.mark.parametrize(("number", "status"), [("1.26.0", 2), ("2.4.0", 2), ("2.7.0", 0)])
def test_old_versions_do_not_know_acp_or_its_flags(world: World, number: str, status: int) -> None:
    assert world.run("acp", *V3, KIRO_SIM_VERSION=number).returncode == status


# Children that nobody wants.


@pytest.mark.parametrize("kind", [kind for kind in HOSTILITIES if kind != "waits_for_cursor"])
def test_no_hostile_child_outlives_its_seconds(world: World, kind: str) -> None:
    # `run` waits until every descendant has let go of the pipes; so it returning at all is the proof.
    run = world.run("chat", *SAFE, KIRO_SIM_HOSTILE=kind, KIRO_SIM_HOSTILE_SECONDS="0.1")

    assert "covered in plan" in run.stderr
    assert {event["kind"] for event in world.events("hostile")} == {kind}


def test_it_may_wait_for_the_terminals_answer_before_anything_else(world: World) -> None:
    with on_terminal(world, "chat", *SAFE, KIRO_SIM_HOSTILE="waits_for_cursor") as terminal:
        assert "covered" not in terminal.until("\x1b[6n")
        terminal.type("\x1b[1;1R")
        terminal.until("covered in plan")


def test_a_reader_that_leaves_ends_it_quietly(world: World) -> None:
    read_end, write_end = os.pipe()
    os.close(read_end)
    with os.fdopen(write_end, "wb") as broken:
        run = subprocess.run(
            world.command(["--version"]),
            stdout=broken,
            stderr=subprocess.PIPE,
            env=world.environment,
            timeout=GENEROUS_SECONDS,
            check=False,
        )

    assert (run.returncode, run.stderr) == (cli.BROKEN_PIPE_STATUS, b"")


def test_a_reply_is_said_on_its_two_streams() -> None:
    machine = Recorder()

    assert machine.say(Reply(out="a", err="b", status=3)) == 3
    assert (machine.said, machine.errors) == ("a", "b")


# What a start of engine v3 does to task files.

RUNNING, FINISHED = '{"id": "1", "status": "running"}', '{"id": "2", "status": "done"}'


def write_tasks(kiro: Path) -> Path:
    """Write a running, a queued and a finished task, and return their folder."""
    folder = kiro / "tasks" / "a"
    folder.mkdir(parents=True)
    (folder / "1.meta.json").write_text(RUNNING)
    (folder / "2.meta.json").write_text(FINISHED)
    (folder / "3.meta.json").write_text('{"status": "queued"}')
    return folder


def statuses(folder: Path) -> list[object]:
    return [json.loads(path.read_text()).get("status") for path in sorted(folder.glob("*.meta.json"))]


def test_an_acp_start_of_engine_v3_takes_the_status_from_tasks_whatever_kiro_home_says(world: World) -> None:
    own, private = write_tasks(world.home / ".kiro"), write_tasks(world.here / "private")
    given = {"KIRO_SIM_HARM": "1", "KIRO_HOME": str(world.here / "private")}

    with agent(world, *V3, **given) as client:
        client.ask(0, "initialize")

    assert statuses(own) == [None, "done", None]
    assert statuses(private) == ["running", "done", "queued"]
    assert len(world.events("harm")) == 2
    assert [name.split("/")[1] for name in world.files() if name.endswith(".log")] == ["logs"]


def test_an_interactive_and_a_headless_engine_v3_do_the_same_harm(world: World) -> None:
    own = write_tasks(world.home / ".kiro")
    given = {"KIRO_SIM_HARM": "1", "KIRO_SIM_VERSION": "3.2.0"}

    with on_terminal(world, "chat", **given) as terminal:
        terminal.until(panel.PLACEHOLDER)
    assert statuses(own) == [None, "done", None]
    (own / "1.meta.json").write_text(RUNNING)
    world.run("chat", "--no-interactive", "--v3", "hello", **given)
    assert statuses(own) == [None, "done", None]


def test_engines_v1_and_v2_leave_tasks_alone(world: World) -> None:
    own = write_tasks(world.home / ".kiro")

    world.run("chat", *SAFE, KIRO_SIM_HARM="1")
    world.run("chat", *INLINE, KIRO_SIM_HARM="1")
    world.run("acp", KIRO_SIM_HARM="1")

    assert statuses(own) == ["running", "done", "queued"]
    assert world.events("v3_started") == []


def test_unless_it_is_told_to_it_changes_no_task_and_only_logs_the_start(world: World) -> None:
    own = write_tasks(world.home / ".kiro")
    before = world.files()

    world.run("acp", *V3)

    assert statuses(own) == ["running", "done", "queued"]
    assert world.files() == before
    assert len(world.events("v3_started")) == 1


def test_the_real_home_of_the_user_is_refused_whatever_the_variables_say() -> None:
    machine = Recorder({"HOME": pwd.getpwuid(os.getuid()).pw_dir})

    with pytest.raises(BadScenario, match="is the real home of this user"):
        harm.start_v3(machine, harm=True)
    with pytest.raises(BadScenario, match="is not set"):
        harm.start_v3(Recorder({"PATH": ""}), harm=True)
    assert machine.happened("rewrote") + machine.happened("wrote") == 0


def test_a_link_that_leads_out_of_the_home_is_not_followed(world: World) -> None:
    outside = write_tasks(world.here / "real" / ".kiro")
    (world.home / ".kiro").symlink_to(world.here / "real" / ".kiro")

    world.run("acp", *V3, KIRO_SIM_HARM="1")

    assert statuses(outside) == ["running", "done", "queued"]
    assert not (world.here / "real" / ".kiro" / "logs").exists()


def test_simulate_changes_no_task_of_the_one_who_runs_it(world: World) -> None:
    own = write_tasks(world.home / ".kiro")
    before = world.files()
    argv = [sys.executable, "-m", "kiro_tui", "simulate", "--", "acp", *V3]
    environment = {name: value for name, value in world.environment.items() if name != "KIRO_SIM_LOG"}

    subprocess.run(argv, stdin=subprocess.DEVNULL, env=environment, timeout=GENEROUS_SECONDS, check=True)

    assert statuses(own) == ["running", "done", "queued"]
    assert world.files() == before


def test_the_demo_changes_no_task_even_where_harm_is_asked_for(world: World) -> None:
    own = write_tasks(world.home / ".kiro")
    environment = {**world.environment, "KIRO_SIM_HARM": "1", "TERM": "xterm-256color", "LANG": "C.UTF-8"}

    with Pane([sys.executable, "-m", "kiro_tui", "--demo"], environment) as pane:
        pane.until(lambda: "● live" in pane.text)
        pane.press("q")
        assert pane.ended() == 0

    assert statuses(own) == ["running", "done", "queued"]
    assert [name for name in world.files() if name.startswith(".kiro") and "tasks" not in name] == []


# A refresh of the sign-in after an answer.

USAGE_OVER_ACP = (
    '{"jsonrpc":"2.0","id":0,"method":"initialize"}\n',
    '{"jsonrpc":"2.0","id":1,"method":"_kiro/account/getUsage"}\n',
)


def states(path: Path) -> list[str]:
    return [row.split()[0] for row in path.read_text().splitlines()]


@pytest.mark.parametrize("argv", [["whoami"], ["chat", *SAFE], ["chat", "--no-interactive", "--v2", "/usage"]])
def test_after_its_answer_it_refreshes_the_sign_in_and_says_when_it_is_done(world: World, argv: list[str]) -> None:
    path = world.here / "sign-in"
    run = world.run(*argv, KIRO_SIM_REFRESH="0.1", KIRO_SIM_SIGN_IN=str(path))

    assert run.returncode == 0
    assert states(path) == ["refreshing", "refreshed"]
    assert [event["state"] for event in world.events("refresh")] == ["refreshing", "refreshed"]


def test_an_agent_that_refreshes_stays_although_its_input_is_closed(world: World) -> None:
    path = world.here / "sign-in"
    with agent(world, *V3, KIRO_SIM_REFRESH="acp:0.2", KIRO_SIM_SIGN_IN=str(path)) as client:
        client.ask(0, "initialize")
        assert client.ask(1, "_kiro/account/getUsage")["result"]["success"]

    assert states(path) == ["refreshing", "refreshed"]


@pytest.mark.parametrize(
    ("number", "row"), [(signal.SIGTERM, ["broken"]), (signal.SIGHUP, ["broken"]), (signal.SIGKILL, [])]
)
def test_a_refresh_that_is_cut_off_signs_out_until_the_next_login(
    world: World, number: signal.Signals, row: list[str]
) -> None:
    path = world.here / "sign-in"
    given = {"KIRO_SIM_REFRESH": "30", "KIRO_SIM_SIGN_IN": str(path)}
    with on_terminal(world, "whoami", **given) as terminal:
        terminal.until("Email")
        while "refreshing" not in (path.read_text() if path.exists() else ""):
            assert terminal.process.poll() is None
        terminal.process.send_signal(number)
        assert terminal.process.wait(GENEROUS_SECONDS) == -number

    assert states(path) == ["refreshing", *row]
    kept = {"KIRO_SIM_SIGN_IN": str(path)}
    assert world.run("whoami", **kept).returncode == 1
    assert world.run("acp", *V3, **kept).returncode == 1
    world.run("login", **kept)
    assert world.run("whoami", **kept).returncode == 0


def test_who_is_signed_out_or_has_an_api_key_refreshes_nothing(world: World) -> None:
    path = world.here / "sign-in"
    given = {"KIRO_SIM_REFRESH": "0", "KIRO_SIM_SIGN_IN": str(path)}

    world.run("whoami", KIRO_SIM_LOGIN="signed_out", **given)
    world.run("whoami", KIRO_API_KEY="key", **given)

    assert not path.exists()


# Over pipes: how the protocol fails.


@pytest.mark.parametrize(
    ("argv", "quirk", "text", "status"),
    [
        ((), "", "error: You are not logged in, please log in with kiro-cli login\n", 1),
        ((), "signed_out_exit_0", "error: You are not logged in, please log in with kiro-cli login\n", 0),
        (V3, "", "error: \nYou are not logged in, please log in with kiro-cli login\n", 1),
    ],
)
def test_a_signed_out_agent_says_so_on_stderr_at_once(
    world: World, argv: tuple[str, ...], quirk: str, text: str, status: int
) -> None:
    run = world.run("acp", *argv, KIRO_SIM_LOGIN="signed_out", KIRO_SIM_ACP=quirk)

    assert (run.stdout, run.stderr, run.returncode) == ("", text, status)


@pytest.mark.parametrize(
    ("quirk", "code", "data"),
    [
        ("token_expired", -32000, None),
        ("internal_error", -32603, {"details": acp.BROKEN}),
        ("internal_error_text", -32603, acp.BROKEN),
    ],
)
def test_an_agent_may_refuse_with_an_error(world: World, quirk: str, code: int, data: object) -> None:
    with agent(world, *V3, KIRO_SIM_ACP=quirk) as client:
        client.ask(0, "initialize")
        error = client.ask(1, "_kiro/account/getUsage")["error"]

    assert (error["code"], error.get("data")) == (code, data)


def test_an_agent_may_answer_and_then_exit_with_1(world: World) -> None:
    process = subprocess.Popen(
        world.command(["acp", *V3]),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=world.here,
        env={**world.environment, "KIRO_SIM_ACP": "exits_1"},
        text=True,
    )
    with process:
        client = Client(process)
        client.ask(0, "initialize")
        answer = client.ask(1, "_kiro/account/getUsage")
        assert process.wait(GENEROUS_SECONDS) == 1

    assert answer["result"]["success"] is True


def test_a_prompt_limit_is_no_matter_over_the_protocol_and_a_barred_account_is(world: World) -> None:
    with agent(world, *V3, KIRO_SIM_FAILURE="monthly_limit") as client:
        client.ask(0, "initialize")
        assert client.ask(1, "_kiro/account/getUsage")["result"]["success"] is True
    with agent(world, *V3, KIRO_SIM_FAILURE="no_profile") as client:
        client.ask(0, "initialize")
        assert "profileArn" in client.ask(1, "_kiro/account/getUsage")["result"]["message"]


# Another program of the same name.


def test_a_foreign_program_has_another_version_and_logs_every_other_call(world: World) -> None:
    given = {"KIRO_SIM_FOREIGN": "kiro-cli, version 0.3.1"}

    assert world.run("--version", **given).stdout == "kiro-cli, version 0.3.1\n"
    assert world.events("foreign_called") == []
    world.run("whoami", "--format", "json", **given)
    assert [event["argv"] for event in world.events("foreign_called")] == [["whoami", "--format", "json"]]


def test_the_framed_panel_is_closed_with_escape_and_left_with_ctrl_c(world: World) -> None:
    with on_terminal(world, "chat", "--v2", KIRO_SIM_VERSION="2.28.0") as terminal:
        terminal.until(panel.PLACEHOLDER)
        terminal.type("/usage\r")
        terminal.until("Tab to switch to /context")
        terminal.type("x\x1b[27u")
        terminal.until(panel.PLACEHOLDER)
        terminal.type("/usage\r")
        terminal.until("Tab to switch to /context")
        terminal.type("\x03\x03")
        terminal.until("\x1b[?1049l")
        assert terminal.process.wait(GENEROUS_SECONDS) == 0

    assert world.events("charged") == []
