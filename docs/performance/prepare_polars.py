"""The steps of `anchorrec prepare FILE --k-core 5 --split user-time` in polars: repeats, 5-core, ids from 0, the split by the time of each user, files.

    python docs/performance/prepare_polars.py FILE OUT

Of a pair the earliest row stays; ids follow the first appearance; of n rows of a user the last are test, those before them validation, as
`anchorrec_data::split::held_out` says, and rows of one time stay on one side of a border. The three files it writes are those of `anchorrec prepare`, byte for byte.
"""

import sys
from pathlib import Path

import polars as pl


def main(path, out):
    out = Path(out)
    out.mkdir(parents=True, exist_ok=True)
    rows = pl.read_parquet(path) if path.endswith(".parquet") else pl.read_csv(path)
    rows = rows.with_row_index("row").sort("timestamp", "row").unique(["user_id", "item_id"], keep="first").sort("row")
    while True:
        before = rows.height
        rows = rows.filter((pl.len().over("user_id") >= 5) & (pl.len().over("item_id") >= 5))
        if rows.height == before:
            break
    for name, ours, file in (("user_id", "userID", "u_id_mapping.csv"), ("item_id", "itemID", "i_id_mapping.csv")):
        mapping = rows.select(pl.col(name).unique(maintain_order=True)).with_row_index(ours).select(name, ours)
        mapping.write_csv(out / file, separator="\t")
        rows = rows.join(mapping, on=name, maintain_order="left")
    n = pl.len().over("userID").cast(pl.Int64)
    held = pl.when(n < 3).then(0).when(n < 10).then(2).otherwise(n // 5)
    valid = pl.when(n < 3).then(0).when(n < 10).then(1).otherwise(n // 5 // 2)
    rows = rows.sort("userID", "timestamp", "row").with_columns(
        pl.int_range(pl.len()).over("userID").alias("place"),
        (n - held).alias("train"),
        (n - held + valid).alias("test"),
        pl.struct("userID", "timestamp").rle_id().alias("time"),
    )
    # The first place of a row's time, or the one behind its last where nothing would be left to train on.
    begins = pl.col("time") != pl.col("time").shift(1, fill_value=-1)
    ends = pl.col("time") != pl.col("time").shift(-1, fill_value=-1)
    rows = rows.with_columns(
        pl.when(begins).then("place").forward_fill().alias("first"),
        pl.when(ends).then(pl.col("place") + 1).backward_fill().alias("behind"),
    ).with_columns(pl.when(pl.col("first") == 0).then("behind").otherwise("first").alias("aside"))
    borders = [
        pl.when(pl.col("place") == pl.col(border)).then("aside").max().over("userID").fill_null(pl.col(border)).alias(border)
        for border in ("train", "test")
    ]
    rows = rows.with_columns(borders)
    label = pl.when(pl.col("place") < pl.col("train")).then(0).when(pl.col("place") < pl.col("test")).then(1).otherwise(2)
    rows = rows.with_columns(label.alias("x_label")).sort("row")
    rows.select("userID", "itemID", "timestamp", "x_label").write_csv(out / "ready.inter", separator="\t")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
