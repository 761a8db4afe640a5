"""What a refit and a warm start are worth on a split by time: the table of docs/refit-and-warm-start.md.

    cargo build --release -p anchorrec-cli
    python docs/refit-and-warm-start/compare.py DATA --out DIR --model lightgcn

DATA is a ready data set whose .inter file has a column `timestamp`, such as Amazon Sports. Needs Python 3.9 and nothing else. It writes three ready
folders into DIR, trains and judges with the command, and prints a table:

    yesterday   rows before 1 November of --year, October as validation
    today       rows before the next 1 January, December as validation; more users, more items, in another order
    later       the same users and items as `today`; its test rows are those of the years after, which no run has seen

What is finished is not trained again, so the script can be interrupted.
"""

import argparse
import collections
import datetime
import json
import pathlib
import random
import subprocess
import sys

FEATURES = ["mm_feat.npy", "text_feat.npy", "image_feat.npy"]


def day(year, month):
    return datetime.datetime(year, month, 1, tzinfo=datetime.timezone.utc).timestamp()


def read(folder):
    (path,) = folder.glob("*.inter")
    lines = path.read_text().splitlines()
    names = lines[0].split("\t")
    columns = [names.index(name) for name in ("userID", "itemID", "timestamp")]
    rows = [[int(float(fields[c])) for c in columns] for fields in (line.split("\t") for line in lines[1:])]
    ids = [line.split("\t") for line in (folder / "i_id_mapping.csv").read_text().splitlines()]
    ours = ids[0].index("itemID")
    return rows, {int(row[ours]): row[1 - ours] for row in ids[1:]}


def features(path):
    """The bytes of each row of a .npy file, and its header as a dictionary."""
    data = path.read_bytes()
    assert data[:6] == b"\x93NUMPY" and data[6] == 1, f"{path}: expected version 1.0 of the format"
    end = 10 + int.from_bytes(data[8:10], "little")
    header = eval(data[10:end], {"__builtins__": {}})
    rows, _ = header["shape"]
    size = (len(data) - end) // rows
    return header, [data[end + k * size : end + (k + 1) * size] for k in range(rows)]


def write_features(path, header, rows):
    text = str({**header, "shape": (len(rows), header["shape"][1])})
    text = text.ljust((10 + len(text) + 1 + 63) // 64 * 64 - 11) + "\n"
    path.write_bytes(b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text.encode() + b"".join(rows))


def write(folder, name, rows, label, asins, tables, seed):
    """A ready folder: users and items that have a row, numbered in an order of its own."""
    folder.mkdir(parents=True, exist_ok=True)
    shuffle = random.Random(seed).shuffle
    users, items = sorted({row[0] for row in rows}), sorted({row[1] for row in rows})
    shuffle(users)
    shuffle(items)
    user, item = {u: k for k, u in enumerate(users)}, {i: k for k, i in enumerate(items)}
    lines = [f"{user[u]}\t{item[i]}\t{label(t)}" for u, i, t in rows]
    (folder / f"{name}.inter").write_text("\n".join(["userID\titemID\tx_label", *lines]) + "\n")
    (folder / "u_id_mapping.csv").write_text("\n".join(["reviewer\tuserID", *(f"r{u}\t{k}" for k, u in enumerate(users))]) + "\n")
    (folder / "i_id_mapping.csv").write_text("\n".join(["asin\titemID", *(f"{asins[i]}\t{k}" for k, i in enumerate(items))]) + "\n")
    for file, (header, table) in tables.items():
        write_features(folder / file, header, [table[i] for i in items])


def prepare(data, out, year):
    rows, asins = read(data)
    end_of_today = day(year + 1, 1)
    tables = {file: features(data / file) for file in FEATURES if (data / file).is_file()}
    for name, valid, end in [("yesterday", day(year, 10), day(year, 11)), ("today", day(year, 12), end_of_today)]:
        known = [row for row in rows if row[2] < end]
        write(out / name, name, known, lambda t: int(t >= valid), asins, tables, name)
    known = [row for row in rows if row[2] < end_of_today]
    users, items = {row[0] for row in known}, {row[1] for row in known}
    later = [row for row in rows if row[2] >= end_of_today]
    kept = [row for row in later if row[0] in users and row[1] in items]
    print(f"later: {len(kept):,} of {len(later):,} rows are of users and items of `today`, {len({row[0] for row in kept}):,} users", file=sys.stderr)
    write(out / "later", "later", known + kept, lambda t: 2 * int(t >= end_of_today), asins, {}, "today")


def call(*words):
    print("$", *words, file=sys.stderr, flush=True)
    done = subprocess.run([str(word) for word in words], stdout=subprocess.PIPE, text=True)
    if done.returncode != 0:
        sys.exit(f"{words[1]} ended with status {done.returncode}")
    return done.stdout


def train(options, *words):
    """Trains, or finds trained, and returns the run's report."""
    out = call(options.anchorrec, "train", "--out", options.out / "runs", "--resume", *words)
    (path,) = [line.removeprefix("report: ") for line in out.splitlines() if line.startswith("report: ")]
    return pathlib.Path(path), json.loads(pathlib.Path(path).read_text())


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("data", type=pathlib.Path)
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--model", default="lightgcn")
    parser.add_argument("--year", type=int, default=2012)
    parser.add_argument("--seeds", type=int, nargs="+", default=[999])
    parser.add_argument("--anchorrec", default="target/release/anchorrec")
    parser.add_argument("--set", action="append", default=[])
    options = parser.parse_args()
    if not (options.out / "later").is_dir():
        prepare(options.data, options.out, options.year)
    said = [word for setting in options.set for word in ("--set", setting)]
    lists = collections.defaultdict(list)
    print(
        f"| {options.model}, seed | trained on | epochs | best | steps to it | validation Recall@20, December | "
        f"Recall@20, {options.year + 1} on | NDCG@20, {options.year + 1} on |"
    )
    print("|---|---|---|---|---|---|---|---|")
    for seed in options.seeds:
        model = ["--model", options.model, "--seeds", seed, *said]
        yesterday, first = train(options, "--data", options.out / "yesterday", *model)
        cold, cold_report = train(options, "--data", options.out / "today", *model)
        warm, warm_report = train(options, "--data", options.out / "today", "--warm-start", yesterday.parent, "--seeds", seed)
        runs = {"today": (cold, cold_report), "today, warm start": (warm, warm_report)}
        for name in list(runs):
            runs[name + ", refit"] = train(options, "--refit", runs[name][0].parent)
        for name, (path, report) in runs.items():
            file = options.out / f"{options.model}-{seed}-{name.replace(', ', '-').replace(' ', '-')}.csv"
            call(options.anchorrec, "recommend", path.parent, "--exclude", "all", "--top", 20, "--out", file)
            lists[name].append(file)
        judged = options.out / f"{options.model}-{seed}.json"
        files = [of[-1] for of in lists.values()]
        print(call(options.anchorrec, "evaluate", *files, "--data", options.out / "later", "--at", 20, "--json", judged), file=sys.stderr)
        for (name, (_, report)), of in zip(runs.items(), json.loads(judged.read_text())["lists"]):
            run, metrics = report["runs"][0], of["metrics"]
            steps = -(-report["data"]["train"] // report["config"]["train"]["batch_size"]) * run["best_epoch"]
            valid = f"{run['valid']['recall@20']:.4f}" if run["valid"] else "-"
            cells = []
            for metric in ("recall@20", "ndcg@20"):
                value, test = metrics[metric], of.get("against_first", {}).get(metric)
                against = "" if test is None else f" ({test['mean']:+.4f}, {test['interval'][0]:+.4f} to {test['interval'][1]:+.4f})"
                cells.append(f"{value['value']:.4f}{against}")
            print(f"| {seed} | {name} | {run['epochs_run']} | {run['best_epoch']} | {steps:,} | {valid} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
