#!/usr/bin/env bash
# Polars: one random row of every user, with a seed, is the same position for all users.
#
# Versions   polars 2.1.0 (Python 3.11 or newer).
# Guessed    `sample(1, seed=7)` within group_by, or `shuffle(seed=7).over("user")`, draws for each user anew from one seeded stream (pandas' groupby.sample does).
# Behaviour  Each group starts from the seed again. Users with the same number of rows get the same position: a "random" hold-out of a log in order of
#            time is for instance everybody's last row, so a seed chooses between leaving-one-out by time and by anything else. Without a seed,
#            or with set_random_seed alone, positions differ.
# Seen       1,000 users of 5 rows: with seed=7 all 1,000 draw position 0; without a seed each position about 200 times.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check polars==2.1.0
cd "$work"
"$work/venv/bin/python" - <<'PY'
import polars as pl

log = pl.DataFrame({"user": [u for u in range(1000) for _ in range(5)], "position": list(range(5)) * 1000})

def drawn(**seed):
    picks = log.group_by("user").agg(pl.col("position").sample(1, **seed)).explode("position")
    return dict(picks["position"].value_counts().sort("position").rows())

def first(**seed):
    return log.filter(pl.int_range(pl.len()).shuffle(**seed).over("user") == 0)["position"].n_unique()

seeded, free = drawn(seed=7), drawn()
print(f"seen: sample: seed=7 {seeded}, no seed {free}; shuffle over users: {first(seed=7)} position with a seed, {first()} without")
assert list(seeded.values()) == [1000] and first(seed=7) == 1
assert len(free) == 5 and first() == 5
pl.set_random_seed(7)
assert len(drawn()) == 5
PY
