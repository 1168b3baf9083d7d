"""Reads what Kiro's own session files say about use: offline, incrementally, and without ever touching them.

    <root>/cli/<uuid>.json                        engine v2: one JSON document for each session
    <root>/<hash>/sess_<id>/messages.jsonl        engine v3 and the IDE: a line for each event; usage is one kind of it
    <root>/<hash>/sess_<id>/session.json          what that session is about

`ledger.read` is the way in. The parts: `tree` finds the files, `lines` gets the few lines that matter out of a long
file, `turns` reads them, `account_book` keeps one session's sums, `cache` keeps all of them between two runs.

Everything here may be damaged, half-written, enormous or somebody else's. Whatever cannot be read is counted by its
reason, and nothing of it ends the reading of the rest.
"""
