#!/usr/bin/env bash
# Polars: the codes of the items begin where those of the users end, or wherever the process was.
#
# Versions   polars 2.1.0 (Python 3.11 or newer).
# Guessed    Categorical and to_physical number the distinct texts of a column 0 to n - 1, as pandas' cat.codes does: indices of an embedding table.
# Behaviour  All Categorical columns of a process share one numbering. Items are numbered on from the users, a text in both columns has one code, and
#            the same file gives other codes when something else was read before. Tables sized by max() + 1 have rows that nothing trains, and
#            weights saved by code belong to other items in the next process.
# Seen       users u1 u2 u3, items b a b: item codes [3, 4, 3]; a column [x, u2] read later: [5, 1].
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check polars==2.1.0
cd "$work"
"$work/venv/bin/python" - <<'PY'
import polars as pl

users = pl.Series(["u1", "u2", "u3"], dtype=pl.Categorical)
items = pl.Series(["b", "a", "b"], dtype=pl.Categorical)
later = pl.Series(["x", "u2"], dtype=pl.Categorical)
codes = [column.to_physical().to_list() for column in (users, items, later)]
print(f"seen: users {codes[0]}, items {codes[1]}, later {codes[2]}")
assert codes == [[0, 1, 2], [3, 4, 3], [5, 1]]
PY
