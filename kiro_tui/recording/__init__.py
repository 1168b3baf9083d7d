r"""What passed between kiro-tui and kiro-cli while one question was answered, kept in a file, and played again.

A recording is JSON lines in UTF-8 without control characters, so that it may be shown, mailed and compared:

    {"kiro_tui_recording": 1, "kiro_tui": …, "kiro_cli": …, "recorded_at": …, "masked": true, "ways": …, …}
    {"run": ["kiro-cli", "whoami"], "at": 0.31, "terminal": null, "seconds": 5.0}     a program was started
    {"at": 0.52, "said": "Logged in with Builder ID\n"}                                 kiro-cli to us
    {"at": 0.71, "told": "/usage"}                                                     we to kiro-cli
    {"at": 0.90, "over": true}                                                         it says no more
    {"ended": {"end": "exited", "status": 0, …}}                                       how the run ended
    … the next program …
    {"outcome": {"reading": {…}, "error": null, "attempts": […]}}

`at` is in seconds: of a run, since the question was asked; of what follows it, since that run was started. Bytes stand
as text where they are UTF-8 (each chunk by itself), else under `said_base64` and `told_base64`; chunks are kept as
they were read. `terminal` is rows and columns, null for pipes. `learned` and `ways` are what kiro-tui knew and was
allowed before it asked: asked again with the same, it asks the same. The environment, the folder and the place of
kiro-cli are not kept. A file without its last line is one that was cut off.

Unless `masked` is false, e-mail addresses, ARNs, start URLs, account numbers, tokens and the names of the person, the
machine and the organisation are disguised in both directions: each of their letters is `x`, each digit 0. Escape
sequences, lengths and chunks stay as they were, so that the recording is drawn and read as the original was.
"""
