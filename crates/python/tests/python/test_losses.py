"""Losses against formulas and central differences, computed here by numpy alone."""

import numpy as np
import pytest

import anchorrec
from anchorrec import losses


def rows(seed, *shape, dtype=np.float64):
    return np.random.default_rng(seed).normal(size=shape).astype(dtype)


def softplus(x):
    return np.logaddexp(0.0, x)


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def unit(x):
    return x / np.linalg.norm(x, axis=1, keepdims=True)


def info_nce(a, c, tau):
    logits = unit(a) @ unit(c).T / tau
    return np.mean(np.log(np.exp(logits).sum(1)) - np.diag(logits))


def adjacency(n):
    graph = np.zeros((n, n))
    graph[0, 1], graph[1, 2], graph[2, 0] = 2.0, 0.5, 1.0
    return graph


def smoothness(h, graph):
    edges = np.argwhere(graph)
    return np.mean([graph[i, j] * ((h[i] - h[j]) ** 2).sum() for i, j in edges])


CASES = {
    "bpr": (losses.bpr, lambda p, n: softplus(n - p).mean(), [(7,), (7,)], [0, 1]),
    "floored bpr": (lambda p, n: losses.bpr(p, n, floor=0.1), lambda p, n: -np.log(0.1 + sigmoid(p - n)).mean(), [(7,), (7,)], [0, 1]),
    "two-sided bpr": (
        lambda p, n: losses.two_sided_bpr(p, n, np.full(5, 0.7), np.full(5, 0.3)),
        lambda p, n: (0.7 * softplus(n - p) + 0.3 * softplus(p - n)).mean(),
        [(5,), (5,)],
        [0, 1],
    ),
    "bpr of triples": (
        losses.bpr_of_triples,
        lambda u, i, j: softplus((u * j).sum(1) - (u * i).sum(1)).mean(),
        [(4, 3), (4, 3), (4, 3)],
        [0, 1, 2],
    ),
    "InfoNCE": (lambda a, c: losses.info_nce(a, c, temperature=0.5), lambda a, c: info_nce(a, c, 0.5), [(6, 4), (6, 4)], [0, 1]),
    "InfoNCE in a table": (
        lambda a, c: losses.info_nce_in_table(a, c, [2, 0], temperature=0.5),
        lambda a, c: np.mean(
            np.log(np.exp(unit(a) @ unit(c).T / 0.5).sum(1)) - (unit(a) * unit(c)[[2, 0]]).sum(1) / 0.5
        ),
        [(2, 4), (5, 4)],
        [0, 1],
    ),
    "cosine distance": (losses.cosine_distance, lambda a, c: (1 - (unit(a) * unit(c)).sum(1)).mean(), [(5, 3), (5, 3)], [0, 1]),
    "cosine margin": (
        lambda u, i, j: losses.cosine_margin(u, i, j, margin=0.8),
        lambda u, i, j: np.maximum(0.8 - (unit(u) * unit(i)).sum(1) + (unit(u) * unit(j)).sum(1), 0).mean(),
        [(5, 3), (5, 3), (5, 3)],
        [1, 2],
    ),
    "half squared norm": (lambda z: losses.half_squared_norm(z, 3.0), lambda z: 0.5 * (z**2).sum() / 3, [(4, 3)], [0]),
    "Frobenius norm": (lambda x: losses.frobenius_norm(x, 2.0), lambda x: np.linalg.norm(x) / 2, [(4, 3)], [0]),
    "Gram distance": (losses.gram_distance, lambda h, s: np.linalg.norm(h @ h.T - s @ s.T), [(6, 3), (6, 2)], [0]),
    "preference divergence": (
        losses.preference_divergence,
        lambda u, a, b: np.mean((sigmoid(u @ a.T) - sigmoid(u @ b.T)) * (u @ a.T - u @ b.T)),
        [(3, 2), (4, 2), (4, 2)],
        [0, 1, 2],
    ),
}


def differences(formula, arrays, which, step=1e-6):
    """The gradient by one array, by central differences."""
    gradient = np.zeros_like(arrays[which])
    for place in np.ndindex(gradient.shape):
        ends = []
        for sign in (1, -1):
            moved = [array.copy() for array in arrays]
            moved[which][place] += sign * step
            ends.append(formula(*moved))
        gradient[place] = (ends[0] - ends[1]) / (2 * step)
    return gradient


@pytest.mark.parametrize("name", CASES)
def test_value_and_gradients_are_those_of_the_formula(name):
    loss, formula, shapes, with_gradient = CASES[name]
    arrays = [rows(place, *shape) for place, shape in enumerate(shapes)]
    value, gradients = loss(*arrays)
    assert value == pytest.approx(formula(*arrays), rel=1e-12)
    assert len(gradients) == len(with_gradient)
    for gradient, which in zip(gradients, with_gradient):
        assert gradient.dtype == np.float64
        np.testing.assert_allclose(gradient, differences(formula, arrays, which), rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("name", CASES)
def test_float32_is_float64_rounded(name):
    loss, _, shapes, _ = CASES[name]
    arrays = [rows(place, *shape) for place, shape in enumerate(shapes)]
    if name == "two-sided bpr":
        pytest.skip("its weights are float64 here")
    wide, narrow = loss(*arrays), loss(*[array.astype(np.float32) for array in arrays])
    # A few roundings of 2^-24 each.
    assert narrow.value == pytest.approx(wide.value, rel=1e-5)
    for one, other in zip(narrow.gradients, wide.gradients):
        assert one.dtype == np.float32
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-6)


def test_edge_smoothness_is_a_mean_over_edges():
    sparse = pytest.importorskip("scipy.sparse")
    graph, h = adjacency(4), rows(0, 4, 3)
    value, (gradient,) = losses.edge_smoothness(h, sparse.coo_matrix(graph))
    assert value == pytest.approx(smoothness(h, graph), rel=1e-12)
    np.testing.assert_allclose(gradient, differences(lambda h: smoothness(h, graph), [h], 0), rtol=1e-6, atol=1e-9)


def test_neighbour_discrimination_is_finite_and_its_gradient_is_that_of_its_value():
    views = [rows(1, 8, 3), rows(2, 8, 3)]
    loss = lambda *views: losses.neighbour_discrimination(list(views), [0, 3, 5], first=2, next=2, temperature=0.5)
    found = loss(*views)
    for which in (0, 1):
        want = differences(lambda *views: loss(*views).value, views, which)
        np.testing.assert_allclose(found.gradients[which], want, rtol=1e-5, atol=1e-8)


def test_any_layout_of_an_array_gives_the_same_bits():
    a, c = rows(0, 6, 4), rows(1, 6, 4)
    want = losses.info_nce(a, c)
    wide = np.zeros((12, 8))
    wide[::2, ::2] = a
    read_only = a.copy()
    read_only.flags.writeable = False
    for same in (np.asfortranarray(a), wide[::2, ::2], a[::-1][::-1], read_only, a.tolist()):
        found = losses.info_nce(same, c)
        assert found.value == want.value and np.array_equal(found.gradients[0], want.gradients[0])


@pytest.mark.parametrize(
    "arguments, sentence",
    [
        ((np.zeros((2, 2), np.int64), np.eye(2)), "queries: expected float32 or float64, found int64"),
        ((np.eye(2, dtype=np.float16), np.eye(2)), "queries: expected float32 or float64, found float16"),
        ((np.eye(2).astype(">f8"), np.eye(2)), "queries: expected float32 or float64, found >f8"),
        ((np.eye(2, dtype=object), np.eye(2)), "queries: expected float32 or float64, found object"),
        ((np.eye(2, dtype=complex), np.eye(2)), "queries: expected float32 or float64, found complex128"),
        ((np.eye(2), np.eye(2, dtype=np.float32)), "keys: expected float64 as queries has it, found float32"),
        ((np.ones(2), np.eye(2)), "queries: expected 2 dimensions, found the shape (2,)"),
        ((np.eye(2), [[1.0, 2.0], [3.0]]), "keys: expected numbers in rows of one length"),
        ((np.eye(2), "keys"), "keys: expected a numpy array, found str"),
        ((np.eye(2), None), "keys: expected a numpy array, found NoneType"),
        ((np.eye(2), np.array([[1.0, np.nan], [np.inf, 0.0]])), "keys: expected finite numbers, found 2 that are not, the first at [0, 1]"),
        ((np.eye(2), np.eye(3)), "info_nce: queries (2, 2), keys (3, 3), 2 weights"),
        ((np.zeros((0, 2)), np.zeros((0, 2))), "info_nce: queries (0, 2), keys (0, 2), 0 weights"),
        ((np.eye(2), np.eye(2), 0.0), "info_nce: a temperature of 0"),
        ((np.eye(2), np.eye(2), float("nan")), "temperature: expected a finite number, found nan"),
        ((np.eye(2), np.eye(2), "hot"), "temperature: expected a finite number, found 'hot'"),
        ((np.eye(2), np.eye(2), 0.2, np.ones(3)), "info_nce: queries (2, 2), keys (2, 2), 3 weights"),
    ],
)
def test_what_cannot_be_right_is_a_value_error_with_a_sentence(arguments, sentence):
    with pytest.raises(ValueError) as caught:
        losses.info_nce(*arguments)
    assert isinstance(caught.value, anchorrec.InputError)
    assert sentence in str(caught.value)


def test_numbers_of_rows_that_are_not_there_are_refused():
    for call in (
        lambda: losses.info_nce_in_table(np.eye(2), np.eye(2), [0, 2]),
        lambda: losses.info_nce_in_table(np.eye(2), np.eye(2), [0, -1]),
        lambda: losses.info_nce_in_table(np.eye(2), np.eye(2), [0.0, 1.0]),
        lambda: losses.neighbour_discrimination([np.eye(3)], [3], 1, 1, 0.5),
        lambda: losses.neighbour_discrimination([], [0], 1, 1, 0.5),
        lambda: losses.neighbour_discrimination([np.eye(3), np.eye(4)], [0], 1, 1, 0.5),
        lambda: losses.neighbour_discrimination([np.eye(3)], [0], 0, 1, 0.5),
    ):
        with pytest.raises(anchorrec.InputError):
            call()


def test_a_tensor_with_a_gradient_is_detached_by_its_owner():
    torch = pytest.importorskip("torch")
    rows = torch.eye(2, dtype=torch.float64, requires_grad=True)
    with pytest.raises(anchorrec.InputError, match="detach"):
        losses.half_squared_norm(rows)
    assert losses.half_squared_norm(rows.detach()).value == 1.0


def test_a_loss_of_torch_agrees_with_ours():
    torch = pytest.importorskip("torch")
    a, c = (torch.tensor(rows(seed, 6, 4), requires_grad=True) for seed in (0, 1))
    normal = torch.nn.functional.normalize
    logits = normal(a) @ normal(c).T / 0.2
    loss = torch.nn.functional.cross_entropy(logits, torch.arange(6))
    loss.backward()
    value, (d_a, d_c) = losses.info_nce(a.detach(), c.detach(), temperature=0.2)
    assert value == pytest.approx(loss.item(), rel=1e-12)
    np.testing.assert_allclose(d_a, a.grad, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(d_c, c.grad, rtol=1e-9, atol=1e-12)
