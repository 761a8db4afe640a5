"""Writes a TREC run and qrels, judges them with trec_eval's own code, with ir_measures and with ranx, and compares the numbers with ours.

    pip install -r docs/exporting-results/requirements.txt
    python docs/exporting-results/trec.py RUN DATA

RUN is the folder of a finished run, DATA the folder of its data set.
"""

import argparse
import json
import pathlib
import subprocess
import tempfile

import ir_measures
import pytrec_eval
import ranx

# Of trec_eval, of ir_measures, and the definition of ours that means the same.
MEASURES = [
    ("recall@20", "recall_20", "R@20", "anchorrec"),
    ("ndcg@20", "ndcg_cut_20", "nDCG@20", "anchorrec"),
    ("precision@20", "P_20", "P@20", "anchorrec"),
    ("map@20", "map_cut_20", "AP@20", "trec"),
]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("run", type=pathlib.Path)
    parser.add_argument("data", type=pathlib.Path)
    parser.add_argument("--anchorrec", default="target/release/anchorrec")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        lists, qrels = folder / "top.run", folder / "test.qrels"

        def call(*words):
            subprocess.run([options.anchorrec, *map(str, words)], check=True, stdout=subprocess.DEVNULL)

        call("recommend", options.run, "--top", 100, "--out", lists)
        ours = {}
        for definition in ("anchorrec", "trec"):
            found = folder / f"{definition}.json"
            call("evaluate", lists, "--data", options.data, "--at", 20, "--definition", definition, "--qrels", qrels, "--json", found)
            ours[definition] = json.loads(found.read_text())["lists"][0]["metrics"]

        with open(lists) as file:
            run = pytrec_eval.parse_run(file)
        with open(qrels) as file:
            truth = pytrec_eval.parse_qrel(file)
        ties = sum(len(scores) - len(set(scores.values())) for scores in run.values())
        print(f"{len(run):,} lists, {len(truth):,} users with a held-out item, {ties} equal scores within lists")
        judged = pytrec_eval.RelevanceEvaluator(truth, {"recall.20", "ndcg_cut.20", "P.20", "map_cut.20"}).evaluate(run)
        other = ir_measures.calc_aggregate(
            [ir_measures.parse_measure(measure) for _, _, measure, _ in MEASURES],
            ir_measures.read_trec_qrels(str(qrels)),
            ir_measures.read_trec_run(str(lists)),
        )
        files = [ranx.Qrels.from_file(str(qrels), kind="trec"), ranx.Run.from_file(str(lists), kind="trec")]
        by_ranx = ranx.evaluate(*files, [name for name, *_ in MEASURES], make_comparable=True)
        worst = 0.0
        print(f"{'':<14}{'ours':>12}{'trec_eval':>12}{'ir_measures':>12}{'ranx':>12}")
        for name, trec, ir, definition in MEASURES:
            mine = ours[definition][name]["value"]
            theirs = sum(user[trec] for user in judged.values()) / len(truth)
            another = other[ir_measures.parse_measure(ir)]
            print(f"{name:<14}{mine:>12.8f}{theirs:>12.8f}{another:>12.8f}{by_ranx[name]:>12.8f}")
            worst = max(worst, *(abs(mine - value) for value in (theirs, another, by_ranx[name])))
        print(f"largest difference {worst:.1e}: {'equal' if worst < 1e-9 else 'NOT equal'}")
        return 0 if worst < 1e-9 else 1


if __name__ == "__main__":
    raise SystemExit(main())
