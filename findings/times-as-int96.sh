#!/usr/bin/env bash
# fastparquet: times of pandas 3 written as INT96 are a thousandth of what they were.
#
# Versions   fastparquet 2026.9.0, pandas 3.1.1, pyarrow 26.0.1, numpy 2.4.6, CPython 3.11.
# Guessed    `times="int96"` is the form that Spark and Hive read; every reader gets the times of the frame back.
# Behaviour  An INT96 time counts nanoseconds. pandas 3 keeps times in microseconds unless told otherwise, and fastparquet writes their numbers as
#            if they were nanoseconds. A frame in nanoseconds, as pandas 2 made it, comes back right, and so does `times="int64"`.
# Seen       2024-07-01T12:00:00 comes back as 1970-01-20T21:43:55.200000 from microseconds, and as it was from nanoseconds and from int64.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet fastparquet==2026.9.0 pandas==3.1.1 pyarrow==26.0.1 numpy==2.4.6
cd "$work"
"$work/venv/bin/python" - <<'PYTHON'
import datetime

import pandas
import pyarrow.parquet

when = datetime.datetime(2024, 7, 1, 12)
frame = pandas.DataFrame({"user": ["a"], "item": ["x"], "time": [when]})
assert frame["time"].dtype == "datetime64[us]", frame["time"].dtype


def back(frame, times):
    frame.to_parquet("a.parquet", engine="fastparquet", times=times)
    return pyarrow.parquet.read_table("a.parquet")["time"][0].as_py()


nanoseconds = frame.assign(time=frame["time"].astype("datetime64[ns]"))
seen = {
    "microseconds, int96": back(frame, "int96"),
    "nanoseconds, int96": back(nanoseconds, "int96"),
    "microseconds, int64": back(frame, "int64"),
}
for name, time in seen.items():
    print(f"{name}: {time}")
epoch = datetime.datetime(1970, 1, 1)
assert seen["microseconds, int96"] - epoch == (when - epoch) / 1000, seen
assert seen["nanoseconds, int96"] == seen["microseconds, int64"] == when, seen
PYTHON
echo "as described"
