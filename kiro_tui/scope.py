"""Who gets the same answer from kiro-cli: whatever decides that, as one text, and as the name of a file.

Two programs share their answers where all of this is the same: the kiro-cli that would be started, the ways of asking,
and the variables that say on whose behalf. PATH itself is not among them: git puts a folder of its own there for a
hook, an environment of Python another one for its shell, and it is the same kiro-cli all the same. Imports nothing
that takes time, as a status line that is drawn every few seconds needs it.
"""

from __future__ import annotations

import os

try:
    from _blake2 import blake2b  # hashlib's own, without the half of a launch that hashlib takes
except ImportError:
    from hashlib import blake2b

TYPE_CHECKING = False  # typing's own takes longer to import than all of this
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

NAME = "kiro-cli"
OURS = "KIRO_TUI_"


def scope(kiro_cli: str | None, ways: Sequence[str], environment: Mapping[str, str]) -> str:
    """Return the text; `kiro_cli` is the one of the settings, None where it is looked for."""
    decides = {name: value for name, value in environment.items() if _decides_who_answers(name)}
    return repr((_program(kiro_cli or NAME, environment), list(ways), sorted(decides.items())))


def key_of(text: str) -> str:
    """Return a name for the scope out of which nobody can read a variable: one of them may be a secret."""
    return blake2b(text.encode(errors="backslashreplace"), digest_size=8).hexdigest()


def _decides_who_answers(name: str) -> bool:
    return name == "HOME" or (name.startswith(("KIRO_", "XDG_DATA_")) and not name.startswith(OURS))


def _program(named: str, environment: Mapping[str, str]) -> str:
    """Return where PATH has the program; what is not there is looked for below HOME, which is in the scope."""
    if os.sep in named:
        return named
    for folder in environment.get("PATH", os.defpath).split(os.pathsep):
        path = os.path.join(folder, named)
        if os.access(path, os.X_OK) and os.path.isfile(path):
            return path
    return named
