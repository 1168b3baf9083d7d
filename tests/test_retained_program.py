"""The program against a simulated kiro-cli whose richer source fails: what is shown, stored and guarded by."""

import json
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest
from bar import Bar

ACCOUNT = {"version": "2.14.0", "plan": "power", "used": "41325.00", "overage": "on"}
"""A version whose classic report clamps, and says nothing of overage (docs/kiro-cli.md, 2.2)."""
POORER = {"failure": "acp:service,panel:service"}


def reading(done: CompletedProcess[str]) -> Any:
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)["reading"]


@pytest.fixture
def bar(tmp_path: Path) -> Bar:
    """A machine on which the agent protocol has answered, and then fails."""
    bar = Bar(tmp_path)
    bar.behave(**ACCOUNT)
    rich = reading(bar.run("status", "--json"))
    assert (rich["source"], rich["overage"]["credits"], rich["overage"]["as_of"]) == ("acp", 31325, None)
    bar.behave(**ACCOUNT, **POORER)
    return bar


def test_a_clamped_report_after_acp_changes_no_figure_anywhere(bar: Bar) -> None:
    poor = reading(bar.run("status", "--json"))
    (rich, *others) = json.loads(bar.run("history", "--json").stdout)["readings"]

    assert poor["source"] == "report"
    assert poor["windows"][0]["used"] == poor["windows"][0]["limit"] == 10000
    assert poor["overage"] == rich["overage"] | {"as_of": rich["last_at"]}
    assert [(note["code"], note["as_of"]) for note in poor["notes"]] == [("kept_from_before", rich["last_at"])]
    assert [(each["source"], each["overage"], each["notes"]) for each in others] == [
        ("report", poor["overage"], poor["notes"])
    ]

    text, tooltip = bar.run("status", "--cached"), bar.run("status", "--cached", "--format", "waybar")
    assert "31325.00 credits used, $1253.00 so far, $0.04 for one credit, as of moments ago" in text.stdout
    assert "Overage: 31325.00 credits, as of moments ago" in json.loads(tooltip.stdout)["tooltip"]
    table = bar.run("history").stdout.splitlines()
    assert ["overage 31325.00" in row for row in table[1:3]] == [True, True]
    assert ["partly as of" in row for row in table[1:3]] == [False, True]


def test_an_upgrade_that_a_poorer_report_tells_of_is_not_hidden_by_what_was_before(bar: Bar) -> None:
    bar.behave(**(ACCOUNT | {"used": "9000", "limit": "20000"}), **POORER)

    upgraded = reading(bar.run("status", "--json"))

    assert (upgraded["windows"][0]["used"], upgraded["windows"][0]["limit"]) == (9000, 20000)
    assert upgraded["overage"]["credits"] is None
    assert upgraded["overage"]["enabled"] is True
