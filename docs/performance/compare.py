#!/usr/bin/env python3
"""Our figures beside PyTorch's, in one run on one machine: runs `cargo xtask bench` and torch_step.py in turns and prints the
table of docs/performance.md. Nothing else should run meanwhile; it takes about a quarter of an hour.

    python docs/performance/compare.py --json compare.json

PyTorch twice: `tuned` with the choices of torch_step.py's defaults, `autograd` as its formulas are first written down (COO
matrices, differences gathered by edge). Both with fused Adam, on the same data: the synthetic twin that `cargo xtask bench` made.
"""
import argparse, json, pathlib, subprocess, sys, tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
TORCH = {
    "tuned": ["--steps", "20", "--warmup", "3"],
    "autograd": ["--steps", "10", "--warmup", "3", "--sparse", "coo", "--smooth", "gather", "--no-eval"],
    "frozen": ["--steps", "20", "--warmup", "3", "--targets", "frozen", "--no-eval"],
    "lightgcn": ["--model", "lightgcn", "--steps", "0"],
    "lightgcn autograd": ["--model", "lightgcn", "--steps", "0", "--sparse", "coo", "--no-eval"],
}


def run(command):
    print("+", *command, file=sys.stderr, flush=True)
    subprocess.run(command, check=True, cwd=ROOT, stdout=sys.stderr)


def torch(name, folder, data, threads):
    out = folder / (name.replace(" ", "-") + ".json")
    run([sys.executable, str(HERE / "torch_step.py"), "--threads", str(threads), "--data", str(data), "--json", str(out), *TORCH[name]])
    return json.loads(out.read_text())


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--threads", type=int, default=2)
    p.add_argument("--json", type=pathlib.Path, help="also write every number to this file")
    o = p.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        bench = folder / "bench.json"
        run(["cargo", "xtask", "bench", "--json", str(bench)])
        report = json.loads(bench.read_text())
        ours = {row["name"]: row["value"] for row in report["rows"]}
        data = next((ROOT / "target/bench").glob("amazon-sports-*"))
        theirs = {name: torch(name, folder, data, o.threads) for name in TORCH}
        # Once more after PyTorch: a machine that changed meanwhile shows in the difference.
        run(["cargo", "xtask", "bench", "--only", "anchorrec_step_shared", "--json", str(bench)])
        again = next(r["value"] for r in json.loads(bench.read_text())["rows"] if r["name"] == "anchorrec_step_shared")
    step = lambda name: theirs[name]["step_ms"]["total"]["median"] / 1e3
    part = lambda name, *keys: sum(theirs[name]["seconds"][key] for key in keys)
    tuned, light = theirs["tuned"], theirs["lightgcn"]
    epoch = lambda r: r["seconds"].get("epoch_estimate", r["seconds"].get("epoch")) + r["seconds"]["evaluation"]
    knn = ("knn_mm", "knn_text", "knn_vision")
    rows = [
        ("training step, shared targets", "s", ours["anchorrec_step_shared"], step("tuned")),
        ("training step, shared targets, again", "s", again, step("tuned")),
        ("the same, PyTorch as first written", "s", ours["anchorrec_step_shared"], step("autograd")),
        ("training step, frozen targets", "s", ours["anchorrec_step_frozen"], step("frozen")),
        ("epoch with validation", "s", ours["anchorrec_epoch"], epoch(tuned)),
        ("item kNN, vision", "s", ours["knn_vision"], part("tuned", "knn_vision")),
        ("item kNN, all three", "s", ours["knn_all"], part("tuned", *knn)),
        ("full ranking, users", "1/s", ours["rank_users_per_s"], tuned["evaluation"]["users_per_second"]),
        ("start-up", "s", ours["startup"], tuned["seconds"]["ready_to_train"]),
        ("peak memory", "GiB", ours["peak_rss_gib"], max(tuned["peak_mb"].values()) / 1024),
        ("LightGCN epoch with validation", "s", ours["lightgcn_epoch"], epoch(light)),
        ("the same, PyTorch as first written", "s", ours["lightgcn_epoch"],
         theirs["lightgcn autograd"]["seconds"]["epoch"] + light["seconds"]["evaluation"]),
    ]
    print(f"| work | unit | AnchorRec in Rust | PyTorch {tuned['setup']['torch']} | ratio |\n|---|---|---|---|---|")
    for name, unit, a, b in rows:
        ratio = a / b if unit == "1/s" else b / a
        print(f"| {name} | {unit} | {a:.4g} | {b:.4g} | {ratio:.1f} x |")
    if o.json:
        o.json.write_text(json.dumps({"ours": report, "ours_again": again, "pytorch": theirs}, indent=1))


if __name__ == "__main__":
    main()
