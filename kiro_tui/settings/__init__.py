"""What the person wants: options, variables, the settings file, defaults, and everything that can be wrong with them.

`load` is the way in. The types say all: wanted.py is the list of settings, kinds.py what their values may be; schema,
documentation and the file of `config --init` follow from them. Must never import a library that a launch without a
settings file does not need.
"""

from kiro_tui.settings.catalogue import PREFIX
from kiro_tui.settings.levels import DEFAULT, Level, Origin, Settings, load
from kiro_tui.settings.places import open_state_folder
from kiro_tui.settings.wanted import Alerts

__all__ = ["DEFAULT", "PREFIX", "Alerts", "Level", "Origin", "Settings", "load", "open_state_folder"]
