"""docs/kiro-cli.md and the code agree: a citation leads to a section, and a section names code that exists."""

import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from world import ROOT

PACKAGE = ROOT / "kiro_tui"
PAGE = (ROOT / "docs" / "kiro-cli.md").read_text(encoding="utf-8")
HEADING = re.compile(r"^##+ (\d+(?:\.\d+)?)\.? ", re.MULTILINE)
RELIES = "The code that relies on it: "
MENTION = re.compile(r"kiro-cli\.md")
NUMBERS = r"\d+(?:\.\d+)?(?:(?:, | and |, and )\d+(?:\.\d+)?)*"
CITATION = re.compile(rf"docs/kiro-cli\.md`?, sections? ({NUMBERS})")


def sections() -> dict[str, str]:
    """Each numbered section of the page with its text, which ends at the next heading."""
    found = [*HEADING.finditer(PAGE)]
    ends = [*(heading.start() for heading in found[1:]), len(PAGE)]
    return {heading[1]: PAGE[heading.end() : end] for heading, end in zip(found, ends, strict=True)}


def joined(source: str) -> str:
    """The source with each line break, and the comment sign after it, as one blank: a citation may be wrapped."""
    return re.sub(r"\s*\n\s*(?:# ?)?", " ", source)


def cited_sections(source: str) -> Iterator[str]:
    """The numbers of the sections that the source cites."""
    for citation in CITATION.finditer(joined(source)):
        yield from re.findall(r"\d+(?:\.\d+)?", citation[1])


def mistakes(source: str) -> list[str]:
    """What is wrong with the citations in the source."""
    known = sections()
    found = [f"there is no section {number}" for number in cited_sections(source) if number not in known]
    unclear = len(MENTION.findall(source)) - len(CITATION.findall(joined(source)))
    return found + ["a citation must read `docs/kiro-cli.md, section N`"] * unclear


def test_every_cited_section_of_the_page_on_kiro_cli_exists() -> None:
    sources = {path.relative_to(ROOT): path.read_text(encoding="utf-8") for path in PACKAGE.rglob("*.py")}
    assert {path: wrong for path, source in sources.items() if (wrong := mistakes(source))} == {}


@pytest.mark.parametrize(
    ("source", "numbers"),
    [
        ("See docs/kiro-cli.md, section 2.7.", ["2.7"]),
        ("(`docs/kiro-cli.md`, sections 2.5, 2.7 and 4)", ["2.5", "2.7", "4"]),
        ("# It is cut off: docs/kiro-cli.md,\n    # section 2.2", ["2.2"]),
        ('"""Facts: docs/kiro-cli.md, section\n    6. More."""', ["6"]),
    ],
)
def test_a_citation_is_found_in_each_form_and_across_lines(source: str, numbers: list[str]) -> None:
    assert ([*cited_sections(source)], mistakes(source)) == (numbers, [])


def test_a_wrong_citation_is_noticed() -> None:
    assert mistakes("docs/kiro-cli.md, section 2.99")
    assert mistakes("docs/kiro-cli.md, sections 2.5 and 9")
    assert mistakes("see kiro-cli.md, 2.7")


def test_the_sections_are_numbered_in_order() -> None:
    numbers = [tuple(map(int, number.split("."))) for number in sections()]
    assert [number[0] for number in numbers if len(number) == 1] == [*range(1, 9)]
    assert all(before < after for before, after in pairwise(numbers))


def test_each_section_names_the_code_that_relies_on_it_and_that_code_exists() -> None:
    for number, text in sections().items():
        if "." in number:
            continue
        lines = [line.removeprefix(RELIES) for line in text.splitlines() if line.startswith(RELIES)]
        assert len(lines) == 1, f"section {number} needs one line that begins with {RELIES!r}"
        named = re.findall(r"`([\w/.]+)`", lines[0])
        assert named, f"section {number} names no module"
        for name in named:
            assert exists(name), f"section {number} names {name}, which is not there"


def exists(name: str) -> bool:
    """Whether a module or a package of that path, or a module of that name in any package, exists."""
    path = PACKAGE / name
    return path.exists() if "/" in name else path.exists() or any(PACKAGE.rglob(Path(name).name))
