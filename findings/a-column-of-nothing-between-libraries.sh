#!/usr/bin/env bash
# polars, Arrow: a frame with a column of nothing but nulls cannot be handed over to readers that stand on arrow-rs.
#
# Versions   polars 2.1.0, arro3-core 0.9.1 (arrow-rs), pyarrow 26.0.1, CPython 3.11.
# Guessed    Whatever polars exports through `__arrow_c_stream__`, every Arrow library can read: that is what the interface is for.
# Behaviour  A column whose type is Null comes with one buffer from polars and with none from pyarrow; the format gives such a column none.
#            pyarrow passes over the extra buffer, arrow-rs refuses the whole table. Frames get such columns by themselves: an optional
#            field that no row has, an empty JSON key. A cast to any other type before the export (`pl.String`) goes through.
# Seen       Null column from polars: 'The datatype "Null" doesn't expect buffer at index 0'. The same from pyarrow: read. Cast to String: read.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet polars==2.1.0 arro3-core==0.9.1 pyarrow==26.0.1
"$work/venv/bin/python" - <<'PYTHON'
import arro3.core
import polars
import pyarrow


def outcome(read, table):
    try:
        return f"{read(table).num_rows} rows"
    except Exception as error:
        return str(error)


frame = polars.DataFrame({"item": ["a", "b"], "brand": [None, None]})
tables = {
    "polars": frame,
    "polars, cast to String": frame.with_columns(polars.col("brand").cast(polars.String)),
    "pyarrow": pyarrow.table({"item": ["a", "b"], "brand": pyarrow.nulls(2)}),
}
seen = {}
for name, table in tables.items():
    for reader, read in [("arrow-rs", arro3.core.Table.from_arrow), ("pyarrow", pyarrow.table)]:
        seen[name, reader] = outcome(read, table)
        print(f"{name:<24} read by {reader:<9} {seen[name, reader]}")
refused = seen.pop(("polars", "arrow-rs"))
assert frame.schema["brand"] == polars.Null
assert 'The datatype "Null" doesn\'t expect buffer at index 0' in refused, refused
assert set(seen.values()) == {"2 rows"}, seen
PYTHON
echo "as described"
