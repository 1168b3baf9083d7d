"""The journal: every good reading, kept in one SQLite file of the state folder.

Many programs share it: any number of dashboards and status lines of one person. It is a convenience, never a
condition: whatever happens to the file, no call raises, readings are kept in memory for as long as the program lives,
and `notice` says once what is wrong. The journal must never hold an e-mail, a failure, or a figure that was not read.

`schema` says how the file is laid out and how older ones are brought up to date, `rows` how a reading becomes a row,
`database` how the file is made, opened and put aside, `store` what can be asked of it, `worker` how that is done off
the event loop. No other part of kiro-tui may import sqlite3.
"""
