"""Many panes, one question: the programs that share a journal take turns at asking, and hear of each other's answers.

A program that dies, is stopped or cannot write costs the others a little time at most, never an answer.

`turn` is the right to ask, `bell` the way to hear at once that there is news, `source` the source that uses both and
the journal.
"""
