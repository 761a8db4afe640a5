"""Runs every command of docs/layouts.md on a small folder of exactly that layout.

    pip install numpy pandas pyarrow
    python docs/layouts/check.py target/release/anchorrec

Names, columns, headers and separators are those of the published files; the rows are made up. A data set of the page's first two tables without a
folder here is a failure, and so is a command that ends badly or reads another number of rows than there are.
"""

import gzip
import json
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

PAGE = pathlib.Path(__file__).resolve().parent.parent / "layouts.md"
# Twelve users and nine items, six or so to each; a rating and a time.
PAIRS = [(user, item) for user in range(12) for item in range(9) if (user + item) % 3]
ROWS = [(user, item, 3 + (user + item) % 3, 1_400_000_000 + 1000 * n) for n, (user, item) in enumerate(PAIRS)]
GOOD = sum(rating >= 4 for _, _, rating, _ in ROWS)
VECTORS = np.random.default_rng(1).normal(size=(9, 4)).astype("float32")


def asin(item):
    return f"B{item:09}"


def reviewer(user):
    return f"A{user:013}"


def table(path, rows, header=None, separator=","):
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = ([header] if header else []) + [list(map(str, row)) for row in rows]
    path.write_text("".join(separator.join(line) + "\n" for line in lines))


def movielens_100k(folder):
    table(folder / "u.data", [(u + 1, i + 1, r, t) for u, i, r, t in ROWS], separator="\t")
    return GOOD


def movielens_1m(folder):
    table(folder / "ratings.dat", [(u + 1, i + 1, r, t) for u, i, r, t in ROWS], separator="::")
    return GOOD


def movielens_20m(folder):
    rows = [(u + 1, i + 1, f"{r}.0", t) for u, i, r, t in ROWS]
    table(folder / "ratings.csv", rows, ["userId", "movieId", "rating", "timestamp"])
    table(folder / "tags.csv", [(1, 1, "classic", 1_439_472_355)], ["userId", "movieId", "tag", "timestamp"])
    films = [(i + 1, f'"Film, the {i} (1999)"', "Comedy|Drama") for i in range(9)]
    table(folder / "movies.csv", films, ["movieId", "title", "genres"])
    table(folder / "links.csv", [(i + 1, 114709, 862) for i in range(9)], ["movieId", "imdbId", "tmdbId"])
    return GOOD


def amazon_2014(folder):
    table(folder / "ratings_Toys_and_Games.csv", [(reviewer(u), asin(i), f"{r}.0", t) for u, i, r, t in ROWS])
    return len(ROWS)


def amazon_2018(folder):
    table(folder / "Toys_and_Games.csv", [(asin(i), reviewer(u), f"{r}.0", t) for u, i, r, t in ROWS])
    return len(ROWS)


def amazon_2023(folder):
    rows = [(f"AE{u:026}", asin(i), f"{r}.0", 1000 * t + 7) for u, i, r, t in ROWS]
    table(folder / "Toys_and_Games.csv", rows, ["user_id", "parent_asin", "rating", "timestamp"])
    meta = pd.DataFrame({"parent_asin": [asin(i) for i in range(9)], "title": [f"Toy {i}" for i in range(9)], "price": 1.5})
    meta.to_parquet(folder / "meta_Toys.parquet")
    return len(ROWS)


def lists():
    """Train, validation and test items of every user."""
    items = [[i for user, i in PAIRS if user == u] for u in range(12)]
    return [{u: part(items[u]) for u in range(12)} for part in (lambda l: l[:-2], lambda l: l[-2:-1], lambda l: l[-1:])]


def lightgcn(folder):
    train, valid, test = lists()
    lines = [[u, *train[u], *valid[u]] for u in train] + [[12]]
    # The published amazon-book has users without items, with a blank behind them.
    (folder / "train.txt").write_text("".join(" ".join(map(str, l)) + (" " if len(l) == 1 else "") + "\n" for l in lines))
    (folder / "test.txt").write_text("".join(f"{u} {test[u][0]}\n" for u in test))
    return len(ROWS)


def lattice(folder):
    (folder / "5-core").mkdir()
    for name, part in zip(["train", "val", "test"], lists()):
        (folder / f"5-core/{name}.json").write_text(json.dumps({str(u): items for u, items in part.items()}))
    return len(ROWS)


def recbole(folder):
    head = ["user_id:token", "item_id:token", "rating:float", "timestamp:float"]
    table(folder / "mini.inter", [(f"u{u}", f"i{i}", r, t) for u, i, r, t in ROWS], head, "\t")
    items = [(f"i{i}", f"Item {i}", " ".join(map(str, VECTORS[i]))) for i in range(9)]
    table(folder / "mini.item", items, ["item_id:token", "title:token_seq", "item_emb:float_seq"], "\t")
    return len(ROWS)


def mmrec(folder):
    part = lambda place: 2 if place % 6 == 5 else 1 if place % 6 == 4 else 0
    rows = [(u, i, f"{r}.0", t, part(n)) for n, (u, i, r, t) in enumerate(ROWS)]
    table(folder / "baby.inter", rows, ["userID", "itemID", "rating", "timestamp", "x_label"], "\t")
    np.save(folder / "text_feat.npy", VECTORS)
    np.save(folder / "image_feat.npy", VECTORS.astype("float64"))
    return None


def microlens(folder):
    for size in ["50k", "100k"]:
        rows = [(u + 1, i + 1, 1000 * t + 552) for u, i, _, t in ROWS]
        table(folder / f"MicroLens-{size}_pairs.csv", rows, ["user", "item", "timestamp"])
        each = [(u + 1, " ".join(str(i + 1) for v, i in PAIRS if v == u)) for u in range(12)]
        table(folder / f"MicroLens-{size}_pairs.tsv", each, separator="\t")
    np.save(folder / "MicroLens-100k_title_en_text_features_BgeM3.npy", VECTORS)
    ids = [(i + 1,) for i in range(9)]
    table(folder / "MicroLens-100k_title_en_text_features_BgeM3.ids.csv", ids, ["item"])
    return len(ROWS)


def hm(folder):
    day = lambda n: str(pd.Timestamp("2018-09-20") + pd.Timedelta(n, "D"))[:10]
    rows = [(day(n // 2), f"{u:064x}", f"0{663713000 + i}", "0.0508", 2) for n, (u, i, *_) in enumerate(ROWS)]
    table(folder / "transactions_train.csv", rows, ["t_dat", "customer_id", "article_id", "price", "sales_channel_id"])
    articles = [(f"0{663713000 + i}", 663713, f"Top {i}", f'"A top, number {i}."') for i in range(9)]
    table(folder / "articles.csv", articles, ["article_id", "product_code", "prod_name", "detail_desc"])
    return len(ROWS)


def yambda(folder):
    seconds = pa.array([106_910 + 5 * n for n in range(len(ROWS))], pa.uint32())
    users, items = (pa.array([100 + row[at] for row in ROWS], pa.uint32()) for at in (0, 1))
    organic = pa.array([1] * len(ROWS), pa.uint8())
    likes = pa.table({"uid": users, "timestamp": seconds, "item_id": items, "is_organic": organic})
    pq.write_table(likes, folder / "likes.parquet")
    pq.write_table(likes, folder / "dislikes.parquet")
    embed = pa.array([row.astype("float64").tolist() for row in VECTORS])
    ids = pa.array([100 + i for i in range(9)], pa.uint32())
    pq.write_table(pa.table({"item_id": ids, "embed": embed, "normalized_embed": embed}), folder / "embeddings.parquet")
    return len(ROWS)


def mind(folder):
    for name, part in [("MINDsmall_train", 0), ("MINDsmall_dev", 1)]:
        rows = [(u, i) for u, i in PAIRS if (i == 8) == (part == 1)]
        lines = [
            (n + 1, f"U{u}", f"11/{11 + part}/2019 9:{n % 60:02}:58 AM", "N1 N2", f"N{i}-1 N{(i + 3) % 9}-0")
            for n, (u, i) in enumerate(rows)
        ]
        table(folder / name / "behaviors.tsv", lines, separator="\t")
        news = [(f"N{i}", "sports", "soccer", f'"Title" {i}', "Abstract", "https://x", "[]", "[]") for i in range(9)]
        table(folder / name / "news.tsv", news, separator="\t")
        (folder / name / "entity_embedding.vec").write_text("Q1\t0.1\n")
    return len(ROWS)


def vk(folder):
    (folder / "interactions").mkdir()
    for week in range(2):
        rows = ROWS[week::2]
        users, items = (pa.array([100 + row[at] for row in rows], pa.uint32()) for at in (0, 1))
        watched = pa.array([20] * len(rows), pa.uint8())
        columns = {"user_id": users, "item_id": items, "timespent": watched, "share": pa.array([False] * len(rows))}
        pq.write_table(pa.table(columns), folder / f"interactions/week_{week:02}.parquet")
    ids = np.array([100 + i for i in range(9)], dtype="uint32")
    np.savez(folder / "item_embeddings.npz", item_id=ids, embedding=VECTORS.astype("float16"))
    return len(ROWS)


def amazon_reviews(folder):
    with gzip.open(folder / "reviews_Toys_and_Games_5.json.gz", "wt") as out:
        for u, i, r, t in ROWS:
            row = {"reviewerID": reviewer(u), "asin": asin(i), "helpful": [0, 1], "reviewText": "Fine.", "overall": float(r)}
            out.write(json.dumps(row | {"unixReviewTime": t, "reviewTime": "07 3, 2014"}) + "\n")
    return len(ROWS)


FOLDERS = {
    "MovieLens 100K": movielens_100k,
    "MovieLens 1M, 10M": movielens_1m,
    "MovieLens 20M, 25M, 32M, latest": movielens_20m,
    "MovieLens": movielens_20m,
    "Amazon 2014": amazon_2014,
    "Amazon 2018": amazon_2018,
    "Amazon 2023": amazon_2023,
    "Gowalla, Yelp2018, Amazon-book of LightGCN": lightgcn,
    "Amazon's categories of LATTICE": lattice,
    "RecBole's collection": recbole,
    "RecBole": recbole,
    "MMRec's folders": mmrec,
    "MicroLens": microlens,
    "H&M": hm,
    "Yambda": yambda,
    "MIND": mind,
    "VK-LSVD": vk,
    "Amazon's reviews": amazon_reviews,
}


def rows_of_page():
    """Data set and command of each row of the first two tables."""
    page = PAGE.read_text().split("\n| from |")[0]
    last = None
    for line in page.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("| ") and len(cells) == 3 and cells[0] != "data set":
            command = re.search(r"`(anchorrec (?:prepare|train) [^`]*)`", cells[2])
            # `the same` as the row before.
            last = command.group(1) if command else last
            yield cells[0], last


def main():
    anchorrec = str(pathlib.Path(sys.argv[1]).resolve())
    failures = 0
    for name, command in rows_of_page():
        with tempfile.TemporaryDirectory() as place:
            folder = pathlib.Path(place) / "data"
            folder.mkdir()
            want = FOLDERS[name](folder)
            words = shlex.split(command.replace("FOLDER", str(folder)))[1:]
            words += ["--epochs", "1", "--model", "lightgcn"] if words[0] == "train" else []
            done = subprocess.run([anchorrec, *words], cwd=place, capture_output=True, text=True)
            steps = re.findall(r"^(?:positives|rows) +[\d,]+ +[\d,]+ +([\d,]+)", done.stdout, re.M)
            got = int(steps[-1].replace(",", "")) if steps else None
            good = done.returncode == 0 and got == want
            failures += not good
            print(f"{'ok  ' if good else 'FAIL'} {name}: {command}")
            if not good:
                print(f"     status {done.returncode}, rows {got}, expected {want}\n{done.stdout}{done.stderr}")
    sys.exit(failures > 0)


if __name__ == "__main__":
    main()
