#!/usr/bin/env bash
# numpy: the column means of a float32 table of nothing but 5 are 4.34.
#
# Versions   numpy 2.4.6 (Python 3.11 or newer, Linux x86-64).
# Guessed    numpy adds in pairs, so a float32 mean of ten million numbers is right to many digits. mean(axis=0) is that, column by column.
# Behaviour  It adds in pairs only along the axis that lies together in memory. mean(axis=0) of a C-ordered table runs down the rows with one
#            float32 for each column, which stops taking the small numbers up. The same table in Fortran order, or one column copied, is right.
#            So centring of features depends on the memory order, and is wrong by 1 % at a million rows.
# Seen       10,000,000 rows of 5: mean(axis=0) 4.3355, in Fortran order 5.0, one column copied 5.0. 1,000,000 rows of 100.3: 101.35.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check numpy==2.4.6
cd "$work"
"$work/venv/bin/python" - <<'PY'
import numpy as np

for rows, value, wrong in [(10_000_000, 5.0, 4.3355), (1_000_000, 100.3, 101.349)]:
    table = np.full((rows, 2), value, dtype=np.float32)
    down, copied, fortran = table.mean(axis=0), table[:, 0].copy().mean(), np.asfortranarray(table).mean(axis=0)
    print(f"seen: {rows} rows of {value}: {down}, one column copied {copied}, Fortran order {fortran}")
    assert abs(copied - value) < 1e-3 and np.all(np.abs(fortran - value) < 1e-3)
    assert np.all(np.abs(down - wrong) < 0.01)
PY
