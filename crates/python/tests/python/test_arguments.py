"""Arguments that cannot be right: each is an exception of this package with the argument's name; what is right is taken in every dress."""

import builtins
import subprocess
import sys
import warnings

import numpy as np
import pytest

import anchorrec
from anchorrec import losses, metrics
from conftest import trained

PAIR = {"user": ["a", "b"], "item": ["x", "y"]}
HALF = "half of a character \ud800"


class Unreadable:
    """Has columns, and nothing that reads them."""

    columns = ["user", "item"]

    def __getitem__(self, name):
        return 7


class Hopeless:
    """Cannot even say what it is."""

    def __repr__(self):
        raise RuntimeError("no words")

    def __array__(self, *arguments, **options):
        raise RuntimeError("no numbers")


class Nowhere:
    """A path that is none."""

    def __fspath__(self):
        return 7


def in_itself():
    settings = {}
    settings["train"] = settings
    return settings


def refusals(run):
    """Calls, and what their sentences begin with."""
    yield lambda: run.recommend("u0", exclude=5), "exclude: expected a text, found 5"
    yield lambda: run.recommend("u0", fuse="no"), "fuse: expected True or False, found 'no'"
    yield lambda: run.recommend("u0", fuse=0), "fuse: expected True or False, found 0"
    yield lambda: run.recommend(new_users={"a": ["i0"]}, fold_in=5), "fold_in: expected a text, found 5"
    yield lambda: run.recommend(new_users={"a": ["i0"]}, fold_in="magic"), "fold_in: expected one of"
    yield lambda: run.recommend(new_users={"a": []}), "new_users: expected an item or more of user a, found none"
    yield lambda: run.recommend(new_users={1: ["i0"], "1": ["i1"]}), "new_users: expected ids of one type, found 1 texts and 1 whole numbers"
    yield lambda: run.recommend(new_users={"a": ["pot"]}), "new_users: 1 of 1 item ids are not known"
    yield lambda: run.recommend(HALF), "users: expected ids that are texts, found half of a character"
    yield lambda: run.recommend(np.array("u0")), "users: expected ids"
    yield lambda: run.recommend(10**5000), "users: expected ids"
    yield lambda: run.recommend("u0", top=10**5000), "top: expected a whole number from 1"
    yield lambda: run.recommend("u0", top=Hopeless()), "top: expected a whole number from 1 to 2147483647, found a Hopeless"
    yield lambda: run.fold_in([["i0"]], method=5), "method: expected a text, found 5"
    yield lambda: run.fold_in([["i0"], []]), "histories: expected an item or more of user 1, found none"
    yield lambda: run.similar("i0", space=5), "space: expected a text, found 5"
    yield lambda: run.space(5), "name: expected a text, found 5"
    yield lambda: run.recommend("u0")[None], "there is no list of None: expected one of 1 ids, such as u0"
    yield lambda: anchorrec.load(HALF), "run: expected the path of a run"
    yield lambda: anchorrec.load(Nowhere()), "run: expected the path of a run"
    yield lambda: anchorrec.load(run.folder, data=5), "data: expected a path, found int"
    for name in ("user_column", "item_column", "time_column", "rating_column", "split_column"):
        yield lambda name=name: anchorrec.check(PAIR, **{name: 5}), f"{name}: expected the name of a column, found 5"
    yield lambda: anchorrec.check("folder", separator=5), "separator: expected a text, found 5"
    yield lambda: anchorrec.check("folder", separator=""), "separator: expected a character or several, found nothing"
    yield lambda: anchorrec.check("folder", interactions=5), "interactions: expected the name of a file, found int"
    yield lambda: anchorrec.check("folder", columns="user,item"), "columns: expected a list of names of columns, found 'user,item'"
    yield lambda: anchorrec.check("folder", columns=5), "columns: expected a list of names of columns, found 5"
    yield lambda: anchorrec.check("folder", columns=[5]), "columns: expected names of columns, found 5"
    yield lambda: anchorrec.check(PAIR, columns=["user", "item"]), "columns: says how files of a folder are read"
    yield lambda: anchorrec.check(PAIR, allow_missing="no"), "allow_missing: expected True or False, found 'no'"
    yield lambda: anchorrec.check(PAIR, rows_in_time_order=1), "rows_in_time_order: expected True or False, found 1"
    yield lambda: anchorrec.check(PAIR, positive={"event": None}), "positive: expected a text or a number, found None"
    yield lambda: anchorrec.check(PAIR, positive=np.ones(2)), "positive: expected 'all' or {column: value}"
    yield lambda: anchorrec.check(PAIR, min_rating=2**1100), "min_rating: expected a finite number"
    yield lambda: anchorrec.check({**PAIR, HALF: [1, 2]}), "interactions: expected names of columns that are texts"
    yield lambda: anchorrec.check(Unreadable()), "interactions: expected columns that numpy can read"
    yield lambda: anchorrec.check({**PAIR, "item": Hopeless()}), "interactions: expected values in the column item, found a Hopeless"
    yield lambda: anchorrec.check(PAIR, text=(["x"], [[1.0], [1.0, 2.0]])), "text: expected rows of one width"
    yield lambda: anchorrec.prepare(PAIR, "never", name=5), "name: expected the name of a data set, found 5"
    yield lambda: anchorrec.prepare(PAIR, "never", split=5), "split: expected a rule, such as 'random', found 5"
    yield lambda: anchorrec.prepare(PAIR, "never", share=5), "share: expected three shares that sum to 1, found 5"
    yield lambda: anchorrec.prepare(PAIR, "never", strict="no"), "strict: expected True or False, found 'no'"
    yield lambda: anchorrec.prepare(PAIR, "never", keep_new_items=None), "keep_new_items: expected True or False, found None"
    for name in ("resume", "restart", "fuse", "portable", "strict"):
        yield lambda name=name: anchorrec.train("no-data", **{name: "no"}), f"{name}: expected True or False, found 'no'"
    yield lambda: anchorrec.ablate("no-data", models=1), "models: expected True or False, found 1"
    yield lambda: anchorrec.train("no-data", settings=in_itself()), "settings: expected settings with values"
    yield lambda: anchorrec.train("no-data", settings={"train.epochs": 10**5000}), "settings: expected settings with values"
    yield lambda: anchorrec.train("no-data", settings={"train.epochs": 1j}), "settings: expected a number, a text, a truth or a list of such for train.epochs"
    yield lambda: anchorrec.train("no-data", seeds="12"), "seeds: expected whole numbers, found '12'"
    yield lambda: anchorrec.train("no-data", seeds=True), "seeds: expected whole numbers, found True"
    yield lambda: anchorrec.train("no-data", out=None), "out: expected a path, found NoneType"
    yield lambda: metrics.evaluate([["a"]], [["a"]], at=5), "at: expected whole numbers, such as [10, 20], found 5"
    yield lambda: metrics.evaluate([["a"]], [["a"]], definition=5), "definition: expected a text, found 5"
    yield lambda: metrics.exposure(5, 3, 1), "lists: expected lists of item numbers, found 5"
    yield lambda: metrics.exposure([[0], [[1]]], 3, 1), "lists: expected whole numbers"
    yield lambda: metrics.gini([[1], [1, 2]]), "exposure: expected whole numbers"
    yield lambda: metrics.alignment(np.eye(2), np.eye(2), [[0], [0, 1]]), "pairs: expected rows of two numbers"
    yield lambda: metrics.effective_rank([[1.0], [1.0, 2.0]]), "x: expected numbers"
    yield lambda: metrics.effective_rank(Hopeless()), "x: expected numbers: no numbers"
    yield lambda: losses.frobenius_norm(Hopeless()), "x: expected numbers in rows of one length: no numbers"
    yield lambda: losses.frobenius_norm(np.eye(2), 2**1100), "divisor: expected a finite number, found"
    yield lambda: losses.neighbour_discrimination(5, [0], 1, 1, 0.5), "views: expected a list of matrices, found 5"
    yield lambda: anchorrec.item_graph(np.eye(2), 1, weighted="no"), "weighted: expected True or False, found 'no'"


def test_an_argument_that_cannot_be_right_is_named(run):
    for place, (call, sentence) in enumerate(refusals(run)):
        with pytest.raises(anchorrec.AnchorRecError) as caught:
            call()
        assert str(caught.value).startswith(sentence), (place, str(caught.value)[:300])


def test_a_number_of_any_width_is_a_number():
    assert losses.frobenius_norm([[3.0, 4.0]], 2**70).value == 5 / 2**70
    assert losses.frobenius_norm([[3.0, 4.0]], np.float32(2)).value == 2.5


class Tensor:
    """A tensor with a gradient, as torch has it."""

    requires_grad = True

    def __array__(self, *arguments, **options):
        raise RuntimeError("can't call numpy() on a tensor that requires grad")


def test_a_tensor_with_a_gradient_is_refused_everywhere():
    for call in (metrics.effective_rank, metrics.gini, losses.frobenius_norm, lambda x: metrics.alignment(np.eye(2), np.eye(2), x)):
        with pytest.raises(anchorrec.InputError, match="found a tensor with a gradient: pass .*detach"):
            call(Tensor())


def test_an_item_graph_without_scipy_says_so(monkeypatch):
    load = builtins.__import__

    def without_scipy(name, *arguments, **options):
        if name.startswith("scipy"):
            raise ImportError(f"no module named {name}")
        return load(name, *arguments, **options)

    monkeypatch.setattr(builtins, "__import__", without_scipy)
    with pytest.raises(anchorrec.InputError, match="item_graph: makes a matrix of scipy, which cannot be loaded"):
        anchorrec.item_graph(np.eye(2), k=1)


def test_settings_and_seeds_may_be_numbers_of_numpy(data, tmp_path):
    settings = {"train.learning_rate": np.float64(0.01), "train": {"batch_size": np.int32(64)}, "protocol.at": [np.int64(5), 20]}
    numbers = {"train.learning_rate": 0.01, "train.batch_size": 64, "protocol.at": [5, 20]}
    lists = {**numbers, "protocol.at": np.array([5, 20])}
    runs = [
        trained(data, tmp_path / str(place), model="lightgcn", epochs=1, settings=settings, seeds=seeds)
        for place, (settings, seeds) in enumerate([(settings, np.int64(7)), (numbers, 7), (lists, np.array([7]))])
    ]
    assert runs[0].report["runs"][0]["seed"] == 7
    assert len({run.report["runs"][0]["checkpoint_sha256"] for run in runs}) == 1
    assert len({str(run.report["config"]) for run in runs}) == 1


def test_texts_of_settings_are_texts_of_toml():
    from anchorrec.training import _assignments

    assert _assignments({"a": 'say "é😀"', "b": [True, 0.5, float("inf")]}) == ['a="say \\"é😀\\""', "b=[true, 0.5, inf]"]


def test_ids_of_lists_and_truth_are_told_apart_as_everywhere():
    lists, truth = {"31": ["5", "6"], "32": ["7"]}, {31: [6], 32: [8]}
    want = metrics.evaluate({31: [5, 6], 32: [7]}, truth, at=[2])
    assert want["recall@2"] == 0.5
    for same in (lists, {np.int64(31): np.array([5, 6]), 32: [7]}, {31.0: [5.0, 6.0], 32.0: [7.0]}):
        assert metrics.evaluate(same, truth, at=[2]) == want
    for wrong, truth, sentence in [
        ({"Al": ["a"]}, {"Bo": ["a"]}, "lists: expected a list of a user of truth or more, found none; users are called 'Al' and 'Bo'"),
        ({31: ["a"], "31": ["a"]}, {"31": ["a"]}, "lists: expected users of one type, found 1 that are told apart by their types alone"),
        ({"Al": [True]}, {"Al": [1]}, "lists: items of user Al: expected ids, found True"),
        ({"Al": [None]}, {"Al": [1]}, "lists: items of user Al: expected ids, found None"),
        ({"Al": [1]}, {"Al": [float("nan")]}, "truth: items of user Al: expected ids, found nan"),
        ({True: [1]}, {"1": [1]}, "lists: users: expected ids, found True"),
    ]:
        with pytest.raises(anchorrec.InputError) as caught:
            metrics.evaluate(wrong, truth)
        assert sentence in str(caught.value)


def test_lists_of_a_run_are_judged_by_ids_that_are_numbers(tmp_path):
    table = {"user": [n % 20 for n in range(200)], "item": [(n * 7 + n // 20) % 30 for n in range(200)]}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", anchorrec.Note)
        run = trained(anchorrec.prepare(table, tmp_path / "numbered", split="random"), tmp_path / "runs", model="lightgcn", epochs=1, settings=None)
    lists = run.recommend([3, 4], top=5)
    best = [lists[user][0][0] for user in (3, 4)]
    found = metrics.evaluate(lists, {3: [int(best[0])], 4: [int(best[1])]}, at=[1])
    assert found["recall@1"] == 1.0


LIMITED = """
import resource, sys
import numpy as np
import anchorrec
from anchorrec import metrics
# As much again as is taken, and two gibibytes: what does not fit is refused by the system.
taken = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (taken + 2**31, taken + 2**31))
for call in (
    lambda: metrics.exposure([[0]], 2**31 - 1, 1),
    lambda: anchorrec.knn_graph(np.ones((20_000, 1)), 2**31 - 1),
    lambda: anchorrec.item_graph(np.ones((20_000, 1)), 2**31 - 1),
    lambda: metrics.neighbour_overlap(np.ones((20_000, 1)), np.ones((20_000, 1)), 2**31 - 1),
    lambda: metrics.linear_cka(np.ones((2, 30_000)), np.ones((2, 30_000))),
    lambda: metrics.singular_values(np.ones((12_000, 12_000), np.float32)),
):
    try:
        call()
    except anchorrec.InputError as error:
        print(type(error).__name__, error)
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="memory is limited as Linux limits it")
def test_a_size_that_memory_has_no_room_for_is_refused():
    pytest.importorskip("scipy")
    done = subprocess.run([sys.executable, "-c", LIMITED], capture_output=True, text=True, timeout=300)
    said = done.stdout.splitlines()
    assert done.returncode == 0 and len(said) == 6, (done.returncode, done.stdout, done.stderr[-2000:])
    assert said[0].startswith("InputError items: there is no memory for what is asked for"), said
    assert all(line.startswith("InputError k: there is no memory") for line in said[1:4]), said
    assert said[4].startswith("InputError x and y: there is no memory") and said[5].startswith("InputError x: there is no memory"), said


def test_rows_of_zeros_have_no_neighbours_and_the_graph_is_that_of_the_items():
    sparse = pytest.importorskip("scipy.sparse")
    features = np.array([[0.0, 0.0], [1.0, 0.0], [1.0, 0.5], [0.0, 0.0]])
    with pytest.warns(anchorrec.Note, match="features: 2 of 4 rows are zeros and have no neighbours"):
        neighbours, cosines = anchorrec.knn_graph(features, k=3)
    assert neighbours[0].tolist() == [0, 0, 0] and cosines[0].tolist() == [1.0, 0.0, 0.0]
    assert neighbours[1, 0] == 1 and sorted(neighbours[1].tolist()) == [0, 1, 2] and neighbours.shape == cosines.shape == (4, 3)
    with pytest.warns(anchorrec.Note):
        assert anchorrec.knn_graph(features, k=2).neighbours.tolist() == [[0, 0], [1, 2], [2, 1], [3, 3]]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert anchorrec.knn_graph(features, k=1).neighbours.tolist() == [[0], [1], [2], [3]]
    rows = np.repeat(np.arange(4), 3)
    graph = sparse.coo_matrix((cosines.ravel(), (rows, neighbours.ravel())), shape=(4, 4)).tocsr()
    root = np.asarray(graph.sum(1)).ravel() ** -0.5
    np.testing.assert_allclose(anchorrec.item_graph(features, k=3).toarray(), graph.toarray() * root[:, None] * root, rtol=1e-12)
