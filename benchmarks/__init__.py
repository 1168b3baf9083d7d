"""What kiro-tui costs, beside programs that one would compare it with, measured in the same minutes.

    python -m benchmarks                       everything, and docs/performance.md is written anew
    python -m benchmarks --quick --only memory

rows.py says what must hold. Nothing in here is needed by kiro-tui, and nothing is measured that a person would not
notice: time, memory, processor, what is written to the terminal.
"""
