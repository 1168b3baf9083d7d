import codecs
import fcntl
import itertools
import json
import os
import re
import select
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

import kiro_tui.simulator
from kiro_tui.simulator import acp, chat, classic, cli, month, panel, replies
from kiro_tui.simulator.account import AccountState, Bonus, Overages, Pack, Resource
from kiro_tui.simulator.arguments import Refused, parse
from kiro_tui.simulator.conversation import QUESTIONS, Conversation, Event, Keys
from kiro_tui.simulator.generations import Engine, generation, version
from kiro_tui.simulator.machine import Machine
from kiro_tui.simulator.replies import Reply
from kiro_tui.simulator.scenario import HOSTILITIES, VARIABLES, BadScenario, Look, Scenario, read, variables, version_at

RECORDINGS = Path(__file__).parent / "recordings"
NOW = datetime(2026, 6, 11, 12, 0, tzinfo=UTC)
SAFE = ["--no-interactive", "--agent-engine=v1", "--legacy-ui", "/usage"]
BARE = ["--no-interactive", "/usage"]
MATRIX = (
    *("1.20.0", "1.26.0", "1.27.0", "2.3.0", "2.4.0", "2.8.0", "2.13.0"),
    *("2.20.1", "2.20.2", "2.21.1", "2.28.0", "2.29.0", "2.37.0", "3.0.0", "3.5.0"),
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
        ("classic-org-clamped", {"PLAN": "power", "USED": "13080.52", "ORGANIZATION": "1"}),
        ("classic-addons-2026-08", {"PLAN": "pro", "USED": "1000", "PACKS": "42.5/100:2027-06-18,0/200:2027-08-01"}),
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
    view = panel.View(Conversation(), panel.usage(played.account, 120, overages=True))
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
    breakdown = acp.result(state)["data"]["usageBreakdowns"][0]

    assert f"({used:.2f} of {limit} covered in plan)" in "\n".join(panel.usage(state, 120, overages=True))
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

    assert acp.result(state)["data"] == json.loads(
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
    breakdown = acp.result(state)["data"]["usageBreakdowns"][0]

    assert (breakdown["used"], breakdown["hasLimit"], breakdown["percentage"]) == (320, False, 0)
    assert "Requests (320.00 used)" in panel.usage(state, 120, overages=True)


def test_a_managed_plan_has_no_numbers_anywhere() -> None:
    state = scenario(PLAN="managed", USED="5").account
    answer = acp.result(state)

    assert not re.search(r"\d", "".join(plain(classic.report(state, Look(), 120))))
    assert not re.search(r"\d", "".join(panel.usage(state, 120, overages=True)))
    assert (answer["data"]["usageBreakdowns"], answer["data"]["billingCycleReset"]) == ([], "Unknown")


# Each version does what the table of versions says.

REPORTS_BARE = ("1.20.0", "1.26.0", "1.27.0", "2.3.0", "2.4.0", "2.8.0", "2.13.0", "2.20.1")
REFUSES_V1 = {"1.20.0": "unknown flag", "1.26.0": "unknown flag", "1.27.0": "unknown flag", "2.3.0": "bad value"}


@pytest.mark.parametrize("number", MATRIX)
def test_the_bare_command_reports_until_2_20_2_and_then_says_one_line(number: str) -> None:
    assert ask(BARE, VERSION=number)[0] == ("report" if number in REPORTS_BARE else "summary")


@pytest.mark.parametrize("number", MATRIX)
def test_without_a_terminal_the_bare_command_costs_from_2_13_on(number: str) -> None:
    came, machine = ask(BARE, on="pipes", VERSION=number)

    assert came == ("model" if version(number) >= (2, 13, 0) else "report")
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
    plain_reply, json_reply = replies.whoami(played, as_json=False), replies.whoami(played, as_json=True)

    assert plain_reply.out.startswith(text)
    assert as_json.items() <= json.loads(json_reply.out).items()
    assert plain_reply.status == (1 if login == "signed_out" else 0)


def test_whoami_lets_the_profile_follow_the_json_of_an_identity_center_login() -> None:
    reply = replies.whoami(scenario(LOGIN="idc"), as_json=True)

    value, end = json.JSONDecoder().raw_decode(reply.out)
    assert value["accountType"] == "IamIdentityCenter"
    assert reply.out[end:].startswith("\n\nProfile:\n")


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
    assert all(0 <= bonus.used <= bonus.total and 0 <= bonus.days <= 15 for bonus in state.bonuses)
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
    assert (started.returncode, agent.returncode) == (1, 0)
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
