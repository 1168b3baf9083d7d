"""Where settings and state are, for those who cannot wait for a library to say it.

The same folders as everywhere else, or none where that is not sure. Must never import what takes time.
"""

from __future__ import annotations

TYPE_CHECKING = False  # typing's own takes longer to import than all of this
if TYPE_CHECKING:
    from collections.abc import Mapping


def state_folder(environment: Mapping[str, str]) -> str | None:
    """Return where what we keep is; None where not everybody would look there."""
    return _ours("XDG_STATE_HOME", ".local/state", environment)


def config_folder(environment: Mapping[str, str]) -> str | None:
    """Return where the settings file is, unless another one is named; None where not everybody would look there."""
    return _ours("XDG_CONFIG_HOME", ".config", environment)


def _ours(variable: str, usual: str, environment: Mapping[str, str]) -> str | None:
    home, named = environment.get("HOME", ""), environment.get(variable, "")
    parent = named if named.strip() else f"{home}/{usual}"
    return f"{parent}/kiro-tui" if parent.startswith("/") and home else None
