"""Makes the interactions that docs/performance.md measures `anchorrec prepare` with: DIR/csv/clicks.csv and DIR/parquet/clicks.parquet.

    python docs/performance/prepare_data.py DIR [--rows 5000000]

A tenth as many users and a fiftieth as many items as rows, at random; the popularity of items falls as 1/rank, users are alike. Ids are texts of 13 and 10
letters and digits, times are seconds of two years. The same rows stand in both files, in one random order.
"""

import argparse
from pathlib import Path

import numpy as np
import polars as pl


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("dir", type=Path)
    parser.add_argument("--rows", type=int, default=5_000_000)
    options = parser.parse_args()
    rows, users, items = options.rows, options.rows // 10, options.rows // 50
    rng = np.random.default_rng(0)
    weights = 1.0 / np.arange(1, items + 1)
    cumulative = np.cumsum(weights / weights.sum())
    item = np.searchsorted(cumulative, rng.random(rows)).clip(0, items - 1)
    table = pl.DataFrame(
        {
            "user_id": rng.integers(0, users, rows),
            "item_id": rng.permutation(items)[item],
            "timestamp": rng.integers(1_400_000_000, 1_463_000_000, rows),
        }
    ).with_columns(
        pl.format("A{}", pl.col("user_id").cast(pl.String).str.zfill(12)).alias("user_id"),
        pl.format("B{}", pl.col("item_id").cast(pl.String).str.zfill(9)).alias("item_id"),
    )
    for folder in ("csv", "parquet"):
        (options.dir / folder).mkdir(parents=True, exist_ok=True)
    table.write_csv(options.dir / "csv" / "clicks.csv")
    table.write_parquet(options.dir / "parquet" / "clicks.parquet")


if __name__ == "__main__":
    main()
