"""Reads the lists of `anchorrec recommend` and the vectors of `anchorrec export` with pandas, polars, pyarrow, numpy and safetensors, and compares them.

    pip install -r docs/exporting-results/requirements.txt
    python docs/exporting-results/lists.py RUN

RUN is the folder of a finished run. The lists as CSV, JSON lines, Parquet and a TREC run must be the same to the last bit; so must the vectors in every format.
"""

import argparse
import json
import pathlib
import subprocess
import tempfile

import numpy
import pandas
import polars
import pyarrow
import pyarrow.parquet
from safetensors import safe_open


def plain(frame):
    """Rows of user, rank, item and score, whatever read them."""
    columns = [list(frame[name]) for name in ("user", "rank", "item", "score")]
    return [(str(user), int(rank), str(item), numpy.float32(score)) for user, rank, item, score in zip(*columns)]


def lists(call, folder):
    for ending in ("csv", "jsonl", "parquet", "run"):
        call("recommend", "--out", folder / f"top.{ending}")
    text = {"user": str, "item": str}
    read = {"CSV by pandas": plain(pandas.read_csv(folder / "top.csv", dtype=text, keep_default_na=False))}
    read["CSV by polars"] = plain(polars.read_csv(folder / "top.csv", schema_overrides={name: polars.String for name in text}))
    read["Parquet by pandas"] = plain(pandas.read_parquet(folder / "top.parquet"))
    read["Parquet by polars"] = plain(polars.read_parquet(folder / "top.parquet"))
    wide = polars.read_ndjson(folder / "top.jsonl").explode("items").unnest("items")
    read["JSON lines by polars"] = plain(wide.with_columns(rank=polars.int_range(1, polars.len() + 1).over("user")))
    rows = pandas.read_json(folder / "top.jsonl", lines=True, dtype=False)
    listed = [(user, rank, item) for user, items in zip(rows["user"], rows["items"]) for rank, item in enumerate(items, 1)]
    read["JSON lines by pandas"] = [(str(user), rank, str(item["item"]), numpy.float32(item["score"])) for user, rank, item in listed]
    trec = pandas.read_csv(folder / "top.run", sep=" ", names=["user", "q0", "item", "rank", "score", "tag"], dtype=text, keep_default_na=False)
    read["TREC run by pandas"] = plain(trec)
    first = read["CSV by pandas"]
    for name, rows in read.items():
        print(f"{name}: {len(rows):,} rows, {'equal' if rows == first else 'OTHER'}")
    return all(rows == first for rows in read.values())


def vectors(call, folder):
    call("export", "--out", folder / "vectors", "--format", "npy,safetensors,parquet,copy,jsonl")
    folder, good = folder / "vectors", True
    for name in ("items", "users"):
        rows = numpy.load(folder / f"{name}.npy")
        ids = (folder / f"{name}.ids.txt").read_text(encoding="utf-8").split("\n")[:-1]
        table = pyarrow.parquet.read_table(folder / f"{name}.parquet")
        kind = table.schema.field("embedding").type
        fixed = pyarrow.types.is_fixed_size_list(kind) and kind.list_size == rows.shape[1] and kind.value_type == pyarrow.float32()
        flat = table["embedding"].combine_chunks().flatten().to_numpy().reshape(rows.shape)
        with safe_open(folder / "vectors.safetensors", "np") as file:
            tensor, order = file.get_tensor(name), json.loads(file.metadata()["anchorrec"])["ids"][name]
        lines = [json.loads(line) for line in (folder / f"{name}.jsonl").read_text(encoding="utf-8").split("\n")[:-1]]
        copied = [line.split("\t")[1] for line in (folder / f"{name}.copy").read_text(encoding="utf-8").split("\n")[:-1]]
        same = {
            "Parquet by pyarrow": fixed and table["id"].to_pylist() == ids and numpy.array_equal(flat, rows),
            "safetensors": order == ids and numpy.array_equal(tensor, rows),
            "JSON lines": [line["id"] for line in lines] == ids and numpy.array_equal(numpy.array([line["vector"] for line in lines], "f4"), rows),
            "COPY": numpy.array_equal(numpy.array([json.loads(line) for line in copied], "f4"), rows),
        }
        print(f"{name}: {rows.shape[0]:,} x {rows.shape[1]} by numpy; " + ", ".join(f"{what} {'equal' if ok else 'OTHER'}" for what, ok in same.items()))
        good &= all(same.values())
    return good


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("run", type=pathlib.Path)
    parser.add_argument("--anchorrec", default="target/release/anchorrec")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:

        def call(command, *words):
            subprocess.run([options.anchorrec, command, options.run, *map(str, words)], check=True, stdout=subprocess.DEVNULL)

        good = [lists(call, pathlib.Path(folder)), vectors(call, pathlib.Path(folder))]
    return 0 if all(good) else 1


if __name__ == "__main__":
    raise SystemExit(main())
