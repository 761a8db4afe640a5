#!/usr/bin/env bash
# DuckDB: item ids of HUGEINT come back from Parquet as fewer items.
#
# Versions   duckdb 2.0.1 (Python 3.11 or newer).
# Guessed    COPY ... TO 'x.parquet' writes whole numbers as whole numbers, or says that it cannot.
# Behaviour  Parquet has no integer of 128 bits, and HUGEINT is written as DOUBLE without a word. So are ids that went through sum() or a hash that is
#            HUGEINT. Above 2^53 neighbours become one id; below it they come back as 31.0.
# Seen       2^53, 2^53 + 1, 2^53 + 2, 2^53 + 3: four ids go in, three come out, of the type DOUBLE. sum() of BIGINT: DOUBLE too.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check duckdb==2.0.1
cd "$work"
"$work/venv/bin/python" - <<'PY'
import duckdb

table = duckdb.connect()
table.execute("copy (select (9007199254740992::HUGEINT + i) as item_id from range(4) t(i)) to 'ids.parquet'")
table.execute("copy (select sum(i::BIGINT) as item_id from range(4) t(i)) to 'sum.parquet'")
distinct = table.execute("select count(distinct item_id) from 'ids.parquet'").fetchone()[0]
types = [table.execute(f"describe select * from '{name}.parquet'").fetchone()[1] for name in ("ids", "sum")]
print(f"seen: {distinct} of 4 ids, types {types}")
assert distinct == 3 and types == ["DOUBLE", "DOUBLE"]
PY
