#!/usr/bin/env bash
# LightGBM: a user for whom nothing is relevant counts as ranked perfectly.
#
# Versions   lightgbm 4.7.0, numpy 2.4.6, scipy 1.17.1 (Python 3.11 or newer, Linux x86-64; needs the system's libgomp).
# Guessed    NDCG and MAP of a query without relevant rows are undefined: left out, or 0, as ranking libraries do.
# Behaviour  LightGBM's `ndcg` and `map` count 1.0 for it. The more users have no purchase in the validation rows, the nearer the figure
#            to 1, whatever the model does; early stopping sees the same constant, tables of papers see a better model.
# Seen       one user whose only relevant item is third (NDCG@3 0.5, AP 1/3): 0.5 and 0.3333. Beside three users without any: 0.875 and 0.8333.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check lightgbm==4.7.0 numpy==2.4.6 scipy==1.17.1
cd "$work"
"$work/venv/bin/python" - <<'PY'
import lightgbm as lgb
import numpy as np

def metrics(empty_users):
    """A model that may not split keeps the rows' order: the relevant row of the first user stays third."""
    labels = [0, 0, 1] + [0, 0, 0] * empty_users
    rows = np.arange(len(labels), dtype=float).reshape(-1, 1)
    data = lgb.Dataset(rows, label=labels, group=[3] * (1 + empty_users))
    seen = {}
    settings = dict(objective="lambdarank", metric=["ndcg", "map"], eval_at=[3], min_data_in_leaf=1000, verbose=-1)
    lgb.train(settings, data, 1, valid_sets=[data], callbacks=[lgb.record_evaluation(seen)])
    return seen["training"]["ndcg@3"][0], seen["training"]["map@3"][0]

alone, crowd = metrics(0), metrics(3)
print(f"seen: one user: NDCG {alone[0]:.4f}, MAP {alone[1]:.4f}; with three users without relevant items: {crowd[0]:.4f}, {crowd[1]:.4f}")
assert np.allclose(alone, (1 / 2, 1 / 3)) and np.allclose(crowd, ((1 / 2 + 3) / 4, (1 / 3 + 3) / 4))
PY
