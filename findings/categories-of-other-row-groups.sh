#!/usr/bin/env bash
# fastparquet: appended items come back under other items' names.
#
# Versions   fastparquet 2026.9.0, pandas 3.1.1, pyarrow 26.0.1, numpy 2.4.6 (Python 3.11 or newer).
# Guessed    A file that fastparquet wrote is read back as it was: [a b a], then [c b c] appended.
# Behaviour  The file is right (pyarrow reads it). fastparquet reads each row group's numbers with the last row group's dictionary, so all rows of
#            the earlier groups are renamed. No error, no warning. The same holds for any writer's file read with categories=["item"], where
#            the row groups have their own dictionaries, as nearly all writers make them.
# Seen       appended: written a b a c b c, read b c b c b c. From pyarrow in two row groups: written a b a c d c, read c d c c d c.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check fastparquet==2026.9.0 pandas==3.1.1 pyarrow==26.0.1 numpy==2.4.6
cd "$work"
"$work/venv/bin/python" - <<'PY'
import fastparquet
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

def frame(items):
    return pd.DataFrame({"item": pd.Categorical(list(items))})

fastparquet.write("appended.parquet", frame("aba"))
fastparquet.write("appended.parquet", frame("cbc"), append=True)
read = "".join(fastparquet.ParquetFile("appended.parquet").to_pandas()["item"])
assert "".join(pq.read_table("appended.parquet")["item"].to_pylist()) == "abacbc"
print(f"seen: written abacbc in two steps, read {read}")
assert read == "bcbcbc"

pq.write_table(pa.table({"item": list("abacdc")}), "groups.parquet", row_group_size=3)
read = "".join(fastparquet.ParquetFile("groups.parquet").to_pandas(categories=["item"])["item"])
print(f"seen: written abacdc in two row groups, read {read}")
assert read == "cdccdc"
PY
