#!/usr/bin/env python3
"""Time AnchorRec (and LightGCN) in eager PyTorch on the CPU, written from the formulas of the paper.

Letters: U users, I items, B batch, D width, F_m raw width of modality m, S_m item graph, R the
normalised user x item block, sg stop-gradient. The data is drawn here, or read with --data. Choices that
do not change the objective: users get R (H_mm + H_text) in one product instead of two, the vision features
are never propagated to users (they enter no score), and heads used only inside the batch are only
evaluated there. Measured choices: CSR with a stored transpose (ahead of autograd's own CSR backward and
of COO), the SMO sum through the sparse product, fused Adam. With --targets shared the trainable tables are
also the AMP targets and the inputs of P_v and P_t; with frozen both use a constant copy.
"""
import time
START = time.perf_counter()
import argparse, json, math, pathlib, resource, statistics, warnings
import numpy as np
import torch
import torch.nn.functional as F
from torch import nn
IMPORTED = time.perf_counter()
warnings.filterwarnings("ignore", message="Sparse")  # CSR is "in beta"; invariants are unchecked

MODALITIES = {"mm": "mm_feat.npy", "text": "text_feat.npy", "vision": "image_feat.npy"}


def options(argv=None):
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    add = p.add_argument
    add("--model", choices=["anchorrec", "lightgcn"], default="anchorrec")
    add("--data", help="folder with <name>.inter and the three feature files; default: synthetic data")
    for name, value in dict(users=35598, items=18357, pairs=218409, clusters=200, batch=2048, dim=64, mm_width=768,
                            text_width=384, vision_width=4096, knn=10, ui_layers=2, item_layers=1,
                            lightgcn_layers=3, eval_block=1024, knn_block=1024, topk=50, seed=999).items():
        add("--" + name.replace("_", "-"), type=int, default=value)
    for name, value in dict(tau=0.2, lambda_aal=0.001, vision_mix=0.25, lambda_amp=0.3, w_ui=0.01, margin=0.2,
                            lambda_reg=0.01, w_smooth=0.1, rho=0.0005, lr=0.001, lightgcn_reg=0.001).items():
        add("--" + name.replace("_", "-"), type=float, default=value)
    add("--layer-norm", action="store_true", help="LayerNorm on the feature tables")
    add("--targets", choices=["shared", "frozen"], default="shared")
    add("--optimizer", choices=["plain", "foreach", "fused"], default="fused")
    add("--sparse", choices=["csr", "csr-native", "coo"], default="csr",
        help="csr stores the transpose for the backward pass; the two others leave it to autograd")
    add("--smooth", choices=["product", "gather"], default="product", help="how the SMO sum is evaluated")
    add("--steps", type=int, default=20, help="timed steps; 0 = one whole epoch")
    add("--warmup", type=int, default=3)
    add("--threads", type=int, default=2)
    add("--no-eval", action="store_true", help="skip the full-ranking evaluation")
    add("--eval-users", type=int, default=0, help="users ranked in the evaluation; 0 = all")
    add("--json", help="also write every number to this file")
    return p.parse_args(argv)


# ---------------------------------------------------------------- data
def read_data(folder, with_features):
    """Training pairs [n, 2], U, I and the features {m: [I, F_m]} of a ready data set (x_label 0 = train)."""
    folder = pathlib.Path(folder)
    inter = next(folder.glob("*.inter"))
    with inter.open() as f:
        header = f.readline().split()
    cols = [header.index(c) for c in ("userID", "itemID", "x_label")]
    rows = np.loadtxt(inter, dtype=np.int64, delimiter="\t", skiprows=1, usecols=cols)
    feats = {m: torch.from_numpy(np.load(folder / f).astype(np.float32))
             for m, f in MODALITIES.items()} if with_features else {}
    n_items = max([rows[:, 1].max() + 1] + [len(x) for x in feats.values()])
    return rows[rows[:, 2] == 0, :2], int(rows[:, 0].max() + 1), int(n_items), feats


def synthetic_data(o, with_features):
    """Distinct pairs with popularity ~ rank^-0.8 and log-normal user activity; features = cluster centre + noise."""
    rng = np.random.default_rng(o.seed)
    p_item = rng.permutation((np.arange(o.items) + 10.0) ** -0.8)
    p_user = rng.lognormal(0.0, 0.6, o.users)
    keys = np.empty(0, np.int64)
    while len(keys) < o.pairs:
        u = rng.choice(o.users, o.pairs, p=p_user / p_user.sum())
        i = rng.choice(o.items, o.pairs, p=p_item / p_item.sum())
        keys = np.unique(np.concatenate([keys, u * o.items + i]))
    keys = rng.permutation(keys)[:o.pairs]
    gen = torch.Generator().manual_seed(o.seed)
    feats = {}
    for m in MODALITIES if with_features else ():
        width = getattr(o, m + "_width")
        centres = torch.randn(o.clusters, width, generator=gen)
        cluster = torch.randint(o.clusters, (o.items,), generator=gen)
        feats[m] = torch.randn(o.items, width, generator=gen).mul_(0.7).add_(centres[cluster])
    return np.stack([keys // o.items, keys % o.items], 1), o.users, o.items, feats


class Sampler:
    """Shuffled positives with one uniform negative each: an item of the training split the user has not."""

    def __init__(self, train, n_items, batch, seed):
        self.train, self.n_items, self.batch = train, n_items, batch
        self.known = np.sort(train[:, 0] * n_items + train[:, 1])
        self.candidates = np.unique(train[:, 1])
        self.rng, self.order, self.at = np.random.default_rng(seed), None, len(train)
        self.steps_per_epoch = math.ceil(len(train) / batch)

    def negatives(self, users):
        neg = self.rng.choice(self.candidates, len(users))
        todo = np.arange(len(users))
        while len(todo):
            key = users[todo] * self.n_items + neg[todo]
            at = np.searchsorted(self.known, key).clip(max=len(self.known) - 1)
            todo = todo[self.known[at] == key]
            neg[todo] = self.rng.choice(self.candidates, len(todo))
        return neg

    def next(self):
        """(users, positives, negatives); the last batch of an epoch may be shorter."""
        if self.at >= len(self.train):
            self.order, self.at = self.rng.permutation(len(self.train)), 0
        pairs = self.train[self.order[self.at:self.at + self.batch]]
        self.at += self.batch
        return tuple(torch.from_numpy(x) for x in (pairs[:, 0].copy(), pairs[:, 1].copy(), self.negatives(pairs[:, 0])))


# ---------------------------------------------------------------- graphs
class Product(torch.autograd.Function):
    """y = A x with constant A; backward dx = A^T dy from a stored transpose."""

    @staticmethod
    def forward(ctx, a, a_t, x):
        ctx.a_t = a_t
        return a @ x

    @staticmethod
    def backward(ctx, dy):
        return None, None, ctx.a_t @ dy


class Sparse:
    """A constant sparse matrix (int32 CSR by default; measured faster than COO, and no slower than int64)."""

    def __init__(self, rows, cols, vals, shape, layout="csr", symmetric=False):
        self.rows, self.cols, self.vals, self.shape, self.layout = rows, cols, vals, shape, layout
        self.a = self._build(rows, cols, shape)
        self.a_t = None
        if layout == "csr":
            self.a_t = self.a if symmetric else self._build(cols, rows, shape[::-1])

    def _build(self, rows, cols, shape):
        a = torch.sparse_coo_tensor(torch.stack([rows, cols]), self.vals, shape).coalesce()
        if self.layout == "coo":
            return a
        a = a.to_sparse_csr()
        return torch.sparse_csr_tensor(a.crow_indices().int(), a.col_indices().int(), a.values(), shape)

    def __matmul__(self, x):
        return Product.apply(self.a, self.a_t, x) if self.a_t is not None else self.a @ x


def user_item_graphs(train, n_users, n_items, layout, dtype=torch.float32):
    """A = D^-1/2 [0 R; R^T 0] D^-1/2 over U + I nodes (degree 0 gives weight 0), and its user x item block."""
    u, i = torch.from_numpy(train).T
    n = n_users + n_items
    deg = torch.bincount(torch.cat([u, i + n_users]), minlength=n).to(dtype)
    inv = torch.where(deg > 0, deg.clamp(min=1).rsqrt(), 0.0)
    w = inv[u] * inv[i + n_users]
    adj = Sparse(torch.cat([u, i + n_users]), torch.cat([i + n_users, u]), torch.cat([w, w]), (n, n), layout, True)
    return adj, Sparse(u, i, w, (n_users, n_items), layout)


def knn_graph(x, k, block, layout):
    """Row i keeps its k largest cosines, itself included; w_ij / sqrt(deg_i deg_j), deg = row sums of the kept.

    Directed. A zero feature row has cosine 0 with everything: its row sum is 0 and its weights are 0.
    """
    n, xn = len(x), F.normalize(x)
    best = [torch.topk(xn[s:s + block] @ xn.T, k, dim=1) for s in range(0, n, block)]
    vals, cols = (torch.cat([b[j] for b in best]) for j in (0, 1))
    deg = vals.sum(1)
    inv = torch.where(deg > 0, deg.clamp(min=1e-12).rsqrt(), 0.0)
    rows = torch.arange(n).repeat_interleave(k)
    cols = cols.reshape(-1)
    return Sparse(rows, cols, vals.reshape(-1) * inv[rows] * inv[cols], (n, n), layout)


def propagate_mean(adj, e, layers):
    """mean(E, A E, ..., A^layers E)"""
    total = h = e
    for _ in range(layers):
        h = adj @ h
        total = total + h
    return total / (layers + 1)


# ---------------------------------------------------------------- terms of the objective
def bpr(zu, zi, zj):
    """mean softplus(-(z_u.z_i - z_u.z_j))"""
    return F.softplus((zu * (zj - zi)).sum(1)).mean()


def ui_margin(zu, zi, zj, margin):
    """mean relu(margin + (1 - cos(sg z_u, z_i)) - (1 - cos(sg z_u, z_j)))"""
    zu = zu.detach()
    return F.relu(margin + F.cosine_similarity(zu, zj) - F.cosine_similarity(zu, zi)).mean()


def l2(zu, zi, zj, batch):
    """1/2 (|z_u|^2 + |z_i|^2 + |z_j|^2) / configured batch size"""
    return 0.5 * sum(z.square().sum() for z in (zu, zi, zj)) / batch


def info_nce(a, b, tau):
    """-mean_n log( exp(cos(a_n, b_n)/tau) / sum_m exp(cos(a_n, b_m)/tau) )"""
    logits = (F.normalize(a) / tau) @ F.normalize(b).T
    return F.cross_entropy(logits, torch.arange(len(a)))


def cosine_matrix(x):
    """cos(X) = X_n X_n^T with unit rows"""
    xn = F.normalize(x)
    return xn @ xn.T


def amp(h, target):
    """|H H^T - target|_F / B, norm not squared"""
    return torch.linalg.matrix_norm(h @ h.T - target) / len(h)


def smooth(s, h, how, degree):
    """mean over edges of w_ij |H_i - H_j|^2

    product: (sum_i d_i |H_i|^2 - 2 sum(H * (S H))) / edges with d = row sums + column sums; the same sum
    without a gather of every edge.
    """
    if how == "gather":
        diff = h.index_select(0, s.rows) - h.index_select(0, s.cols)
        return (s.vals * diff.square().sum(1)).mean()
    return ((degree * h.square().sum(1)).sum() - 2 * (h * (s @ h)).sum()) / len(s.vals)


# ---------------------------------------------------------------- models
def mlp(width, dim):
    return nn.Sequential(nn.Linear(width, dim), nn.ReLU(), nn.Linear(dim, dim))


def xavier(rows, dim):
    return nn.Parameter(nn.init.xavier_uniform_(torch.empty(rows, dim)))


class AnchorRec(nn.Module):
    """Trainable copies X_m of the features; graphs = {"ui", "r", "mm", "text", "vision"}."""

    def __init__(self, o, n_users, n_items, graphs, feats):
        super().__init__()
        self.o, self.n_users, self.n_items, self.graphs = o, n_users, n_items, graphs
        self.e_user, self.e_item = xavier(n_users, o.dim), xavier(n_items, o.dim)
        width = {m: x.shape[1] for m, x in feats.items()}
        self.raw = {m: x.clone() for m, x in feats.items()} if o.targets == "frozen" else None
        self.tables = nn.ParameterDict({m: nn.Parameter(x) for m, x in feats.items()})
        self.norm = nn.ModuleDict({m: nn.LayerNorm(width[m]) if o.layer_norm else nn.Identity() for m in feats})
        self.reduce = nn.ModuleDict({m: nn.Linear(width[m], o.dim) for m in feats})
        self.gate = nn.ModuleDict({m: nn.Linear(o.dim, o.dim) for m in feats})
        self.head = nn.ModuleDict({"id": mlp(o.dim, o.dim), "mm": mlp(o.dim, o.dim),
                                   "vision": mlp(width["vision"], o.dim), "text": mlp(width["text"], o.dim)})
        self.decode = mlp(o.dim, o.dim)
        s = graphs["mm"]
        self.degree = torch.zeros(n_items, dtype=s.vals.dtype).index_add_(0, s.rows, s.vals).index_add_(0, s.cols, s.vals)

    def encode(self, m):
        """H_m = S_m^L (E_i * sigmoid(Lin(Lin(X_m))))"""
        h = self.e_item * torch.sigmoid(self.gate[m](self.reduce[m](self.norm[m](self.tables[m]))))
        for _ in range(self.o.item_layers):
            h = self.graphs[m] @ h
        return h

    def forward(self, modalities=("mm", "text")):
        """z_u = H_id + R (H_mm + H_text); z_i = H_id + H_mm + H_text + rho Dec(P_mm(H_mm))"""
        h_id = propagate_mean(self.graphs["ui"], torch.cat([self.e_user, self.e_item]), self.o.ui_layers)
        id_user, id_item = h_id.split([self.n_users, self.n_items])
        h = {m: self.encode(m) for m in modalities}
        content = h["mm"] + h["text"]
        p_mm = self.head["mm"](h["mm"])
        z_user = id_user + self.graphs["r"] @ content
        z_item = id_item + content + self.o.rho * self.decode(p_mm)
        return z_user, z_item, h, p_mm, id_item

    def native(self, m, rows):
        """Rows of the features that serve as a constant: the drifting table (shared) or the raw copy (frozen)."""
        table = self.tables[m].detach() if self.raw is None else self.raw[m]
        return table.index_select(0, rows)

    def terms(self, u, i, j):
        """{name: (weight, value)} of the objective for one batch of triples."""
        o = self.o
        z_user, z_item, h, p_mm, id_item = self(MODALITIES)
        zu, zi, zj = z_user.index_select(0, u), z_item.index_select(0, i), z_item.index_select(0, j)
        native = {m: self.native(m, i) for m in MODALITIES}
        p_id, p_mm = self.head["id"](id_item.index_select(0, i)), p_mm.index_select(0, i)
        mixed = o.vision_mix * self.head["vision"](native["vision"]) + (1 - o.vision_mix) * self.head["text"](native["text"])
        out = {"bpr": (1.0, bpr(zu, zi, zj)), "ui": (o.w_ui, ui_margin(zu, zi, zj, o.margin)),
               "reg": (o.lambda_reg, l2(zu, zi, zj, o.batch)),
               "aal_id": (o.lambda_aal, info_nce(p_mm, p_id, o.tau)),
               "aal_mix": (o.lambda_aal, info_nce(p_mm.detach(), mixed, o.tau))}
        for m, c in (("mm", 1.0), ("text", 0.03), ("vision", 0.01)):
            out["amp_" + m] = (o.lambda_amp * c, amp(h[m].index_select(0, i), cosine_matrix(native[m])))
        out["smooth"] = (o.w_smooth, smooth(self.graphs["mm"], h["mm"], o.smooth, self.degree))
        return out


class LightGCN(nn.Module):
    """z = mean(E, A E, ..., A^L E); BPR + reg (|e_u|_F + |e_i|_F + |e_j|_F) / B on the initial embeddings."""

    def __init__(self, o, n_users, n_items, graphs):
        super().__init__()
        self.o, self.n_users, self.n_items, self.graphs = o, n_users, n_items, graphs
        self.e_user, self.e_item = xavier(n_users, o.dim), xavier(n_items, o.dim)

    def forward(self):
        z = propagate_mean(self.graphs["ui"], torch.cat([self.e_user, self.e_item]), self.o.lightgcn_layers)
        return z.split([self.n_users, self.n_items])

    def terms(self, u, i, j):
        z_user, z_item = self()
        ego = self.e_user.index_select(0, u), self.e_item.index_select(0, i), self.e_item.index_select(0, j)
        return {"bpr": (1.0, bpr(z_user.index_select(0, u), z_item.index_select(0, i), z_item.index_select(0, j))),
                "reg": (self.o.lightgcn_reg, sum(e.norm() for e in ego) / len(u))}


def total(terms):
    return sum(weight * value for weight, value in terms.values())


def make_optimizer(model, kind, lr):
    flags = {"plain": dict(foreach=False, fused=False), "foreach": dict(foreach=True), "fused": dict(fused=True)}
    return torch.optim.Adam(model.parameters(), lr=lr, betas=(0.9, 0.999), eps=1e-8, **flags[kind])


# ---------------------------------------------------------------- timing
def timed(seconds, name, work):
    t = time.perf_counter()
    result = work()
    seconds[name] = time.perf_counter() - t
    return result


def peak_mb():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def time_steps(model, opt, sampler, warmup, steps):
    """Seconds per stage for every timed step, the seconds of the very first step, and the last terms."""
    laps, first = [], None
    for n in range(warmup + steps):
        t = [time.perf_counter()]
        triple = sampler.next()
        t.append(time.perf_counter())
        terms = model.terms(*triple)
        loss = total(terms)
        t.append(time.perf_counter())
        opt.zero_grad(set_to_none=True)
        loss.backward()
        t.append(time.perf_counter())
        opt.step()
        t.append(time.perf_counter())
        first = first or t[-1] - t[0]
        if n >= warmup:
            laps.append([b - a for a, b in zip(t, t[1:])] + [t[-1] - t[0]])
    values = {k: v.item() for k, (_, v) in terms.items()} | {"total": loss.item()}
    return dict(zip(("batch", "forward", "backward", "optimizer", "total"), zip(*laps))), first, values


@torch.no_grad()
def full_ranking(model, train, n_eval, block, topk):
    """Top items of the first n_eval users, training positives masked by -inf; returns [n_eval, topk]."""
    z_user, z_item = model()[:2]
    pairs = train[np.argsort(train[:, 0], kind="stable")]
    starts = np.searchsorted(pairs[:, 0], np.arange(0, n_eval + block, block).clip(max=n_eval))
    out = []
    for b, s in enumerate(range(0, n_eval, block)):
        scores = z_user[s:min(s + block, n_eval)] @ z_item.T
        rows, cols = torch.from_numpy(pairs[starts[b]:starts[b + 1]]).T
        scores[rows - s, cols] = -math.inf
        out.append(torch.topk(scores, topk, dim=1).indices)
    return torch.cat(out)


def report(r):
    line = lambda name, *cells: print(f"{name:<22}" + "".join(f"{c:>12}" for c in cells))
    for k, v in r["setup"].items():
        line(k, v)
    line("step, ms", "median", "min", "max")
    for name, row in r["step_ms"].items():
        line("  " + name, *(f"{row[k]:.2f}" for k in ("median", "min", "max")))
    for title in ("seconds", "evaluation", "peak_mb", "last_terms"):
        print(title)
        for k, v in r[title].items():
            line("  " + k, f"{v:.6g}" if title == "last_terms" else f"{v:.3f}" if title == "seconds" else f"{v:.1f}")


def main():
    o = options()
    torch.set_num_threads(o.threads)
    torch.manual_seed(o.seed)
    seconds, mb = {"imports": IMPORTED - START}, {"imports": peak_mb()}
    anchor = o.model == "anchorrec"
    load = (lambda: read_data(o.data, anchor)) if o.data else (lambda: synthetic_data(o, anchor))
    train, n_users, n_items, feats = timed(seconds, "data", load)
    mb["data"] = peak_mb()
    graphs = dict(zip(("ui", "r"), timed(seconds, "user_item_graph",
                                         lambda: user_item_graphs(train, n_users, n_items, o.sparse))))
    for m, x in feats.items():
        graphs[m] = timed(seconds, "knn_" + m, lambda: knn_graph(x, o.knn, o.knn_block, o.sparse))
    mb["graphs"] = peak_mb()
    model = timed(seconds, "model", lambda: AnchorRec(o, n_users, n_items, graphs, feats) if anchor
                  else LightGCN(o, n_users, n_items, graphs))
    opt = timed(seconds, "optimizer", lambda: make_optimizer(model, o.optimizer, o.lr))
    sampler = Sampler(train, n_items, o.batch, o.seed)
    steps = o.steps or sampler.steps_per_epoch
    seconds["ready_to_train"] = time.perf_counter() - START
    laps, seconds["first_step"], values = time_steps(model, opt, sampler, o.warmup, steps)
    seconds["epoch" if not o.steps else "epoch_estimate"] = (
        sum(laps["total"]) if not o.steps else statistics.median(laps["total"]) * sampler.steps_per_epoch)
    mb["training"] = peak_mb()
    evaluation = {}
    if not o.no_eval:
        n_eval = min(o.eval_users or n_users, n_users)
        full_ranking(model, train, min(o.eval_block, n_eval), o.eval_block, o.topk)  # warm-up
        timed(seconds, "evaluation", lambda: full_ranking(model, train, n_eval, o.eval_block, o.topk))
        evaluation = {"users": n_eval, "users_per_second": n_eval / seconds["evaluation"]}
        mb["evaluation"] = peak_mb()
    result = {"setup": {"torch": torch.__version__, "threads": torch.get_num_threads(), "model": o.model,
                        "optimizer": o.optimizer, "sparse": o.sparse, "targets": o.targets, "users": n_users,
                        "items": n_items, "train_pairs": len(train), "batch": o.batch, "steps": steps,
                        "steps_per_epoch": sampler.steps_per_epoch, "parameters": sum(p.numel() for p in model.parameters()),
                        **{"width_" + m: x.shape[1] for m, x in feats.items()}},
              "step_ms": {k: {"median": 1e3 * statistics.median(v), "min": 1e3 * min(v), "max": 1e3 * max(v)}
                          for k, v in laps.items()},
              "seconds": seconds, "evaluation": evaluation, "peak_mb": mb, "last_terms": values}
    report(result)
    if o.json:
        pathlib.Path(o.json).write_text(json.dumps(result | {"options": {k: v for k, v in vars(o).items() if k not in ("data", "json")},
                                                             "laps_s": laps}, indent=1))


if __name__ == "__main__":
    main()
