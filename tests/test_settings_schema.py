"""What editors and readers are told of the settings says the same as the program does."""

import json
import tomllib
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiro_tui.arguments import OPTIONS
from kiro_tui.choices import PANELS
from kiro_tui.settings.catalogue import CATALOGUE, TABLES, Entry
from kiro_tui.settings.decoding import decode
from kiro_tui.settings.mistakes import as_toml
from kiro_tui.settings.schema import schema
from kiro_tui.settings.template import template

REPOSITORY = Path(__file__).parent.parent
DOCUMENTATION = (REPOSITORY / "docs/settings.md").read_text()
GOLDEN = (Path(__file__).parent / "golden/settings-mistakes.txt").read_text()
BEYOND_A_SCHEMA = {
    '[keys]\nrefresh = "q"\n': "a schema cannot compare two keys",
    '[keys]\nrefresh = "x"\npause = "x"\n': "nor these",
    'log = "~nobody-such/x"\n': "nor look up who has a home",
}
HAS_OPTION = {name for name, *_ in OPTIONS}


def accepted(content: object) -> bool:
    return jsonschema.Draft7Validator(schema()).is_valid(content)


def with_values(text: str) -> dict[str, Any]:
    """Return what a started file says when the # is taken away before every key."""
    lines = text.splitlines()
    return tomllib.loads("\n".join(line.removeprefix("# ") if " = " in line else line for line in lines))


def test_the_schema_that_is_kept_is_the_one_that_the_types_give() -> None:
    kept = (REPOSITORY / "schemas/config.schema.json").read_text()

    assert json.loads(kept) == schema(), "write it anew: kiro-tui config --schema > schemas/config.schema.json"


def test_the_schema_is_one() -> None:
    jsonschema.Draft7Validator.check_schema(schema())


def test_the_schema_takes_every_default() -> None:
    started = with_values(template())

    assert {name for name, value in started.items() if not isinstance(value, dict)} == set(TABLES[""])
    assert {name: set(started[name]) for name in TABLES if name} == {name: set(TABLES[name]) for name in TABLES if name}
    jsonschema.Draft7Validator(schema()).validate(started)


@pytest.mark.parametrize("block", GOLDEN.split("\n----\n"), ids=lambda block: block.split("\n")[0])
def test_the_schema_refuses_what_a_new_user_writes_wrong_as_far_as_a_schema_can(block: str) -> None:
    content, _ = block.split("=> ")
    try:
        says = tomllib.loads(content)
    except tomllib.TOMLDecodeError:
        return  # then no schema is asked

    assert accepted(says) == (content in BEYOND_A_SCHEMA)


VALUES = st.one_of(
    st.sampled_from([True, 1, 0, 30, 0.5, -1, 1e9, "", "auto", "dark", "off", "x", "ctrl+c", "ctrl+a", "f1", "?", "é"]),
    st.sampled_from(
        ["mon-fri", "Mon , SUN-tue", "mon-", "22:00-07:00", "9:5-10:00", "24:00-01:00", "acp,report", "acp,"]
    ),
    st.lists(st.sampled_from(["plan", "acp", "x", "r", "ctrl+z", 5, 0.5, 0, *PANELS]), max_size=3),
)


@given(st.sampled_from(list(CATALOGUE.values())), VALUES)
def test_what_the_program_takes_the_schema_takes_and_hardly_more(entry: Entry, value: object) -> None:
    content = {entry.table: {entry.name: value}} if entry.table else {entry.name: value}
    _, mistakes = decode(content)
    clash = [each for each in mistakes if "a key of its own" in each.text]

    assert accepted(content) == (mistakes == clash)


def row(entry: Entry) -> str:
    default = entry.kind.written(entry.default)
    cells = [
        f"`{entry.name}`",
        entry.says,
        entry.kind.expected,
        "not set" if default is None else f"`{as_toml(default)}`",
        f"`{entry.variable}`" if entry.variable else "",
        f"`{entry.option}`" if entry.option in HAS_OPTION else "",
    ]
    return f"| {' | '.join({'': cells, 'alerts': cells[:5], 'keys': [*cells[:2], cells[3]]}[entry.table])} |"


@pytest.mark.parametrize("table", TABLES)
def test_the_documentation_lists_every_setting_with_what_it_may_be_and_its_names(table: str) -> None:
    rows = [line for line in DOCUMENTATION.splitlines() if line.startswith("| `")]
    expected = [row(entry) for entry in TABLES[table].values()]
    first = rows.index(expected[0])

    assert rows[first : first + len(expected)] == expected
    assert len(rows) == len(CATALOGUE)


def test_every_option_of_all_commands_but_config_is_a_setting() -> None:
    assert HAS_OPTION - {entry.option for entry in TABLES[""].values()} == {"--config"}


def test_the_examples_of_the_documentation_are_right() -> None:
    example = DOCUMENTATION.split("```toml\n")[1].split("```")[0]

    values, mistakes = decode(tomllib.loads(example))

    assert mistakes == []
    assert {"interval", "alerts.quiet", "keys.refresh"} <= set(values)
