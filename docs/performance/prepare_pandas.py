"""The steps of `anchorrec prepare FILE --k-core 5 --split user-time` as notebooks do them in pandas: counts and `isin` in a loop, a dictionary for
the ids, the split user by user.

    python docs/performance/prepare_pandas.py FILE OUT
"""

import sys
from pathlib import Path

import pandas as pd


def main(path, out):
    out = Path(out)
    out.mkdir(parents=True, exist_ok=True)
    rows = pd.read_parquet(path) if path.endswith(".parquet") else pd.read_csv(path)
    rows = rows.sort_values("timestamp", kind="stable").drop_duplicates(["user_id", "item_id"]).sort_index()
    while True:
        before = len(rows)
        users, items = rows["user_id"].value_counts(), rows["item_id"].value_counts()
        few_users, few_items = users.index[users < 5], items.index[items < 5]
        rows = rows[~(rows["user_id"].isin(few_users) | rows["item_id"].isin(few_items))]
        if len(rows) == before:
            break
    for name, ours, file in (("user_id", "userID", "u_id_mapping.csv"), ("item_id", "itemID", "i_id_mapping.csv")):
        numbers = {}
        for value in rows[name]:
            numbers.setdefault(value, len(numbers))
        rows[ours] = rows[name].map(numbers)
        pd.DataFrame({name: list(numbers), ours: list(numbers.values())}).to_csv(out / file, sep="\t", index=False)
    labels = pd.Series(0, index=rows.index)
    for _, of_user in rows.groupby("userID"):
        of_user = of_user.sort_values("timestamp", kind="stable")
        places, times, n = of_user.index, of_user["timestamp"].to_numpy(), len(of_user)
        valid, test = (0, 0) if n < 3 else (1, 1) if n < 10 else (n // 5 // 2, n // 5 - n // 5 // 2)
        # Rows of one time stay on one side.
        aside = [n - valid - test, n - test]
        for k, border in enumerate(aside):
            if 0 < border < n and times[border] == times[border - 1]:
                first = times.searchsorted(times[border])
                aside[k] = first if first > 0 else times.searchsorted(times[border], "right")
        labels[places[aside[0] : aside[1]]] = 1
        labels[places[aside[1] :]] = 2
    rows["x_label"] = labels
    rows[["userID", "itemID", "timestamp", "x_label"]].to_csv(out / "ready.inter", sep="\t", index=False)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
