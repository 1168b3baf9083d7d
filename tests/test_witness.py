"""Our terminal and tmux on the same bytes: the text must be the same, but for what is listed here with its reason."""

from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import pytest
from campaigns.stand_in import simulated
from campaigns.witness import Witness, we_see
from installed import needs
from test_terminal import ALL_CASES, SMALL
from world import World

from kiro_tui.probe.process.child import Size
from kiro_tui.recording.file import load

pytestmark = needs("tmux")

RECORDINGS = Path(__file__).parent / "recordings"
SIMULATED = (
    {"KIRO_SIM_LAYOUT": "box"},
    {"KIRO_SIM_LAYOUT": "help", "KIRO_SIM_BONUSES": "Welcome bonus:386.34/500:15,Community grant:1/250:3"},
    {"KIRO_SIM_MANNER": "noisy", "KIRO_SIM_OVERAGE": "on", "KIRO_SIM_USED": "2040.29"},
    {"KIRO_SIM_FAILURE": "report:garbled"},
    {"KIRO_SIM_FAILURE": "report:mcp_startup"},
    {"KIRO_SIM_FAILURE": "report:service"},
)
"""What kiro-cli prints where it prints most."""

HALVES = "tmux 3.3 leaves half of a wide character standing, and its rows become wider than the screen; ours blanks it"
STRINGS = "tmux knows only ends that are written; a broken one must not eat the report behind it, so ours resumes"
ALTERNATE = "ours puts the cursor back for modes 47 and 1047 as for 1049; whoever uses those saves it anyway"
ALLOWED = {
    "zero width: C1 next line": "tmux ignores C1 controls in UTF-8; a line break that is dropped would join two lines",
    "half: right half overwritten": HALVES,
    "half: inserted into": HALVES,
    "half: left half deleted": HALVES,
    "half: right half deleted": HALVES,
    "half: right half erased": HALVES,
    "half: erased to the middle": HALVES,
    "half: pushed over the edge": HALVES,
    "open string: never ended": STRINGS,
    "open string: Linux palette": STRINGS,
    "open string: short Linux palette": STRINGS,
    "screen: alternate 47": ALTERNATE,
    "screen: alternate 1047": ALTERNATE,
    "screen: alternate has no scrollback": "tmux tells the main screen's history also while the other one is shown",
    "screen: saved by mode": "tmux does not know mode 1048",
    "screen: SU between margins": "tmux puts what leaves the margins into its history; ours only what leaves the top",
    "screen: CHT": "tmux does not know CHT",
    "screen: DECCOLM": "tmux clears the screen for DECCOLM; ours ignores it, for a width that is not to change",
}


@pytest.fixture(scope="module")
def witness() -> Iterator[Witness]:
    with Witness() as tmux:
        yield tmux


def test_tmux_sees_every_recording_as_we_do(witness: Witness) -> None:
    size = Size(40, 80)
    differing = [
        path.stem
        for path in sorted(RECORDINGS.glob("*.bytes"))
        if witness.sees(path.read_bytes(), size) != we_see(path.read_bytes(), size)
    ]

    assert differing == []


def test_tmux_sees_every_recorded_conversation_as_we_do(witness: Witness) -> None:
    runs = chain.from_iterable(load(str(path)).runs for path in sorted(RECORDINGS.glob("*.recording")))
    on_terminals = [(run.said, run.terminal) for run in runs if run.terminal is not None]

    assert len(on_terminals) >= 4
    for said, size in on_terminals:
        assert witness.sees(said, size) == we_see(said, size)


@pytest.mark.parametrize("variables", SIMULATED, ids=lambda variables: " ".join(variables.values())[:30])
def test_tmux_sees_what_the_simulator_prints_as_we_do(
    witness: Witness, tmp_path: Path, variables: dict[str, str]
) -> None:
    said = simulated(World(tmp_path), "chat", "--no-interactive", "--agent-engine=v1", "/usage", **variables)
    output = said.replace(b"\n", b"\r\n")  # as a terminal has it

    assert said
    assert witness.sees(output, Size(50, 60)) == we_see(output, Size(50, 60))


def test_tmux_sees_every_odd_screen_as_we_do_but_for_those_with_a_reason(witness: Witness) -> None:
    seen = {
        case: (witness.sees(output.encode(), SMALL), we_see(output.encode(), SMALL))
        for case, (output, _) in ALL_CASES.items()
    }
    differing = {case for case, (there, here) in seen.items() if there != here}

    assert differing == set(ALLOWED), {case: seen[case] for case in differing ^ set(ALLOWED)}


def test_the_witness_tells_screens_apart(witness: Witness) -> None:
    assert witness.sees("one\r\n\x1b[31mtwo 界\x1b[0m\r\n\r\nfour".encode(), SMALL) == ["one", "two 界", "", "four"]
    assert witness.sees(b"one\r\ntwo", SMALL) != we_see(b"one\r\nTwo", SMALL)
