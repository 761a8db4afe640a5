"""Lists, their truth, and what libraries make of them: definitions.json, which tests/all/definitions.rs reads.

pip install numpy pandas scipy rectools ranx pytrec-eval-terrier ir-measures scikit-learn implicit rs-metrics
"""
import json
import sys
from importlib.metadata import version

import numpy as np
import pandas as pd

K, USERS, ITEMS, LENGTH = 10, 40, 60, 12
draw = np.random.default_rng(5)
users = []
for user in range(USERS):
    held_out = 0 if user % 9 == 4 else int(draw.integers(1, 16))
    users.append({"list": draw.permutation(ITEMS)[:LENGTH].tolist(), "truth": sorted(draw.permutation(ITEMS)[:held_out].tolist())})
with_truth = [n for n, user in enumerate(users) if user["truth"]]
values, versions = {}, {}


def rectools():
    from rectools import Columns as C
    from rectools.metrics import MAP, MRR, NDCG, Precision, Recall, calc_metrics

    reco = pd.DataFrame([(u, i, r + 1) for u, user in enumerate(users) for r, i in enumerate(user["list"])], columns=[C.User, C.Item, C.Rank])
    truth = pd.DataFrame([(u, i) for u, user in enumerate(users) for i in user["truth"]], columns=[C.User, C.Item])
    metrics = {"recall": Recall(K), "ndcg": NDCG(K), "map": MAP(K), "precision": Precision(K), "mrr": MRR(K)}
    return calc_metrics(metrics, reco=reco, interactions=truth)


def ranx():
    from ranx import Qrels, Run, evaluate

    qrels = Qrels({str(u): {str(i): 1 for i in users[u]["truth"]} for u in with_truth})
    run = Run({str(u): {str(i): 1.0 / (r + 1) for r, i in enumerate(users[u]["list"])} for u in with_truth})
    found = evaluate(qrels, run, [f"{m}@{K}" for m in ("recall", "ndcg", "map", "precision", "mrr")])
    return {name.split("@")[0]: value for name, value in found.items()}


def trec_files():
    qrels = {str(u): {str(i): 1 for i in users[u]["truth"]} for u in with_truth}
    run = {str(u): {str(i): 1.0 / (r + 1) for r, i in enumerate(user["list"])} for u, user in enumerate(users)}
    return qrels, run


def pytrec():
    import pytrec_eval

    qrels, run = trec_files()
    names = {"recall": f"recall_{K}", "ndcg": f"ndcg_cut_{K}", "map": f"map_cut_{K}", "precision": f"P_{K}"}
    found = pytrec_eval.RelevanceEvaluator(qrels, {"recall", "ndcg_cut", "map_cut", "P"}).evaluate(run)
    return {ours: np.mean([user[theirs] for user in found.values()]) for ours, theirs in names.items()}


def ir_measures():
    import ir_measures as im

    qrels, run = trec_files()
    names = {"recall": im.R @ K, "ndcg": im.nDCG @ K, "map": im.AP @ K, "precision": im.P @ K, "mrr": im.RR @ K}
    found = im.calc_aggregate(names.values(), qrels, run)
    return {ours: found[theirs] for ours, theirs in names.items()}


def scikit_learn():
    from sklearn.metrics import ndcg_score

    truth, scores = np.zeros((USERS, ITEMS)), np.zeros((USERS, ITEMS))
    for u, user in enumerate(users):
        truth[u, user["truth"]] = 1
        scores[u, user["list"]] = np.arange(LENGTH, 0, -1)
    return {"ndcg": ndcg_score(truth, scores, k=K, ignore_ties=True)}


def implicit():
    import implicit.evaluation as evaluation
    from scipy.sparse import csr_matrix

    class Lists:
        def recommend(self, ids, _, N=10, **__):
            return np.array([users[u]["list"][:N] for u in ids]), None

    rows = [(u, i) for u, user in enumerate(users) for i in user["truth"]]
    test = csr_matrix((np.ones(len(rows)), tuple(zip(*rows))), shape=(USERS, ITEMS))
    found = evaluation.ranking_metrics_at_k(Lists(), csr_matrix(test.shape), test, K=K, show_progress=False)
    return {name: found[name] for name in ("precision", "map", "ndcg")}


def rs_metrics():
    import rs_metrics as rs

    truth = {u: users[u]["truth"] for u in with_truth}
    lists = {u: users[u]["list"] for u in with_truth}
    of = {"recall": rs.recall, "ndcg": rs.ndcg, "map": rs.mapr, "precision": rs.precision, "mrr": rs.mrr}
    return {name: metric(truth, lists, k=K) for name, metric in of.items()}


for name, package, ask in [
    ("rectools", "rectools", rectools), ("ranx", "ranx", ranx), ("trec", "pytrec-eval-terrier", pytrec), ("ir-measures", "ir-measures", ir_measures),
    ("scikit-learn", "scikit-learn", scikit_learn), ("implicit", "implicit", implicit), ("rs-metrics", "rs-metrics", rs_metrics),
]:
    try:
        values[name] = {metric: float(value) for metric, value in ask().items()}
        versions[name] = version(package)
    except Exception as error:
        print(f"{name}: {type(error).__name__}: {error}", file=sys.stderr)
json.dump({"k": K, "versions": versions, "values": values, "users": users}, open("definitions.json", "w"))
print(json.dumps(values, indent=1))
