#!/usr/bin/env bash
# numpy: a float16 embedding of length 300 has the norm inf, and normalising it gives zeros.
#
# Versions   numpy 2.4.6 (Python 3.11 or newer, Linux x86-64).
# Guessed    float16 holds numbers up to 65,504 and numpy's mean of float16 widens on the way, so the norm of a vector of 100 thirties is 300.
# Behaviour  norm, std and var square and add in float16. From a length of 256 on the square is beyond 65,504 and the norm is inf, so
#            row / norm(row) is a row of zeros, and its cosine with everything is 0. std of a constant column is inf. mean alone widens.
# Seen       100 numbers of 30: norm inf (float32: 300.0), row / norm: all 0. 10,000 numbers of 30: mean 30.0, std inf (float32: 0.0).
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check numpy==2.4.6
cd "$work"
"$work/venv/bin/python" - <<'PY'
import numpy as np

np.seterr(all="ignore")   # the RuntimeWarning of an overflow does not change the result
row = np.full(100, 30, dtype=np.float16)
norm, wide = np.linalg.norm(row), np.linalg.norm(row.astype(np.float32))
unit = row / norm
column = np.full(10_000, 30, dtype=np.float16)
print(f"seen: norm {norm} (float32: {wide}), row / norm: {np.unique(unit)}; column: mean {column.mean()}, std {column.std()}")
assert np.isinf(norm) and wide == 300 and not unit.any()
assert column.mean() == 30 and np.isinf(column.std()) and column.astype(np.float32).std() == 0
PY
