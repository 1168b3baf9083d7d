"""Long trials of what the tests try shortly: hostile children, soaks, kills, fuzz, mutants, and what came of them.

Each is a program of its own, `PYTHONPATH=tests python -m campaigns.NAME --help`, prints what it found, keeps it as JSON
under `docs/reliability/`, and ends non-zero where something did not hold. Everything random comes from a seed that it
prints. No campaign may be needed by `make test`, which runs small parts of them.
"""
