"""Reads what Kiro's own session files say about use: offline, incrementally, and without ever touching them.

    <home>/sessions/cli/<uuid>.json                  engine v2: one JSON document for each session
    <home>/sessions/<bucket>/<id>/messages.jsonl     engine v3 and the IDE: a line for each event, some about usage
    <home>/sessions/<bucket>/<id>/session.json       what that session is about
    <storage>/<workspace>/414d…/<execution>          the IDE before that: one JSON document for each turn

docs/kiro-cli.md, section 7, says what is known of them. `ledger.read` is the entry point. `root` and `tree` find the
files; `lines` and `pruned` get the parts that matter out of long ones; `documents`, `events` and `executions` parse
them into the turns of `records`; `book` keeps one session's turns and sums, `shared_turns` counts a turn once that
stands in several files, `chats` names the turns of the older IDE, and `cache` keeps all of it between two runs.

The files may be damaged, half-written, enormous or somebody else's. Whatever cannot be read is counted by its reason,
and the rest is read all the same. SQLite databases of Kiro's are never opened.
"""
