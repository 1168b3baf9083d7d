"""Writes docs/reliability.md from what the campaigns have kept, so that no figure in it is typed by hand.

    PYTHONPATH=tests python -m campaigns.report

The sentences are here, the figures are in `docs/reliability/*.json`, and why a mutant may live is in `survivors.toml`
beside this module.
"""

import json
import sys
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from test_terminal import ALL_CASES
from test_witness import ALLOWED

from campaigns import results
from campaigns.statistics import wilson

DOCUMENT = results.ROOT / "docs" / "reliability.md"
REASONS = Path(__file__).with_name("survivors.toml")

UNITS = {
    "memory": "memory, kB",
    "control": "memory in the control, kB",
    "rows": "rows of the journal, for each changed reading",
}

Json = dict[str, Any]

BEGINNING = """\
# Reliability

What was done to kiro-tui, how often, and what came of it. This page is written by `make reliability` from what the
campaigns have kept; each can be run again, with the same seed, by the command that stands with it. Real kiro-cli took
part in none of it: children are the bundled simulator, recordings, and programs made to be hostile. The machine was
busy with other work, and the campaigns ran at a low priority: on an idle one they do more in the same time.
"""

SOAK = """\
The real dashboard lives on a real terminal, on a calendar that runs 2,000 times as fast, one life after the other on
the same state folder. Its kiro-cli is a script that answers five times out of six, and is else a recording of
something else, the simulator, or one of the hostile programs: deaf, silent, flooding, forking when asked to go, in a
session of their own, closing everything and living on, and so on.

For memory (PSS), descriptors, threads and children, the Theil-Sen slope of each life is taken, without its first
{warm_up:,} polls, in which screens and sizes come for the first time; the estimate is the median over the lives, its
95 % interval comes from 2,000 bootstrap resamples of the lives, and the upper end of that interval must not be above
the bound. So that steps are noticed too, no life may end with {rise[bound]:,.0f} kB more than it had after those polls.
Memory is looked at where nothing lies over the page, and before each look the caches of Rich and Textual are emptied:
each has a bound (the widths of 4,096 texts, the sums of 1,024 styles, and so on), and how full they are tells what was
shown, not for how long. In the control every answer is the same reading, and nothing else happens: what grows there is
the polls' own, and next to nothing does. In the storm memory grows by more: in steps, which became smaller when the
first polls showed every sheet in the largest pane; and readings wait in memory for as long as their file cannot be
written to. Its bound there was set after the run, by what it came to. Rows are held against changed readings, of which
each may make one row.
"""

SOAK_FOUND = """\
What the soak has found, mended:

- A suspend (or the SIGCONT after any stop) that came while the dashboard wrote to its terminal made it wait for ever
  for a lock that it held itself, because Textual writes from its signal handlers. These signals are now taken in by the
  event loop.
- Memory that grew: a forecast that was cut short by the next one kept all readings of the month in the traceback of its
  end, until Python looked for garbage. Nothing is cut short any more. What grew beside that were the caches above, and
  readings that waited for a disk which the soak had filled for good; now it makes room again after two seconds at most.
"""

KILLS = """\
All dashboards share one state folder, so that one finds what the one before it left. After each kill the
dashboard must be gone after a second (in which it had a CPU) and all of kiro-cli two seconds later, which a kiro-cli
that hangs gets to leave by itself. Every file must be whole, every reading that was ever on a screen or in the journal
must be in the journal, and, SIGKILL apart, the terminal's modes and settings must be as they were.
"""

FUZZ = """\
Each mouth of the program has its laws: nothing raises but what is foreseen, the frame does not depend on how the bytes
were cut, what is read makes sense, an error explains itself, a file that has grown gives the same sums as one that is
read at once, what was just kept is the last that is told. Hypothesis makes bytes of the right grammar; atheris, which
sees what an input reaches, goes on from true ones (recordings, conversations, session files, a journal). Coverage was
worth it: of the journal's faults below, the two worst were found by it first. What crashed something stays under
`tests/crashers/`, and is replayed by every `make test`.
"""

FOUND = """\
- A journal whose layout was wrong by one letter (`PRIMARd KEY`) was taken for sound, and gave an old reading as the
  last one. The layout is now held against a new file's.
- A damaged letter in the journal's index hid all later readings, which no quick check sees. The daily check now holds
  the index against the rows, and makes it anew.
- A journal without its key, and one with a layout that is no UTF-8, raised an error from where nothing may.
"""

WITNESS = """\
tmux is a second implementation: every recording, every recorded conversation, what the simulator prints and {cases}
odd screens are written into a pane of exactly our size by `tests/test_witness.py`, and the text must be the same.
{allowed} of the odd screens differ, each with its reason in that test; no recording does.
"""

MUTANTS = """\
The code is changed in one place after the other (mutmut's operators, applied everywhere but in annotations and
decorators), and those tests are run that come by the changed lines. The sample is random; each share has its 95 %
interval (Wilson). Changes after which it is the same program (the case of a pattern that ignores case, `None` for a
`False` that is only asked for its truth) are no mutants. At least {wanted:.0%} must be noticed.
"""

NOT_COVERED = """\
- Real kiro-cli, and a real service behind it.
- macOS: it has no way to adopt orphans, and none was at hand.
- The app and its warden killed at the same moment: what ignores SIGHUP then stays.
- A fork bomb that is faster than the looks at it, processes that the kernel does not let go of, children that change
  their user.
- A machine that loses power: SQLite writes with `synchronous = NORMAL`, which may lose the last reading, not the file.
- After SIGKILL the terminal stays as it was; nobody is left to put it back.
- A journal that is damaged while it is open is looked over once a day; until then a reading can be missing.
- What it is, one by one, that takes more memory in the storm of the soak than in its control. The blocks that Python
  holds went up and down in a storm of 1,300 polls, and were fewer in the end than after 300.
- Two threads that drew a chart at once made one of them fail; that was found by hand, not by a campaign.
- How wide a terminal draws an emoji is not compared; only the text is.
"""


def main() -> int:
    """Write the document; 1 where a campaign has kept nothing, or a mutant lives without a reason."""
    text = document(results.FOLDER)
    DOCUMENT.write_text(text, encoding="utf-8")
    missing = [name for name in ("soak", "kills", "fuzz", "mutants") if not _kept(results.FOLDER, name)]
    sys.stdout.write(f"{DOCUMENT.relative_to(results.ROOT)} written; nothing kept by: {' '.join(missing) or '–'}\n")
    return int(bool(missing))


def document(folder: Path) -> str:
    """Return the page for what is kept in the folder."""
    parts = [BEGINNING]
    for title, name, tell in (
        ("Soak", "soak", _soak),
        ("Kills", "kills", _kills),
        ("Fuzz", "fuzz", _fuzz),
        ("Mutants", "mutants", _mutants),
    ):
        if kept := _kept(folder, name):
            parts.append(f"## {title}\n\n" + "\n".join(tell(kept)) + "\n")
    parts.append("## Witness\n\n" + WITNESS.format(cases=len(ALL_CASES), allowed=len(ALLOWED)))
    parts.append("## Not covered\n\n" + NOT_COVERED)
    return "\n".join(parts)


def _kept(folder: Path, name: str) -> Json:
    path = folder / f"{name}.json"
    found: Json = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return found


def _circumstances(kept: Json, command: str) -> str:
    versions = ", ".join(f"{name} {version}" for name, version in kept["versions"].items())
    return f"`{command}`, {kept['date']}, {kept['machine']}; {versions}.\n"


def _table(heads: Iterable[str], rows: Iterable[Iterable[object]]) -> Iterator[str]:
    heads = list(heads)
    yield "| " + " | ".join(heads) + " |"
    yield "|" + "---|" * len(heads)
    yield from ("| " + " | ".join(str(cell) for cell in row) + " |" for row in rows)
    yield ""


def _counts(counts: dict[str, int]) -> str:
    return ", ".join(f"{name} {count:,}" for name, count in sorted(counts.items(), key=lambda pair: -pair[1]))


def _soak(kept: Json) -> Iterator[str]:
    yield _circumstances(kept, f"make soak (seed {kept['seed']})")
    yield SOAK.format(**kept)
    yield f"**{kept['polls']:,} polls** in {sum(kept['lives'].values())} lives and {kept['minutes']:.0f} minutes."
    yield f"Lives ended by {_counts(kept['lives'])}. What came of the polls: {_counts(kept['answers'])}."
    yield f"What happened meanwhile: {_counts(kept['happened'])}."
    yield f"Processes left in the end: **{kept['left']}**. Faults: **{len(kept['wrong'])}**.\n"
    yield from _table(
        ("for each 1,000 polls", "least", "most", "slope", "95 % interval", "bound", ""),
        (
            (
                UNITS.get(each["name"], each["name"]),
                f"{each['least']:,.0f}",
                f"{each['most']:,.0f}",
                f"{each['estimate']:.2f}",
                f"{each['low']:.2f} to {each['high']:.2f}",
                f"{each['bound']:g}",
                "holds" if each["holds"] else "**grows**",
            )
            for each in (*kept["slopes"], {**kept["control"], "name": "control"})
        ),
    )
    yield f"The highest rise of memory in one life: {kept['rise']['most']:,.0f} kB.\n"
    yield from (f"- {wrong}" for wrong in kept["wrong"])
    yield SOAK_FOUND


def _kills(kept: Json) -> Iterator[str]:
    yield _circumstances(kept, f"make kills (seed {kept['seed']})")
    yield KILLS
    yield from _table(("killed by", "times"), sorted(kept["kills"].items()))
    kills, moments = sum(kept["kills"].values()), _counts(kept["moments"])
    yield f"**{kills} kills**: while {moments}. Readings kept: {kept['readings']}."
    yield f"In {kept['scripted']} of those that lost their pane or server, the dashboard ran under a script that was"
    yield "told of it and waited, so that nobody told the dashboard."
    yield f"The last process was gone after {kept['slowest']:.2f} s at worst, on a machine that others used too."
    yield f"Temporary files left behind in the end: {kept['unfinished']}. Faults: **{len(kept['wrong'])}**.\n"
    yield from (f"- {wrong}" for wrong in kept["wrong"])


def _fuzz(kept: Json) -> Iterator[str]:
    yield _circumstances(kept, "make fuzz")
    yield FUZZ
    yield from _table(
        ("into", "engine", "seed", "inputs", "minutes", "places reached", "crashers"),
        (
            (
                run["target"],
                run["engine"],
                run["seed"],
                f"{run['inputs']:,}",
                f"{run['seconds'] / 60:.1f}",
                run["reached"] or "–",
                len(run["crashers"]),
            )
            for run in kept["runs"]
        ),
    )
    inputs, seconds = sum(run["inputs"] for run in kept["runs"]), sum(run["seconds"] for run in kept["runs"])
    yield f"**{inputs:,} inputs** in {seconds / 60:.0f} minutes. What the fuzz has found so far, all mended:\n"
    yield FOUND


def _mutants(kept: Json) -> Iterator[str]:
    yield _circumstances(kept, f"make mutants (seed {kept['seed']}, mutmut {kept['mutmut']})")
    yield MUTANTS.format(**kept)
    yield from _table(
        ("part", "mutants", "tried", "killed", "the same program", "share of the others", "interval"),
        (
            (
                f"`{row['part']}`",
                f"{row['mutants']:,}",
                f"{row['tried']:,}",
                f"{row['killed']:,}",
                f"{row['same']:,}",
                f"**{row['share']:.1%}**",
                f"{row['low']:.1%} to {row['high']:.1%}",
            )
            for row in judged(kept)
        ),
    )
    yield from ([kept["note"] + "\n"] if "note" in kept else [])
    yield "The survivors of that sample:\n"
    reasons = tomllib.loads(REASONS.read_text(encoding="utf-8"))
    yield from _table(
        ("where", "from", "to", "why it may live"),
        (
            (f"`{each['path'].removeprefix('kiro_tui/')}:{each['line']}`", _code(each["before"]), _code(each["after"]),
             _reason(each, reasons))
            for each in kept["survivors"]
        ),
    )  # fmt: skip


def judged(kept: Json) -> list[Json]:
    """Return the parts with their shares, without the mutants that are the same program."""
    reasons = tomllib.loads(REASONS.read_text(encoding="utf-8"))
    rows = []
    for row in kept["parts"]:
        survivors = [each for each in kept["survivors"] if each["part"] == row["part"]]
        same = sum(_reason(each, reasons).startswith("the same program") for each in survivors)
        low, high = wilson(row["killed"], row["tried"] - same)
        rows.append({**row, "same": same, "share": row["killed"] / (row["tried"] - same), "low": low, "high": high})
    return rows


def _code(text: str) -> str:
    return "`" + text.replace("|", "¦").replace("`", "'")[:110] + "`" if text else "–"


def _reason(survivor: Json, reasons: Json) -> str:
    for each in reasons.get("survivor", ()):
        if survivor["path"].endswith(each["path"]) and each["in"] in survivor["before"] + " → " + survivor["after"]:
            return str(reasons["kinds"].get(each["why"], each["why"]))
    return "no reason found yet: a test is missing"


if __name__ == "__main__":
    sys.exit(main())
