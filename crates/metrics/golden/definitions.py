"""Lists, their truth, and what libraries make of them: definitions.json, which tests/all/definitions.rs reads.

pip install numpy pandas scipy rectools ranx pytrec-eval-terrier ir-measures scikit-learn implicit rs-metrics cornac irspack recommenders recmetrics
pip install torch torchmetrics recsys-metrics ranking-metrics-torch torch-rechub

They do not all fit into one environment: values of libraries that are not there stay as they stand in the file.
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
            return np.array([users[u]["list"][:N] for u in ids], dtype=np.int32), None

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


def per_user(metric):
    return float(np.mean([metric(users[u]["list"], users[u]["truth"]) for u in with_truth]))


def score_table():
    """Scores that rank the list of each user first, and the truth."""
    scores, truth = np.zeros((USERS, ITEMS)), np.zeros((USERS, ITEMS))
    for u, user in enumerate(users):
        scores[u, user["list"]] = np.arange(LENGTH, 0, -1)
        truth[u, user["truth"]] = 1
    return scores, truth


def cornac():
    from cornac.metrics import NDCG, Precision, Recall

    of = {"recall": Recall(k=K), "ndcg": NDCG(k=K), "precision": Precision(k=K)}
    array = np.array
    return {name: per_user(lambda best, truth: metric.compute(gt_pos=array(truth), pd_rank=array(best))) for name, metric in of.items()}


def irspack():
    from irspack import Evaluator
    from scipy.sparse import csr_matrix

    scores, truth = score_table()
    found = Evaluator(csr_matrix(truth), cutoff=K).get_score_from_score_matrix(scores)
    return {name: found[name] for name in ("recall", "ndcg", "map", "precision")}


def recommenders():
    from recommenders.evaluation import python_evaluation as of

    truth = pd.DataFrame([(u, i, 1.0) for u in with_truth for i in users[u]["truth"]], columns=["userID", "itemID", "rating"])
    lists = [(u, i, float(-r)) for u in with_truth for r, i in enumerate(users[u]["list"])]
    lists = pd.DataFrame(lists, columns=["userID", "itemID", "prediction"])
    names = {"recall": of.recall_at_k, "ndcg": of.ndcg_at_k, "map": of.map_at_k, "precision": of.precision_at_k}
    return {name: metric(truth, lists, k=K) for name, metric in names.items()}


def recmetrics():
    # Its recall and precision are rounded to four digits for each user.
    from recmetrics.metrics import mark

    return {"map": mark([users[u]["truth"] for u in with_truth], [users[u]["list"] for u in with_truth], k=K)}


def torchmetrics(action="neg"):
    import torch
    from torchmetrics.retrieval import RetrievalMAP, RetrievalMRR, RetrievalNormalizedDCG, RetrievalPrecision, RetrievalRecall

    scores, truth = (torch.tensor(table) for table in score_table())
    indexes = torch.arange(USERS)[:, None].expand(USERS, ITEMS)
    of = {"recall": RetrievalRecall, "ndcg": RetrievalNormalizedDCG, "map": RetrievalMAP, "precision": RetrievalPrecision, "mrr": RetrievalMRR}
    # It ranks by 32-bit numbers, which hold these scores; it sums in them too.
    return {name: float(metric(top_k=K, empty_target_action=action)(scores, truth.long(), indexes)) for name, metric in of.items()}


def torchmetrics_skip():
    return torchmetrics("skip")


def recsys_metrics():
    import recsys_metrics as of
    import torch

    scores, truth = (torch.tensor(table) for table in score_table())
    names = {"recall": of.recall, "ndcg": of.normalized_dcg, "map": of.mean_average_precision, "precision": of.precision, "mrr": of.mean_reciprocal_rank}
    return {name: float(metric(scores, truth.long(), k=K)) for name, metric in names.items()}


def ranking_metrics_torch():
    import torch
    from ranking_metrics_torch.avg_precision import avg_precision_at
    from ranking_metrics_torch.cumulative_gain import ndcg_at
    from ranking_metrics_torch.precision_recall import precision_at, recall_at

    scores, truth = (torch.tensor(table) for table in score_table())
    at = torch.tensor([K])
    of = {"recall": recall_at, "ndcg": ndcg_at, "map": avg_precision_at, "precision": precision_at}
    return {name: float(torch.nanmean(metric(at, scores, truth)[with_truth])) for name, metric in of.items()}


found = {}
try:
    found = json.load(open("definitions.json"))
except FileNotFoundError:
    pass
if found.get("users") == users:
    values, versions = found["values"], found["versions"]
for name, package, ask in [
    ("rectools", "rectools", rectools), ("ranx", "ranx", ranx), ("trec", "pytrec-eval-terrier", pytrec), ("ir-measures", "ir-measures", ir_measures),
    ("scikit-learn", "scikit-learn", scikit_learn), ("implicit", "implicit", implicit), ("rs-metrics", "rs-metrics", rs_metrics),
    ("cornac", "cornac", cornac), ("irspack", "irspack", irspack), ("recommenders", "recommenders", recommenders), ("recmetrics", "recmetrics", recmetrics),
    ("torchmetrics", "torchmetrics", torchmetrics), ("torchmetrics-skip", "torchmetrics", torchmetrics_skip),
    ("recsys-metrics", "recsys-metrics", recsys_metrics), ("ranking-metrics-torch", "ranking-metrics-torch", ranking_metrics_torch),
]:
    try:
        values[name] = {metric: float(value) for metric, value in ask().items()}
        versions[name] = version(package)
    except Exception as error:
        print(f"{name}: {type(error).__name__}: {error}", file=sys.stderr)
json.dump({"k": K, "versions": versions, "values": values, "users": users}, open("definitions.json", "w"))
print(json.dumps(values, indent=1))
