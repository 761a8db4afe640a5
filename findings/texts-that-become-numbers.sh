#!/usr/bin/env bash
# pandas: read_json makes one item of "007" and "7", though both are JSON strings.
#
# Versions   pandas 3.1.1, numpy 2.4.6 (Python 3.11 or newer).
# Guessed    CSV has no types, JSON has: a quoted id stays text.
# Behaviour  read_json turns a column of strings into integers wherever all of them can be read so. Leading zeros are lost, so ids of a shop that
#            begin with 0 merge with others, and the same field is text in one file and integer in the next, by its content. dtype=False keeps it.
# Seen       [{"item": "007"}, {"item": "7"}]: two rows of int64 7.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check pandas==3.1.1 numpy==2.4.6
cd "$work"
"$work/venv/bin/python" - <<'PY'
import io

import pandas as pd

text = '[{"item": "007"}, {"item": "7"}]'
guessed, kept = pd.read_json(io.StringIO(text))["item"], pd.read_json(io.StringIO(text), dtype=False)["item"]
print(f"seen: {guessed.tolist()} of {guessed.dtype}; with dtype=False {kept.tolist()}")
assert guessed.tolist() == [7, 7] and guessed.nunique() == 1 and kept.tolist() == ["007", "7"]
PY
