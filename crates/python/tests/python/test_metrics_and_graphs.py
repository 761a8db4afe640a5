"""Metrics and graphs against values that a person can solve, and against numpy."""

import math

import numpy as np
import pytest

import anchorrec
from anchorrec import metrics


def test_metrics_of_lists_are_those_of_the_formulas():
    lists = {"Al": ["a", "b", "c"], "Bo": ["d", "e"]}
    truth = {"Al": ["b", "z"], "Cy": ["a"]}
    found = metrics.evaluate(lists, truth, at=[1, 3])
    # Al finds one of two at the second place, Cy nothing, and Bo has nothing to find.
    assert found["recall@1"] == 0.0
    assert found["recall@3"] == (1 / 2 + 0) / 2
    ideal = 1 + 1 / math.log2(3)
    assert found["ndcg@3"] == pytest.approx((1 / math.log2(3) / ideal) / 2, rel=1e-15)


def test_ids_are_anything_that_can_be_told_apart():
    numbers = metrics.evaluate([[1, 2]], [[2]], at=[2])
    assert numbers == metrics.evaluate({("u", 1): [(1,), (2,)]}, {("u", 1): [(2,)]}, at=[2])
    assert numbers == metrics.evaluate(np.array([[1, 2]]), [[2]], at=[2])


def test_other_libraries_define_them_otherwise():
    lists, truth = [["a"]], [["a", "b", "c"]]
    assert metrics.DEFINITIONS["anchorrec"]
    values = {name: metrics.evaluate(lists, truth, at=[2], definition=name).get("precision@2") for name in metrics.DEFINITIONS}
    assert len({value for value in values.values() if value is not None}) > 1


@pytest.mark.parametrize(
    "lists, truth, options, sentence",
    [
        ([["a", "a"]], [["a"]], {}, "expected each item of user 0 once, found 1 that repeat"),
        ([["a"]], [[]], {}, "truth: expected an item of a user or more to judge by, found none"),
        ([], [], {}, "truth: expected an item of a user or more to judge by, found none"),
        ("ab", [["a"]], {}, "lists: expected a mapping from users to items, or a list of lists, found str"),
        (["ab"], [["a"]], {}, "lists: expected a list of items of user 0, found 'ab'"),
        ([[["a"]]], [["a"]], {}, "lists: items of user 0: expected ids: unhashable"),
        ([["a"]], [["a"]], {"at": [0]}, "at: expected a whole number from 1"),
        ([["a"]], [["a"]], {"at": [2.5]}, "at: expected a whole number from 1"),
        ([["a"]], [["a"]], {"definition": "nobody"}, "no definition `nobody`: expected one of anchorrec"),
    ],
)
def test_what_cannot_be_judged_is_refused(lists, truth, options, sentence):
    with pytest.raises(anchorrec.InputError) as caught:
        metrics.evaluate(lists, truth, **options)
    assert sentence in str(caught.value)


def test_the_catalogue_is_counted():
    shown = metrics.exposure([[0, 1], [0, 2]], items=4, k=2)
    assert shown.tolist() == [2, 1, 1, 0]
    assert metrics.coverage(shown) == 3 / 4
    assert metrics.gini([0, 0, 0, 8]) == 3 / 4
    with pytest.raises(anchorrec.InputError, match="expected whole numbers from 0 to 3"):
        metrics.exposure([[4]], items=4, k=1)
    with pytest.raises(anchorrec.InputError):
        metrics.popularity_lift([1, 2], [1])


def test_spaces_are_measured_as_numpy_measures_them():
    x = np.random.default_rng(0).normal(size=(20, 5))
    y = np.random.default_rng(1).normal(size=(20, 4))
    cx, cy = x - x.mean(0), y - y.mean(0)
    cka = np.linalg.norm(cx.T @ cy) ** 2 / np.linalg.norm(cx.T @ cx) / np.linalg.norm(cy.T @ cy)
    assert metrics.linear_cka(x, y) == pytest.approx(cka, rel=1e-12)
    values = np.linalg.svd(x, compute_uv=False)
    np.testing.assert_allclose(metrics.singular_values(x), values, rtol=1e-10)
    shares = values**2 / (values**2).sum()
    assert metrics.effective_rank(x) == pytest.approx(np.exp(-(shares * np.log(shares)).sum()), rel=1e-10)
    assert metrics.effective_rank(values) == pytest.approx(metrics.effective_rank(x), rel=1e-9)
    with pytest.raises(anchorrec.InputError, match="y: expected float64 as x has it"):
        metrics.linear_cka(x, y.astype(np.float32))
    with pytest.raises(anchorrec.InputError):
        metrics.positional_spread(x, y)
    with pytest.raises(anchorrec.InputError):
        metrics.alignment(x, x, [(0, 20)])


def test_differences_are_tested():
    assert metrics.paired_t([1.0, 3.0]).mean == 2.0
    assert metrics.wilcoxon_signed_rank([0.1, -0.2, 0.3, 0.0]).different == 3
    assert metrics.holm([0.5, 0.01, 0.03]) == [0.5, 0.03, 0.06]
    with pytest.raises(anchorrec.InputError, match="a paired t test of 1 differences"):
        metrics.paired_t([1.0])
    with pytest.raises(anchorrec.InputError, match="finite"):
        metrics.wilcoxon_signed_rank([1.0, float("nan")])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_neighbours_are_the_largest_cosines(dtype):
    features = np.random.default_rng(0).normal(size=(30, 6)).astype(dtype)
    graph = anchorrec.knn_graph(features, k=4)
    units = features / np.linalg.norm(features, axis=1, keepdims=True)
    want = np.argsort(-(units @ units.T), axis=1)[:, :4]
    assert graph.neighbours.tolist() == want.tolist()
    assert graph.cosines.dtype == dtype
    np.testing.assert_allclose(graph.cosines, np.take_along_axis(units @ units.T, want, 1), rtol=1e-5)


def test_the_item_graph_is_normalised():
    pytest.importorskip("scipy")
    features = np.abs(np.random.default_rng(0).normal(size=(9, 4)))
    graph = anchorrec.item_graph(features, k=3)
    neighbours, cosines = anchorrec.knn_graph(features, k=3)
    dense = np.zeros((9, 9))
    np.put_along_axis(dense, neighbours.astype(np.int64), cosines, 1)
    root = dense.sum(1) ** -0.5
    np.testing.assert_allclose(graph.toarray(), dense * root[:, None] * root, rtol=1e-12)


def test_strange_features_are_refused_or_taken_as_they_are():
    assert anchorrec.knn_graph(np.zeros((0, 3)), k=2).neighbours.shape == (0, 0)
    assert anchorrec.knn_graph(np.eye(2), k=2**31 - 1).neighbours.shape == (2, 2)
    assert anchorrec.knn_graph(np.zeros((2, 0)), k=1).neighbours.tolist() == [[0], [1]]
    for features, k in [(np.eye(2), 0), (np.eye(2), -1), (np.eye(2), 2**40), (np.eye(2), 1.5), (np.eye(2), True), (np.eye(2) * np.nan, 1), (np.eye(2, dtype=int), 1)]:
        with pytest.raises(anchorrec.InputError):
            anchorrec.knn_graph(features, k)
