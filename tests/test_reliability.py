"""The page about reliability: written from what the campaigns kept, and from nothing else."""

import json
import tomllib
from pathlib import Path

from campaigns import results
from campaigns.report import DOCUMENT, REASONS, document, judged


def test_the_page_is_what_the_campaigns_kept() -> None:
    assert DOCUMENT.read_text(encoding="utf-8") == document(results.FOLDER), "run `make reliability`"


def test_every_campaign_was_run_as_long_as_it_must_be_and_passed() -> None:
    soak, kills, fuzz, mutants = (
        json.loads((results.FOLDER / f"{name}.json").read_text(encoding="utf-8"))
        for name in ("soak", "kills", "fuzz", "mutants")
    )

    assert soak["polls"] >= 5000
    assert (soak["left"], soak["wrong"]) == (0, [])
    assert all(each["holds"] for each in soak["slopes"])
    assert sum(kills["kills"].values()) >= 200
    assert kills["wrong"] == []
    assert sum(run["seconds"] for run in fuzz["runs"]) >= 30 * 60
    assert soak["control"]["holds"]
    assert all(part["share"] >= mutants["wanted"] for part in judged(mutants))


def test_every_mutant_that_lives_has_its_reason() -> None:
    assert tomllib.loads(REASONS.read_text(encoding="utf-8"))["kinds"]
    assert "no reason found yet" not in DOCUMENT.read_text(encoding="utf-8")


def test_a_page_without_any_campaign_says_what_is_not_covered(tmp_path: Path) -> None:
    assert "## Not covered" in document(tmp_path)
