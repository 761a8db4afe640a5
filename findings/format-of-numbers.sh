#!/usr/bin/env bash
# Hugging Face datasets: with_format("numpy") rounds times to two minutes and makes hashed ids negative.
#
# Versions   datasets 5.2.0, numpy 2.4.6, pandas 3.1.1, pyarrow 26.0.1 (Python 3.11 or newer).
# Guessed    A format chooses the container. A float64 column comes as float64, a uint64 column as uint64, as with "pandas", "arrow" and "polars".
# Behaviour  Columns and slices come as float32 and int64: Unix times lose up to 64 s, so a user's clicks become simultaneous and a split by
#            time is by chance; ids of 2^63 and more turn negative. One row at a time, data[0], is exact. `map` writes the rounded numbers
#            back into the data set. No warning.
# Seen       1700000000 to 1700000004 s: one distinct value of float32 (row by row: five). Id 2^63 + 5: -9223372036854775803 (by row: exact).
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check datasets==5.2.0 numpy==2.4.6 pandas==3.1.1 pyarrow==26.0.1
cd "$work"
"$work/venv/bin/python" - <<'PY'
import os

os.environ["HF_HUB_OFFLINE"] = "1"
import numpy as np
from datasets import Dataset, disable_progress_bars

disable_progress_bars()
plain = Dataset.from_dict({
    "time": np.arange(1_700_000_000, 1_700_000_005, dtype=np.float64),
    "item": np.array([2**63 + 5, 1, 2, 3, 4], dtype=np.uint64),
})
data = plain.with_format("numpy")
columns, rows = data[:], [data[k] for k in range(5)]
times, by_row = len(set(columns["time"])), len({float(row["time"]) for row in rows})
print(f"seen: distinct times {times} of {columns['time'].dtype}, row by row {by_row}; first id {columns['item'][0]}, by row {rows[0]['item']}")
assert (times, by_row, columns["time"].dtype) == (1, 5, np.float32)
assert int(columns["item"][0]) == 2**63 + 5 - 2**64 and int(rows[0]["item"]) == 2**63 + 5

waited = data.map(lambda batch: {"waited": batch["time"] - batch["time"].min()}, batched=True).with_format(None)["waited"][:]
print(f"seen: seconds since the first click, made by map: {waited}")
assert waited == [0.0] * 5
PY
