#!/usr/bin/env python3
"""Measures `anchorrec prepare` beside polars and pandas, in turns on the same files, and prints the table of docs/performance.md.

    cargo build --release -p anchorrec-cli --no-default-features --features parquet
    pip install polars pandas pyarrow numpy
    python docs/performance/prepare.py DIR --large

DIR takes what prepare_data.py makes, and what the runs write: 1 GB, with --large (15 and 50 million rows, ours alone) 6 GB. Needs GNU time. Every program
must write the same interactions and mappings, byte for byte, or this ends with an error. Medians of three runs; pandas, which takes minutes, runs once.
"""

import argparse
import filecmp
import shlex
import statistics
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
FILES = ("parquet", "csv")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("dir", type=Path)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--large", action="store_true", help="also 15 and 50 million rows, ours alone")
    parser.add_argument("--no-pandas", action="store_true")
    parser.add_argument("--prefix", default="", help="a command that every measured one is put behind, such as `taskset -c 0,1`")
    options = parser.parse_args()
    binary = ROOT / "target/release/anchorrec"

    def data(millions):
        folder = options.dir / f"{millions}m"
        if not (folder / "parquet/clicks.parquet").exists():
            subprocess.run([sys.executable, HERE / "prepare_data.py", folder, "--rows", str(millions * 1_000_000)], check=True)
        return folder

    def run(program, folder, file):
        """Seconds and MiB."""
        out = options.dir / f"out-{program}"
        source = folder / file
        command = {
            "ours": [binary, "prepare", source, "--out", out, "--name", "ready", "--k-core", "5", "--split", "user-time"],
            "polars": [sys.executable, HERE / "prepare_polars.py", source / f"clicks.{file}", out],
            "pandas": [sys.executable, HERE / "prepare_pandas.py", source / f"clicks.{file}", out],
        }[program]
        said = options.dir / "time.txt"
        timed = [*shlex.split(options.prefix), "/usr/bin/time", "-f", "%e %M", "-o", said, *command]
        subprocess.run(timed, check=True, stdout=subprocess.DEVNULL)
        if program != "ours" and (options.dir / "out-ours").exists():
            names = ["ready.inter", "u_id_mapping.csv", "i_id_mapping.csv"]
            _, differ, absent = filecmp.cmpfiles(out, options.dir / "out-ours", names, shallow=False)
            if differ or absent:
                sys.exit(f"{program} from {file}: {differ + absent} are not ours")
        seconds, kib = said.read_text().split()
        print(program, folder.name, file, seconds, "s", int(kib) // 1024, "MiB", file=sys.stderr, flush=True)
        return float(seconds), int(kib) / 1024

    millions = 5
    folder = data(millions)
    measured = {}
    for _ in range(options.runs):
        for file in FILES:
            for program in ("ours", "polars"):
                measured.setdefault((program, file), []).append(run(program, folder, file))
    if not options.no_pandas:
        for file in FILES:
            measured["pandas", file] = [run("pandas", folder, file)]
    print("| 5 million rows | from | s | MiB | times our seconds | times our memory |\n|---|---|---|---|---|---|")
    median = {key: tuple(statistics.median(column) for column in zip(*all)) for key, all in measured.items()}
    for (program, file), (seconds, mib) in median.items():
        ours = median["ours", file]
        print(f"| {program} | {file} | {seconds:.2f} | {mib:,.0f} | {seconds / ours[0]:.1f} | {mib / ours[1]:.1f} |")
    if options.large:
        print("\n| million rows | from | s | MiB | seconds for a million |\n|---|---|---|---|---|")
        for millions in (5, 15, 50):
            folder = data(millions)
            for file in FILES:
                seconds, mib = run("ours", folder, file) if millions > 5 else median["ours", file]
                print(f"| {millions} | {file} | {seconds:.2f} | {mib:,.0f} | {seconds / millions:.2f} |")


if __name__ == "__main__":
    main()
