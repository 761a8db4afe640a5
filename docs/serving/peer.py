"""The same job in Python: lists of known users over HTTP, by FastAPI and numpy, or by FastAPI and implicit's own `recommend`. New users are ranked by
numpy: all items by the mean of the vectors of theirs.

    anchorrec export RUN --out vectors --format npy,jsonl
    PEER=numpy VECTORS=vectors HISTORY=history.npz uvicorn peer:app --port 8081 --workers 2 --no-access-log

`HISTORY` is written from `anchorrec.inter` by `python peer.py DATA/NAME.inter vectors history.npz`.
"""

import os
import sys

import numpy as np
from scipy import sparse


def history(inter, vectors, out):
    """Writes the users' training items as rows of the exported vectors."""
    place = {"user": {}, "item": {}}
    for kind in place:
        with open(f"{vectors}/{kind}s.ids.txt", encoding="utf-8") as lines:
            place[kind] = {line.rstrip("\n"): row for row, line in enumerate(lines)}
    names = {"user": names_of(os.path.dirname(inter), "u"), "item": names_of(os.path.dirname(inter), "i")}
    rows, columns = [], []
    with open(inter, encoding="utf-8") as lines:
        head = next(lines).rstrip("\n").split("\t")
        user, item, label = (head.index(name) for name in ["userID", "itemID", "x_label"])
        for line in lines:
            fields = line.rstrip("\n").split("\t")
            if fields[label] == "0":
                rows.append(place["user"][names["user"].get(fields[user], fields[user])])
                columns.append(place["item"][names["item"].get(fields[item], fields[item])])
    shape = (len(place["user"]), len(place["item"]))
    sparse.save_npz(out, sparse.csr_matrix((np.ones(len(rows), np.float32), (rows, columns)), shape=shape))


def names_of(folder, letter):
    """What numbers are called outside, where the data set says it."""
    path = f"{folder}/{letter}_id_mapping.csv"
    if not os.path.exists(path):
        return {}
    with open(path, encoding="utf-8") as lines:
        head = next(lines).rstrip("\n").replace("\t", ",").split(",")
        number = next(n for n, name in enumerate(head) if name in ("userID", "itemID"))
        pairs = (line.rstrip("\n").replace("\t", ",").split(",") for line in lines)
        return {fields[number]: fields[1 - number] for fields in pairs}


if __name__ == "__main__":
    history(*sys.argv[1:])
    sys.exit()

from fastapi import FastAPI, HTTPException  # noqa: E402
from pydantic import BaseModel  # noqa: E402

VECTORS = os.environ["VECTORS"]
users, items = (np.load(f"{VECTORS}/{kind}.npy").astype(np.float32) for kind in ["users", "items"])
with open(f"{VECTORS}/users.ids.txt", encoding="utf-8") as lines:
    user_rows = {line.rstrip("\n"): row for row, line in enumerate(lines)}
with open(f"{VECTORS}/items.ids.txt", encoding="utf-8") as lines:
    item_ids = [line.rstrip("\n") for line in lines]
item_rows = {item: row for row, item in enumerate(item_ids)}
taken = sparse.load_npz(os.environ["HISTORY"]).tocsr()

app = FastAPI()


def by_numpy(row, top):
    return ranked(users[row], taken.indices[taken.indptr[row] : taken.indptr[row + 1]], top)


def ranked(vector, left_out, top):
    scores = items @ vector
    scores[left_out] = -np.inf
    best = np.argpartition(scores, -top)[-top:]
    best = best[np.argsort(-scores[best], kind="stable")]
    return best, scores[best]


if os.environ.get("PEER") == "implicit":
    from implicit.cpu.als import AlternatingLeastSquares

    model = AlternatingLeastSquares(factors=users.shape[1], num_threads=1)
    model.user_factors, model.item_factors = users, items

    def recommended(row, top):
        return model.recommend(row, taken[row], N=top, filter_already_liked_items=True)

else:
    recommended = by_numpy


@app.get("/recommend")
def recommend(user: str, top: int = 20):
    row = user_rows.get(user)
    if row is None:
        raise HTTPException(404, "the user is not known")
    return answer(user, *recommended(row, top))


class New(BaseModel):
    items: list[str]
    top: int = 20


@app.post("/recommend")
def recommend_to(new: New):
    unknown = [item for item in new.items if item not in item_rows]
    if unknown or not new.items:
        raise HTTPException(422, f"no items that are known: {unknown}")
    own = sorted({item_rows[item] for item in new.items})
    return answer(None, *ranked(items[own].mean(axis=0), own, new.top))


def answer(user, best, scores):
    return {"user": user, "items": [{"item": item_ids[i], "score": float(s)} for i, s in zip(best, scores)]}
