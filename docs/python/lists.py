"""From a table in memory to lists: python docs/python/lists.py [folder]. Needs the package and polars."""

import sys
import tempfile
from pathlib import Path

import numpy as np
import polars as pl

import anchorrec

folder = Path(sys.argv[1] if len(sys.argv) > 1 else tempfile.mkdtemp())
draw = np.random.default_rng(1)

# A shop: 60 items of four kinds, and 300 users who mostly stay with one.
kinds = ["tea", "soap", "rope", "bread"]
titles = {f"{kind}-{n}": f"{kind.title()} no. {n}" for kind in kinds for n in range(15)}
items = list(titles)
rows = []
for user in range(300):
    own = kinds[user % 4]
    for item in draw.choice(items, size=10, replace=False, p=[0.9 / 15 if item.startswith(own) else 0.1 / 45 for item in items]):
        rows.append({"user_id": f"user-{user}", "item_id": str(item), "timestamp": 1_700_000_000 + int(draw.integers(10**7))})
frame = pl.DataFrame(rows).sort("timestamp")
print(frame.head(3))

# Features of items, from wherever you have them: here a noisy code of the kind.
code = np.eye(4)[[kinds.index(item.split("-")[0]) for item in items]]
text = np.hstack([code, draw.normal(size=(60, 4))]).astype(np.float32)
image = np.hstack([code, draw.normal(size=(60, 8))]).astype(np.float32)

described = anchorrec.check(frame, text=(items, text), image=(items, image))
print({name: described[name] for name in ("users", "items", "pairs", "problems")})

data = anchorrec.prepare(frame, folder / "shop", text=(items, text), image=(items, image), titles=titles)
print("rows in training, validation, test:", data.report["splits"])

settings = {"train.batch_size": 256, "train.learning_rate": 0.01}
run = anchorrec.train(data, epochs=20, settings=settings, out=folder / "runs", progress=False)
print(run)
print("test Recall@20:", round(run.evaluate()["test"]["recall@20"], 4))

# Vectors are the run's own memory: nothing is copied, and nothing can be changed.
print(run.user_vectors.shape, run.item_vectors.dtype, run.item_vectors.flags.writeable)

lists = run.recommend(["user-0", "user-1"], top=3)
print(pl.DataFrame(lists.columns()))
print("new:", run.recommend(new_users={"Zoe": ["rope-1", "rope-7"]}, top=3)["Zoe"])
print("similar:", run.similar("soap-3", top=3)["soap-3"])

# The same metrics for lists of anybody.
truth = {"user-0": ["tea-1"], "user-1": ["soap-2"]}
print({name: round(value, 4) for name, value in anchorrec.evaluate(lists, truth, at=[3]).items()})
