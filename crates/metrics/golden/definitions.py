"""Lists, their truth, and what libraries make of them: definitions.json, which tests/all/definitions.rs reads.

pip install numpy pandas scipy rectools ranx pytrec-eval-terrier ir-measures scikit-learn implicit rs-metrics cornac irspack recommenders recmetrics
pip install torch torchmetrics recsys-metrics ranking-metrics-torch torch-rechub recbole recpack replay-rec librecommender rexmex
pip install lenskit warprec torchmetrics        # Python 3.12.5 or later

They do not all fit into one environment: values of libraries that are not there stay as they stand in the file. Old ones ask for old versions of others
and run with new ones too: `pip install --no-deps recbole recpack replay-rec librecommender irspack rexmex`, then what an import misses. Elliot is not on PyPI.
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
# The same users with lists of 1 to 12 items, so that many are shorter than K.
short = [{**user, "list": user["list"][: 1 + number * 5 % LENGTH]} for number, user in enumerate(users)]
# The same again, a third of them skipped by the recommender: users with positives and users without any.
missing = [{**user, "list": [] if number % 3 == 1 else user["list"]} for number, user in enumerate(short)]
with_truth = [n for n, user in enumerate(users) if user["truth"]]
values, short_values, missing_values, versions = {}, {}, {}, {}


def with_both():
    """Users with a positive and a list: what a table of lists names. A user whom a recommender skipped is not in it."""
    return [u for u in with_truth if users[u]["list"]]


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
    run = Run({str(u): {str(i): 1.0 / (r + 1) for r, i in enumerate(users[u]["list"])} for u in with_both()})
    # It refuses a run without some of the users unless it may add them.
    found = evaluate(qrels, run, [f"{m}@{K}" for m in ("recall", "ndcg", "map", "precision", "mrr")], make_comparable=True)
    return {name.split("@")[0]: value for name, value in found.items()}


def trec_files():
    qrels = {str(u): {str(i): 1 for i in users[u]["truth"]} for u in with_truth}
    run = {str(u): {str(i): 1.0 / (r + 1) for r, i in enumerate(user["list"])} for u, user in enumerate(users) if user["list"]}
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
    lists = {u: users[u]["list"] for u in with_both()}
    of = {"recall": rs.recall, "ndcg": rs.ndcg, "map": rs.mapr, "precision": rs.precision, "mrr": rs.mrr}
    return {name: metric(truth, lists, k=K) for name, metric in of.items()}


def per_user(metric):
    return float(np.mean([metric(users[u]["list"], users[u]["truth"]) for u in with_truth]))


def score_table():
    """Scores that rank the list of each user first, and the truth."""
    scores, truth = np.zeros((USERS, ITEMS)), np.zeros((USERS, ITEMS))
    for u, user in enumerate(users):
        scores[u, user["list"]] = np.arange(len(user["list"]), 0, -1)
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


def hits_of(k):
    """Which of the first `k` places hold a hit, and how many positives there are: users with a positive."""
    hits = [[item in users[u]["truth"] for item in users[u]["list"][:k]] for u in with_truth]
    return np.array(hits, dtype=int), np.array([len(users[u]["truth"]) for u in with_truth])


def recbole():
    # Its metrics name types that NumPy took out.
    np.float, np.bool = float, bool
    from recbole.evaluator import metrics as of

    class Data:
        """What its collector hands to a metric: a column for each place and one for the number of positives."""

        def get(self, name):
            import torch

            assert name == "rec.topk"
            hits, positives = hits_of(K)
            return torch.tensor(np.concatenate([hits, positives[:, None]], axis=1))

    config = {"topk": [K], "metric_decimal_place": 15}
    names = {"recall": of.Recall, "ndcg": of.NDCG, "map": of.MAP, "precision": of.Precision, "mrr": of.MRR}
    return {name: metric(config).calculate_metric(Data())[f"{name}@{K}"] for name, metric in names.items()}


def lenskit():
    # `missing_values` were computed by the files of its metrics and its collector alone, from the source of 2026.4.0 on Python 3.11, with lists of another
    # class; `values` and `short_values` came out the same to the last bit.
    from lenskit.data import ItemList, ItemListCollection, UserIDKey
    from lenskit.metrics import NDCG, MeasurementCollector, Precision, RecipRank, Recall
    from lenskit.metrics.ranking import AveragePrecision

    def mean(metric, of):
        lists, truth = ItemListCollection(UserIDKey), ItemListCollection(UserIDKey)
        for u in of:
            if users[u]["list"]:
                lists.add(ItemList(item_ids=users[u]["list"], ordered=True), u)
            truth.add(ItemList(item_ids=users[u]["truth"]), u)
        collector = MeasurementCollector()
        collector.add_metric(metric)
        return collector.measure_run(lists, truth)[0][f"{metric.label}.mean"]

    everybody = range(USERS)
    return {
        "recall": mean(Recall(K), everybody),
        "ndcg": mean(NDCG(K), everybody),
        "precision": mean(Precision(K), everybody),
        "mrr": mean(RecipRank(K), everybody),
        # It divides by zero for a user without a positive.
        "map": mean(AveragePrecision(K), with_truth),
    }


def warprec():
    import torch
    from warprec.evaluation.metrics.accuracy import MAP, MRR, Precision, Recall, nDCG

    scores, truth = (torch.tensor(table, dtype=torch.float32) for table in score_table())
    names = {"recall": Recall, "ndcg": nDCG, "map": MAP, "precision": Precision, "mrr": MRR}
    values = {}
    for name, metric in names.items():
        asked = metric(k=K, num_users=USERS)
        asked.update(scores, ground=truth, user_indices=torch.arange(USERS))
        (values[name],) = asked.compute().values()
    # A value for each user, as its evaluator takes the mean of: NaN for those that it does not count.
    return {name: float(np.nanmean(np.asarray(value))) for name, value in values.items()}


def recpack():
    from recpack.metrics import NDCGK, PrecisionK, RecallK, ReciprocalRankK
    from scipy.sparse import csr_matrix

    scores, truth = score_table()
    values = {}
    for name, metric in {"recall": RecallK, "ndcg": NDCGK, "precision": PrecisionK, "mrr": ReciprocalRankK}.items():
        asked = metric(K)
        asked.calculate(csr_matrix(truth), csr_matrix(scores))
        values[name] = asked.value
    return values


def replay():
    from replay.metrics import MAP, MRR, NDCG, Precision, Recall

    lists = {u: [(item, float(-rank)) for rank, item in enumerate(users[u]["list"])] for u in with_both()}
    truth = {u: users[u]["truth"] for u in with_truth}
    names = {"recall": Recall, "ndcg": NDCG, "map": MAP, "precision": Precision, "mrr": MRR}
    return {name: list(metric(topk=K)(lists, truth).values())[0] for name, metric in names.items()}


def alone(package, file):
    """One file of a package, without what the package imports."""
    from importlib import metadata, util

    spec = util.spec_from_file_location(package, metadata.distribution(package).locate_file(file))
    module = util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def librecommender():
    # The package asks for TensorFlow.
    of = alone("librecommender", "libreco/evaluation/metrics.py")
    truth = {u: users[u]["truth"] for u in with_truth}
    lists = {u: np.array(users[u]["list"][:K]) for u in with_truth}
    names = {"recall": of.recall_at_k, "ndcg": of.ndcg_at_k, "map": of.average_precision_at_k, "precision": of.precision_at_k}
    return {name: of.listwise_scores(metric, truth, lists, with_truth, K) for name, metric in names.items()}


def torch_rechub():
    # It rounds to four digits.
    topk_metrics = alone("torch-rechub", "torch_rechub/basic/metric.py").topk_metrics
    lists = {u: user["list"] for u, user in enumerate(users) if user["list"]}
    truth = {u: user["truth"] for u, user in enumerate(users)}
    found = topk_metrics(truth, lists, topKs=[K])
    names = {"recall": "Recall", "ndcg": "NDCG", "precision": "Precision", "mrr": "MRR"}
    return {ours: float(found[theirs][0].split(": ")[1]) for ours, theirs in names.items()}


def rexmex():
    from rexmex.metrics.ranking import average_precision_at_k, hits_at_k

    return {
        "map": per_user(lambda best, truth: average_precision_at_k(truth, best, k=K)),
        "precision": per_user(lambda best, truth: hits_at_k(truth, best, k=K)),
    }


# Which take a list that is shorter than K as it is; the others rank all items by scores, or fail.
SHORT = ["rectools", "ranx", "trec", "ir-measures", "rs-metrics", "lenskit", "recpack", "replay", "rexmex"]
# Which take a table that has no list of some users; the others are given the scores of all items or the list of one user, or refuse such a table.
MISSING = ["rectools", "ranx", "trec", "ir-measures", "rs-metrics", "lenskit", "recommenders", "replay"]
found = {}
try:
    found = json.load(open("definitions.json"))
except FileNotFoundError:
    pass
if found.get("users") == users:
    values, versions = found["values"], found["versions"]
if found.get("short_users") == short:
    short_values = found["short_values"]
if found.get("missing_users") == missing:
    missing_values = found["missing_values"]
whole = users
for name, package, ask in [
    ("rectools", "rectools", rectools), ("ranx", "ranx", ranx), ("trec", "pytrec-eval-terrier", pytrec), ("ir-measures", "ir-measures", ir_measures),
    ("scikit-learn", "scikit-learn", scikit_learn), ("implicit", "implicit", implicit), ("rs-metrics", "rs-metrics", rs_metrics),
    ("cornac", "cornac", cornac), ("irspack", "irspack", irspack), ("recommenders", "recommenders", recommenders), ("recmetrics", "recmetrics", recmetrics),
    ("torchmetrics", "torchmetrics", torchmetrics), ("torchmetrics-skip", "torchmetrics", torchmetrics_skip),
    ("recsys-metrics", "recsys-metrics", recsys_metrics), ("ranking-metrics-torch", "ranking-metrics-torch", ranking_metrics_torch),
    ("recbole", "recbole", recbole), ("lenskit", "lenskit", lenskit), ("warprec", "warprec", warprec), ("recpack", "recpack", recpack),
    ("replay", "replay-rec", replay), ("librecommender", "librecommender", librecommender), ("torch-rechub", "torch-rechub", torch_rechub),
    ("rexmex", "rexmex", rexmex),
]:
    try:
        users = whole
        values[name] = {metric: float(value) for metric, value in ask().items()}
        if name in SHORT:
            users = short
            short_values[name] = {metric: float(value) for metric, value in ask().items()}
        if name in MISSING:
            users = missing
            # rs-metrics divides by the length of a list that is not there.
            missing_values[name] = {metric: float(value) for metric, value in ask().items() if np.isfinite(value)}
        versions[name] = version(package)
    except Exception as error:
        print(f"{name}: {type(error).__name__}: {error}", file=sys.stderr)
whole = {"k": K, "versions": versions, "values": values, "users": whole, "short_values": short_values, "short_users": short}
whole |= {"missing_values": missing_values, "missing_users": missing}
json.dump(whole, open("definitions.json", "w"))
print(json.dumps([values, short_values, missing_values], indent=1))
