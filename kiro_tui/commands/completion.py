"""`kiro-tui completion SHELL`: the script that completes our command line, for those whose installer left it aside.

The scripts are installed with the package, below the folder share/ of its prefix; uv and pipx give each program a
prefix of its own, where no shell looks. Must never write into anybody's shell configuration.
"""

from pathlib import Path

from kiro_tui.errors import UsageError
from kiro_tui.streams import write

PLACES = {
    "bash": "bash-completion/completions/kiro-tui",
    "zsh": "zsh/site-functions/_kiro-tui",
    "fish": "fish/vendor_completions.d/kiro-tui.fish",
}
"""Where the script of each shell is below share/."""


def run(shell: str) -> int:
    """Print the script of that shell."""
    write(_installed(PLACES[shell]).read_text(encoding="utf-8"))
    return 0


def _installed(place: str) -> Path:
    """Return the file in the nearest share/ above the package: the prefix's, or the repository's."""
    for above in Path(__file__).resolve().parents:
        path = above / "share" / place
        if path.is_file():
            return path
    raise UsageError(
        "This installation has no completions.", "Install kiro-tui with pip, pipx or uv, and not as single files."
    )
