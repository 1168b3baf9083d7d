"""What is known, kept so that it can be said in no time: for status lines and guards, which are run all the time.

The journal is the truth, and takes four times as long to ask as Python takes to start. So whoever learns something
also leaves a card (see `domain.card`) in the state folder, one for each scope, and whoever has read the settings leaves
a note of what they said. `quick` answers from these two alone, or not at all: whatever is not exactly as expected, an
option, a variable, a changed settings file, a card that cannot be read, is left to the long way, which gives the same
answer. Must never be the only place where something is kept.

`quick` may import nothing that takes time: no typing, no dataclasses, no json, no re.
"""
