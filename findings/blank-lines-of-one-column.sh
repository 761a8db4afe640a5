#!/usr/bin/env bash
# PyArrow: a CSV file of one column that it wrote itself comes back with fewer rows.
#
# Versions   pyarrow 26.0.1, numpy 2.4.6 (Python 3.11 or newer).
# Guessed    A column of ids with a null goes through pyarrow.csv.write_csv and read_csv with its number of rows.
# Behaviour  In a file of one column a null is an empty line, and read_csv skips empty lines. All ids after it move up by one against the feature
#            rows beside them. With a second column the same null survives. (Polars and DuckDB write such lines too and keep them on reading; pandas skips them.)
# Seen       ids a, null, c: 2 rows, a and c. Beside a column of numbers: 3 rows.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check pyarrow==26.0.1 numpy==2.4.6
cd "$work"
"$work/venv/bin/python" - <<'PY'
import pyarrow as pa
import pyarrow.csv as csv

def through_a_file(table):
    csv.write_csv(table, "ids.csv")
    return csv.read_csv("ids.csv", convert_options=csv.ConvertOptions(strings_can_be_null=True))

ids = pa.array(["a", None, "c"])
alone, beside = through_a_file(pa.table({"id": ids})), through_a_file(pa.table({"id": ids, "row": [0, 1, 2]}))
print(f"seen: alone {alone['id'].to_pylist()}, beside another column {beside.num_rows} rows")
assert alone["id"].to_pylist() == ["a", "c"] and beside.num_rows == 3
PY
