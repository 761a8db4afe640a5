#!/usr/bin/env bash
# Polars: the mean of three columns that hold 50, 50 and 50 is -35.33.
#
# Versions   polars 2.1.0 (Python 3.11 or newer).
# Guessed    `sum` widens Int8 and UInt8 to Int64 before it adds, in columns, groups and lists. `mean_horizontal` and `sum_horizontal` do so too.
# Behaviour  The horizontal ones add in the columns' own type. The sum wraps at 127 or 255, and the mean is the wrapped sum divided: no
#            error, no null, a plausible figure of type Float64. `dot` wraps in the same way.
# Seen       Int8 50, 50, 50: mean_horizontal -35.33, sum_horizontal -106. UInt8 200, 200: mean 72. The same numbers below each other: mean 50, sum 150.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check polars==2.1.0
"$work/venv/bin/python" - <<'PY'
import polars as pl

ratings = pl.DataFrame({"ann": [50], "bob": [50], "eve": [50]}, schema_overrides=dict.fromkeys(["ann", "bob", "eve"], pl.Int8))
mean = ratings.select(pl.mean_horizontal(pl.all())).item()
total = ratings.select(pl.sum_horizontal(pl.all())).item()
column = pl.Series([50, 50, 50], dtype=pl.Int8)
print(f"seen: three columns with 50: mean {mean:.2f}, sum {total}; one column of three: mean {column.mean()}, sum {column.sum()}")
assert (column.mean(), column.sum()) == (50.0, 150)
assert total == 150 - 256 and abs(mean - (150 - 256) / 3) < 1e-9

pixels = pl.DataFrame({"r": [200], "g": [200]}, schema={"r": pl.UInt8, "g": pl.UInt8})
mean = pixels.select(pl.mean_horizontal("r", "g")).item()
print(f"seen: the mean of 200 and 200 is {mean}")
assert mean == 72.0
PY
