#!/usr/bin/env bash
# PyArrow: a left join gives the rows of the left table in another order, and each time in another.
#
# Versions   pyarrow 26.0.1, numpy 2.4.6 (Python 3.11 or newer, two processors or more).
# Guessed    A left outer join keeps the left table's order (pandas does), so a matrix of features beside the table stays in step with it.
# Behaviour  Small tables stay in order, so tests pass. From some ten thousands of rows on blocks of rows change places, differently from
#            call to call. ids.txt beside features.npy then names other rows, and no count or width gives it away.
# Seen       200,000 rows, three calls: 16 %, 2 % and 66 % of the rows in place. 1,000 rows: all.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check pyarrow==26.0.1 numpy==2.4.6
cd "$work"
"$work/venv/bin/python" - <<'PY'
import numpy as np
import pyarrow as pa

def in_place(rows):
    ids = np.arange(rows)
    joined = pa.table({"id": ids}).join(pa.table({"id": ids, "price": ids}), "id", join_type="left outer")
    assert joined.num_rows == rows and np.array_equal(np.sort(joined["id"].to_numpy()), ids)
    return float(np.mean(joined["id"].to_numpy() == ids))

assert in_place(1000) == 1
calls = []
while len(calls) < 30 and (len(calls) < 3 or min(calls) == 1):   # threads: one call in which it shows is enough
    calls.append(in_place(200_000))
print(f"seen: 1,000 rows: all in place; 200,000 rows, call by call: {[f'{share:.0%}' for share in calls]}")
assert min(calls) < 1
PY
