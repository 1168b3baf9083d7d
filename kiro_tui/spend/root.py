"""Where Kiro's sessions are kept. Whoever only watches them needs no more than this, and does not wait for the rest."""

from collections.abc import Mapping
from pathlib import Path


def root_of(environment: Mapping[str, str]) -> Path:
    """Return the folder of Kiro's sessions: below KIRO_HOME where the person has set it, otherwise below ~/.kiro."""
    home = environment.get("KIRO_HOME")
    return (Path(home) if home else Path(environment.get("HOME") or "/", ".kiro")) / "sessions"
