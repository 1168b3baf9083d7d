"""The table of kiro-cli's versions and of what each does and accepts.

A history: each entry says what changed with that version and holds until a later one changes it again. What is not
known of a version is filled in with what lies nearest, or, for 3.x, with the two ends of what is possible: 3.0
still runs the classic engine when it is named, 3.5 knows it no more.
"""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

Version = tuple[int, int, int]


class Engine(StrEnum):
    """What is behind `chat`: v1 prints the classic report, v2 a line or the inline report, v3 asks the model."""

    V1 = "v1"
    V2 = "v2"
    V3 = "v3"


@dataclass(frozen=True, slots=True)
class Generation:
    """What one version does and accepts; the defaults are those of the oldest, 1.20."""

    engines: tuple[str, ...] = ()
    """The values that `chat --agent-engine` takes; () where the flag is unknown."""
    legacy_ui: bool = False
    v3_switch: bool = False
    v2_switch: bool = False
    headless: Engine = Engine.V1
    """Which engine a headless chat runs when none is named."""
    interactive: Engine = Engine.V1
    full_screen: bool = False
    """Whether an interactive chat draws the full-screen interface unless told otherwise."""
    prompt_on_pipes: bool = False
    """Whether the bare `/usage` without a terminal is sent to the model."""
    refuses_legacy_alone: bool = False
    """Whether `--legacy-ui` without an engine is refused where v3 is the default."""
    iso_dates: bool = False
    overages_in_report: bool = True
    """Whether the classic report has the Overages block; add-on packs took its place."""
    overages_in_panel: bool = True
    classic_clamps: bool = True
    """Whether the classic report shows at most the limit; its percent is truncated then, else it has one decimal."""
    inline_report: bool = False
    """Whether a headless engine v2 prints the inline report; the summary line before that."""
    stream_json: bool = False
    """Whether chat takes `--output-format stream-json`."""
    panel_frame: bool = False
    """Whether the panel stands between rules and ends with a foot row."""
    whoami_bare: bool = False
    """Whether whoami prints nothing but the e-mail address."""
    whoami_json: bool = False
    acp: bool = False
    acp_flags: bool = False
    """Whether `acp` takes --agent-engine and --auth-method, and with them engine v3."""
    acp_breaks: bool = False
    """Whether engine v3 answers every `_kiro.dev/` method with an internal error."""
    session_files: bool = False
    rewrites_agents: bool = False
    """Whether an interactive start of engine v3 rewrites the user's agent files in place."""


HISTORY: tuple[tuple[Version, dict[str, Any]], ...] = (
    ((0, 0, 0), {"whoami_bare": True}),
    ((1, 20, 0), {"whoami_bare": False}),
    ((1, 27, 0), {"legacy_ui": True, "iso_dates": True, "full_screen": True, "whoami_json": True}),
    ((2, 3, 0), {"engines": ("rust", "kas")}),
    ((2, 4, 0), {"engines": ("v1", "v2", "kas"), "acp": True, "session_files": True}),
    ((2, 7, 0), {"acp_flags": True}),
    ((2, 8, 0), {"engines": ("v1", "v2", "v3"), "v3_switch": True, "interactive": Engine.V2}),
    ((2, 13, 0), {"prompt_on_pipes": True, "overages_in_report": False}),
    ((2, 19, 2), {"classic_clamps": False}),
    ((2, 20, 2), {"headless": Engine.V2, "v2_switch": True}),
    ((2, 21, 0), {"acp_breaks": True}),
    ((2, 21, 1), {"acp_breaks": False}),
    ((2, 21, 4), {"inline_report": True, "prompt_on_pipes": False}),
    ((2, 24, 0), {"stream_json": True}),
    ((2, 28, 0), {"refuses_legacy_alone": True, "overages_in_panel": False, "panel_frame": True}),
    ((2, 37, 0), {"rewrites_agents": True}),
    ((3, 0, 0), {"interactive": Engine.V3}),
    ((3, 5, 0), {"engines": ("v2", "v3"), "legacy_ui": False}),
)

NICKNAMES = {"rust": Engine.V1, "kas": Engine.V3}
"""What the engines were called before they were numbered."""


def generation(version: Version) -> Generation:
    """Return what that version does and accepts."""
    known = Generation()
    for since, change in HISTORY:
        if version >= since:
            known = replace(known, **change)
    return known


def engine(name: str) -> Engine:
    """Return the engine of that name, old or new; a ValueError where there is none."""
    return NICKNAMES.get(name) or Engine(name)


def version(text: str) -> Version:
    """Read `2.21.1` or `2.21`; a ValueError where it is neither."""
    major, minor, patch = (int(part) for part in [*text.split("."), "0"][:3])
    return major, minor, patch


def version_text(number: Version) -> str:
    """Return the version as kiro-cli prints it."""
    return ".".join(map(str, number))
