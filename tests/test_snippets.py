"""What the documentation says is done as it stands there, and what it lists is all that there is."""

import json
import re
from pathlib import Path

import pytest
from snippets import NOT_RUN, PAGES, RUNNERS, Block, Desk, blocks, promtool
from world import ROOT

from kiro_tui.output import prometheus, template
from kiro_tui.output.lines import NAMES

ALL = list(blocks())
TRIED = [block for block in ALL if (block.page, block.first_line) not in NOT_RUN]
BOARD = ROOT / "docs" / "grafana" / "kiro-credits.json"


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


@pytest.mark.parametrize("block", TRIED, ids=lambda block: block.name)
def test_a_snippet_works_as_it_stands_there(block: Block, desk: Desk) -> None:
    assert block.kind in RUNNERS, f"nobody knows how to try {block.kind!r}: see tests/snippets.py"
    RUNNERS[block.kind](block, desk)


def test_every_exception_is_still_one() -> None:
    assert {(block.page, block.first_line) for block in ALL} >= set(NOT_RUN)


def test_every_way_of_trying_is_used() -> None:
    assert {block.kind for block in TRIED} >= set(RUNNERS)


def test_a_broken_snippet_is_noticed(desk: Desk) -> None:
    broken = {
        "sh": "kiro-tui status --nonsense\n",
        "toml": "intervall = 60\n",
        "text crontab": "often kiro-metrics\n",
        "css waybar": "#custom-kiro.purple { }\n",
        "yaml prometheus-rules": "groups: [{name: x, rules: [{alert: X, expr: kiro_nothing > 1}]}]\n",
    }
    for kind, text in broken.items():
        with pytest.raises(AssertionError):
            RUNNERS[kind](Block("page", 1, kind, text), desk)


# What is listed -------------------------------------------------------------------------------------------------------


def table(page: str, head: str) -> dict[str, str]:
    """The first column of a table without its ticks, with the last one."""
    lines = (ROOT / page).read_text(encoding="utf-8").splitlines()
    rows = lines[lines.index(head) + 2 :]
    cells = [row.strip("|").split(" | ") for row in rows[: next(i for i, row in enumerate([*rows, ""]) if not row)]]
    return {row[0].strip().strip("`"): row[-1].strip() for row in cells}


def test_every_field_of_a_template_is_documented() -> None:
    assert table("docs/status-bars.md", "| field | what it is |") == template.FIELDS


def test_every_format_is_documented() -> None:
    assert [*table("docs/status-bars.md", "| format | what it is |")] == [*NAMES, "a template"]


def test_every_metric_is_documented() -> None:
    assert [*table("docs/prometheus.md", "| metric | labels | what it is |")] == [*prometheus.HELP]


def test_the_board_asks_only_for_what_is_exported(tmp_path: Path) -> None:
    board = json.loads(BOARD.read_text(encoding="utf-8"))
    asked = [target["expr"].replace("$instance", ".*") for panel in board["panels"] for target in panel["targets"]]
    numbered = [{"record": f"board:{number}", "expr": expr} for number, expr in enumerate(asked)]
    rules = tmp_path / "board.yml"
    rules.write_text(json.dumps({"groups": [{"name": "board", "rules": numbered}]}))

    assert len(asked) >= len(board["panels"])
    assert {name for expr in asked for name in re.findall(r"\bkiro_[a-z_]+", expr)} <= set(prometheus.HELP)
    assert len({panel["id"] for panel in board["panels"]}) == len(board["panels"])
    promtool("check", "rules", rules)


def test_links_between_the_pages_lead_somewhere() -> None:
    for page in PAGES:
        text = re.sub(r"```.*?```", "", (ROOT / page).read_text(encoding="utf-8"), flags=re.DOTALL)
        for link in re.findall(r"\]\((?!https?:|#)([^)#]+)", text):
            assert ((ROOT / page).parent / link).exists(), f"{page}: {link}"
