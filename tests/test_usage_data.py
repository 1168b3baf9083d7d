import contextlib
import json
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from acting import USAGE
from fakes import START
from hypothesis import given
from hypothesis import strategies as st

from kiro_tui.domain.frame import Frame, Run
from kiro_tui.domain.usage import NoteCode, Overage, Report, Window, WindowKind
from kiro_tui.errors import NoNumbers, NotLoggedIn, NotRecognised, ProbeError, PromptExecuted, ServiceFailed
from kiro_tui.probe.reading.report import parse
from kiro_tui.probe.reading.usage_data import load_json, read_usage

DOCUMENTED = """{"planName":"KIRO PRO","billingCycleReset":"2026-10-01","overagesEnabled":true,"overageCapable":true,
 "isEnterprise":false,
 "usageBreakdowns":[{"resourceType":"CREDIT","displayName":"Credits","used":13080.52,"limit":10000,"hasLimit":true,
   "percentage":130,"currentOverages":3080.52,"overageRate":0.04,"overageCharges":123.22,"currency":"USD"}],
 "bonusCredits":[{"name":"Trial credits","used":0,"total":500,"daysUntilExpiry":364}],
 "addOnCredits":[{"used":0,"total":250,"expiresAt":"Oct 01, 2026","isActive":true}]}"""
OCTOBER = datetime(2026, 10, 1, tzinfo=UTC)

SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
JSON = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
)
FIELDS = st.sampled_from(
    [
        *("planName", "billingCycleReset", "overagesEnabled", "isEnterprise", "usageBreakdowns", "bonusCredits"),
        *("addOnCredits", "used", "limit", "hasLimit", "percentage", "currentOverages", "overageRate", "total"),
        *("overageCharges", "currency", "name", "displayName", "daysUntilExpiry", "expiresAt"),
    ]
)


def read(data: str | dict[str, Any], message: str = "") -> Report:
    text = data if isinstance(data, str) else json.dumps(data)
    return read_usage(load_json(f'{{"success":true,"message":"{message}","data":{text}}}'), now=START)


def with_resource(**changes: object) -> dict[str, Any]:
    return USAGE | {"usageBreakdowns": [USAGE["usageBreakdowns"][0] | changes]}


def test_the_documented_answer_is_read_and_plan_and_overage_are_two_meters() -> None:
    assert read(DOCUMENTED) == Report(
        plan="KIRO PRO",
        windows=(
            Window(
                WindowKind.PLAN,
                "Credits",
                used=Decimal("10000.00"),
                limit=Decimal(10000),
                reported_percent=Decimal(130),
                ends_at=OCTOBER,
            ),
            Window(WindowKind.BONUS, "Trial credits", used=Decimal(0), limit=Decimal(500), ends_in_days=364),
            Window(WindowKind.ADD_ON, "Add-on credits", used=Decimal(0), limit=Decimal(250), ends_at=OCTOBER),
        ),
        overage=Overage(
            enabled=True, credits=Decimal("3080.52"), rate=Decimal("0.04"), cost=Decimal("123.22"), currency="USD"
        ),
    )


def test_numbers_are_exact_and_have_two_decimals_at_most() -> None:
    (window,) = read(with_resource(used=0.1 + 0.2, limit=50.0)).windows

    assert (str(window.used), str(window.limit)) == ("0.30", "50")


def test_half_a_hundredth_counts_as_one_and_tenths_stay_as_they_are() -> None:
    (window,) = read(with_resource(used=0.125, percentage=12.5)).windows

    assert (str(window.used), str(window.reported_percent)) == ("0.13", "12.5")


def test_the_plans_window_is_named_as_kiro_names_it_or_as_credits() -> None:
    named = (read(with_resource(displayName=name)).windows[0].label for name in ("Agent requests", "", None))

    assert list(named) == ["Agent requests", "Credits", "Credits"]


@pytest.mark.parametrize(
    "changes", [{"hasLimit": False}, {"limit": 999999}, {"limit": 10**7}, {"hasLimit": False, "limit": 0}]
)
def test_an_account_without_a_cap_has_no_limit_and_no_percent(changes: dict[str, object]) -> None:
    (window,) = read(with_resource(percentage=3, **changes)).windows

    assert (window.limit, window.reported_percent, window.used_percent) == (None, None, None)


def test_a_limit_of_nothing_is_a_limit() -> None:
    (window,) = read(with_resource(limit=0)).windows

    assert window.limit == 0


def test_more_than_the_limit_without_overage_is_shown_as_it_is() -> None:
    (window,) = read(with_resource(used=2100)).windows

    assert window.used == 2100


def test_overage_never_makes_the_plans_use_negative() -> None:
    (window,) = read(with_resource(used=5, currentOverages=10)).windows

    assert window.used == 0


def test_overage_that_is_off_keeps_its_rate_and_one_that_is_not_mentioned_is_unknown() -> None:
    off = read(with_resource(currentOverages=0, overageRate=0.04, overageCharges=0)).overage
    assert off == Overage(enabled=False, rate=Decimal("0.04"))
    assert read({name: value for name, value in USAGE.items() if name != "overagesEnabled"}).overage is None


def test_overage_that_was_used_and_then_switched_off_is_off_with_its_amounts() -> None:
    report = read(with_resource(used=2040.29, currentOverages=40.29, overageRate=0.04, overageCharges=1.61))

    assert report.overage == Overage(
        enabled=False, credits=Decimal("40.29"), rate=Decimal("0.04"), cost=Decimal("1.61")
    )
    assert report.windows[0].used == 2000


def test_what_stands_for_a_missing_value_is_no_fact() -> None:
    data = with_resource(used=2100, limit=2000, percentage=0, currentOverages=0, overageRate=0, overageCharges=0)
    report = read(data | {"planName": "Unknown", "billingCycleReset": "Unknown", "overagesEnabled": True})

    assert (report.plan, report.windows[0].ends_at, report.windows[0].reported_percent) == (None, None, None)
    assert report.overage == Overage(enabled=True)


def test_a_percent_of_zero_is_one_where_less_than_one_percent_is_used() -> None:
    assert read(with_resource(used=0.5, limit=50, percentage=0)).windows[0].reported_percent is None
    assert read(with_resource(used=0.4, limit=50, percentage=0)).windows[0].reported_percent == 0


def test_overage_of_nothing_is_known_while_the_plan_lasts() -> None:
    report = read(with_resource(currentOverages=0, overageRate=0.04, overageCharges=0) | {"overagesEnabled": True})

    assert report.overage == Overage(enabled=True, credits=Decimal(0), rate=Decimal("0.04"), cost=Decimal(0))


def test_a_negative_use_is_none_as_kiro_shows_it() -> None:
    assert read(with_resource(used=-5)).windows[0].used == 0


def test_a_grant_has_the_figure_that_a_printed_report_gives_it() -> None:
    bonus = {"name": "Trial", "used": 386.34000000000003, "total": 500.0}
    (acp,) = read({"bonusCredits": [bonus], "usageBreakdowns": []}).windows
    screen = "Estimated Usage\nCredits (1.00 of 2 covered in plan), 50.0%\nBonus Credits:\n"
    rows = (f"{screen}  Trial: 386.34000000000003/500\n").splitlines()
    (_, printed) = parse(Frame(120, tuple((Run(row),) for row in rows), (9, 0)), now=START).windows

    assert (acp.used, acp.limit) == (printed.used, printed.limit) == (Decimal("386.34"), Decimal(500))


@pytest.mark.parametrize(
    ("message", "error", "said"),
    [
        ("Failed to retrieve usage information: You are not logged in", NotLoggedIn, "signed in"),
        ("Your session has expired. Please run kiro-cli login", NotLoggedIn, "signed in"),
        (
            "Your User ID (d-0000000000.00000000-0000-0000-0000-000000000000) temporarily is suspended. Contact us",
            ServiceFailed,
            "suspended this account",
        ),
        ("profileArn is required for this request.", ServiceFailed, "profileArn is required"),
        ("Monthly request limit reached", PromptExecuted, "Monthly request limit reached"),
    ],
)
def test_a_reason_that_the_service_gives_is_told(message: str, error: type[ProbeError], said: str) -> None:
    with pytest.raises(error, match=said) as caught:
        read_usage(load_json(json.dumps({"success": False, "message": message})), now=START)

    assert "00000000" not in caught.value.message
    assert caught.value.hint


@pytest.mark.parametrize("text", ['{"success":true}', '{"success":true,"data":null}'])
def test_an_answer_without_data_is_a_managed_plan_without_numbers(text: str) -> None:
    assert read_usage(load_json(text), now=START) == Report(None, managed=True)


def test_several_resources_share_one_overage() -> None:
    resource = {"used": 10, "limit": 5, "currentOverages": 5, "overageRate": 0.04, "overageCharges": 0.2}
    report = read({"overagesEnabled": True, "usageBreakdowns": [resource, resource]})

    assert report.overage is not None
    assert (report.overage.credits, report.overage.cost, report.overage.rate) == (
        Decimal(10),
        Decimal("0.4"),
        Decimal("0.04"),
    )


def test_a_managed_plan_has_no_numbers_and_is_no_error() -> None:
    data = {"planName": "Q Developer Pro", "billingCycleReset": "Unknown", "usageBreakdowns": [], "bonusCredits": []}

    assert read(data, "Your plan is managed by admin") == Report(plan="Q Developer Pro", managed=True)


def test_numbers_count_even_where_the_plan_is_managed() -> None:
    report = read(USAGE, "Your plan is managed by your organization's administrator.")

    assert (report.managed, report.organization) == (True, True)
    assert replace(report, managed=False, organization=False) == read(USAGE)


@pytest.mark.parametrize("value", [None, "Unknown", "13/40", 7, True, "2026-02-30", ""])
def test_a_date_that_is_none_is_unknown(value: object) -> None:
    (window,) = read(USAGE | {"billingCycleReset": value}).windows

    assert window.ends_at is None


def test_a_date_with_a_time_of_day_is_that_day() -> None:
    (window,) = read(USAGE | {"billingCycleReset": "2026-10-01T00:00:00.000Z"}).windows

    assert window.ends_at == OCTOBER


@pytest.mark.parametrize(
    "used", ["NaN", "Infinity", "-1e400", "true", '"lots"', "null", "1e400", "[]", "1e-400", f"1e{10**19}", "9" * 5000]
)
def test_a_use_that_is_no_plain_number_is_unknown_and_not_zero(used: str) -> None:
    text = json.dumps(USAGE).replace("640.25", used)

    with pytest.raises(NoNumbers):
        read(text)


def test_a_limit_that_is_missing_is_not_the_same_as_none() -> None:
    data = with_resource()
    del data["usageBreakdowns"][0]["limit"]

    with pytest.raises(NoNumbers):
        read(data)


def test_a_window_that_cannot_be_read_leaves_the_others() -> None:
    bonuses = [{"name": "a", "used": None, "total": 5}, {"name": "b", "used": 1, "total": 5}, "c", None]

    report = read(USAGE | {"bonusCredits": bonuses})
    assert [window.label for window in report.windows] == ["Credits", "b"]
    assert [(note.code, note.text) for note in report.notes] == [
        (NoteCode.UNREAD_ROWS, "1 row of the answer was not understood: “a”.")
    ]


def test_text_is_cleaned() -> None:
    report = read(USAGE | {"planName": "KIRO\x1b[31m PRO\u202e"})

    assert report.plan == "KIRO[31m PRO"


def test_an_organisations_account_is_one() -> None:
    assert read(USAGE | {"isEnterprise": True}).organization
    assert replace(read(USAGE | {"isEnterprise": "yes"}), notes=()).organization is False


def test_a_service_that_failed_is_quoted() -> None:
    with pytest.raises(ServiceFailed, match="dispatch failure"):
        read_usage(load_json('{"success":false,"message":"dispatch failure"}'), now=START)


@pytest.mark.parametrize("text", ["null", "[]", "{}", '{"data":null}', '{"success":true,"data":[]}', "7", '"x"'])
def test_what_is_no_result_is_not_recognised(text: str) -> None:
    with pytest.raises(NotRecognised):
        read_usage(load_json(text), now=START)


def test_json_that_is_nested_too_deeply_is_no_json() -> None:
    with pytest.raises(ValueError, match="deep"):
        load_json("[" * 100_000)


@given(st.text(max_size=50))
def test_loading_any_text_gives_a_value_or_a_value_error(text: str) -> None:
    with contextlib.suppress(ValueError):
        load_json(text)


@given(
    JSON | st.dictionaries(FIELDS, JSON | st.lists(st.dictionaries(FIELDS, JSON, max_size=6), max_size=3), max_size=8)
)
def test_any_json_gives_a_sound_report_or_a_probe_error(data: object) -> None:
    for result in (data, {"success": True, "data": data}, {"success": True, "data": data, "message": data}):
        try:
            report = read_usage(load_json(json.dumps(result)), now=START)
        except ProbeError:
            continue
        for window in report.windows:
            assert window.used >= 0
            assert window.limit is None or window.limit >= 0
            assert len(f"{window.used:f}") < 40
        assert report.windows or report.managed
