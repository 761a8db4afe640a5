#!/usr/bin/env python3
"""Time one training step of LATTICE, DA-MRS, SMORE or LGMRec in eager PyTorch on the CPU, written from the formulas of the papers
(with MMRec's constants), at the defaults of `crates/baselines`. Data, graphs, optimiser and clock are those of torch_step.py.

    python docs/performance/torch_baselines.py --model damrs --data target/bench/amazon-sports-...

Choices that do not change the objective: products with one table are joined (LGMRec's features times [P_m | V_m]), cosines of
DA-MRS are made once a graph for selection and loss, in blocks of rows (--rows), means of its cosines come from the sum of unit rows. CSR with a stored
transpose, fused Adam. LATTICE learns its graph in the first batch of an epoch; the median is that of the others, and the first is
printed beside it, as the median of as many epochs as --learned says.
"""
import argparse, json, math, pathlib, statistics, time
import torch
import torch.nn.functional as F
from torch import nn
from torch_step import (Product, Sampler, Sparse, bpr, info_nce, knn_graph, l2, make_optimizer, peak_mb, propagate_mean, read_data,
                        synthetic_data, time_steps, total, user_item_graphs, xavier)


def options(argv=None):
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add = p.add_argument
    add("--model", choices=list(MODELS), required=True)
    add("--data", help="folder with <name>.inter and the feature files; default: synthetic data")
    for name, value in dict(users=35598, items=18357, pairs=218266, clusters=200, batch=2048, dim=64, mm_width=8,
                            text_width=384, vision_width=4096, knn=10, block=1024, rows=256, seed=999, steps=20, warmup=3,
                            learned=3, threads=2).items():
        add("--" + name.replace("_", "-"), type=int, default=value)
    add("--lr", type=float, default=0.001)
    add("--optimizer", choices=["plain", "foreach", "fused"], default="fused")
    add("--json", help="also write every number to this file")
    return p.parse_args(argv)


# ---------------------------------------------------------------- graphs
def normalise_rows_sums(rows, cols, vals, n):
    """w_ij / sqrt(r_i r_j), r = row sums; 0 where a sum is not positive."""
    r = torch.zeros(n, dtype=vals.dtype).index_add_(0, rows, vals)
    inv = torch.where(r > 0, r.clamp(min=1e-30).rsqrt(), 0.0)
    return vals * inv[rows] * inv[cols]


def self_loop_mean(train, n_users, n_items):
    """(A + 1) with rows that sum to 1, over U + I nodes; not symmetric."""
    u, i = torch.from_numpy(train).T
    i = i + n_users
    n = n_users + n_items
    own = torch.arange(n)
    rows, cols = torch.cat([u, i, own]), torch.cat([i, u, own])
    return Sparse(rows, cols, 1.0 / torch.bincount(rows, minlength=n).float()[rows], (n, n))


def union(graphs, combine, n):
    """Edges of both graphs; `combine` is "max" or "sum" of the weights of an edge in both."""
    key = torch.cat([g.rows * n + g.cols for g in graphs])
    keys, place = key.unique(return_inverse=True)
    vals = torch.zeros(len(keys)).scatter_reduce_(0, place, torch.cat([g.vals for g in graphs]), {"max": "amax", "sum": "sum"}[combine])
    return Sparse(keys // n, keys % n, vals, (n, n))


def binary_graph(rows, cols, n):
    """1 / sqrt((c_i + 1e-7)(c_j + 1e-7)), c = edges out of a row."""
    inv = (torch.bincount(rows, minlength=n) + 1e-7).double().rsqrt().float()
    return Sparse(rows, cols, inv[rows] * inv[cols], (n, n))


def agreeing_graphs(vision, text, k, block):
    """Of the pairs whose cosines are not below the mean in both modalities the (at most k) nearest in each."""
    n, unit = len(vision), [F.normalize(x) for x in (vision, text)]
    mean = [float(x.double().sum(0).square().sum() / n ** 2) for x in unit]
    edges = [[], []]
    for s in range(0, n, block):
        cos = [x[s:s + block] @ x.T for x in unit]
        keep = (cos[0] >= mean[0]) & (cos[1] >= mean[1])
        count = (keep & (cos[1] != 0)).sum(1).clamp(max=k)
        for m in (0, 1):
            best = cos[m].masked_fill_(~keep, 0.0).topk(k, dim=1).indices
            taken = torch.arange(k) < count[:, None]
            edges[m].append(torch.stack([torch.arange(s, s + len(best)).repeat_interleave(count), best[taken]]))
    return [binary_graph(*torch.cat(e, 1), n) for e in edges]


def behaviour_graph(train, n_users, n_items, k, block):
    """Each item, and the k items that most of its users have too, two users or more."""
    u, i = torch.from_numpy(train).T
    r = Sparse(u, i, torch.ones(len(u)), (n_users, n_items))
    edges = []
    for s in range(0, n_items, block):
        near = (i >= s) & (i < s + block)
        dense = torch.zeros(n_users, min(block, n_items - s))
        dense[u[near], i[near] - s] = 1.0
        common = (r.a_t @ dense).T.contiguous()
        rows = torch.arange(len(common))
        common[rows, rows + s] = 0.0
        best = common.topk(k, dim=1)
        taken = best.values >= 2
        edges.append(torch.stack([(rows + s).repeat_interleave(taken.sum(1)), best.indices[taken]]))
    own = torch.arange(n_items)
    return binary_graph(*torch.cat(edges + [torch.stack([own, own])], 1), n_items)


# ---------------------------------------------------------------- models
class Base(nn.Module):
    """Embeddings of users and items, and the layer mean."""

    def __init__(self, o, n_users, n_items):
        super().__init__()
        self.o, self.n = o, (n_users, n_items)
        self.e_user, self.e_item = xavier(n_users, o.dim), xavier(n_items, o.dim)

    def light(self, adj, layers):
        return propagate_mean(adj, torch.cat([self.e_user, self.e_item]), layers)


class Lattice(Base):
    """z_u = C_u, z_i = C_i + norm(G E_i); G = (1 - lambda) L + lambda sum w_m O_m, learned in an epoch's first batch."""
    layers, share, reg = 2, 0.9, 1e-5

    def __init__(self, o, n_users, n_items, train, feats):
        super().__init__(o, n_users, n_items)
        self.adj = self_loop_mean(train, n_users, n_items)
        self.frozen = [knn_graph(feats[m], o.knn, o.block, "csr") for m in ("vision", "text")]
        self.tables = nn.ParameterList([feats["vision"], feats["text"]])
        self.reduce = nn.ModuleList(nn.Linear(x.shape[1], o.dim) for x in self.tables)
        self.omega = nn.Parameter(torch.tensor([0.5, 0.5]))
        self.graph = None  # as of the first batch of the epoch

    def learned(self):
        """G on the union of all edges: (rows, cols, values with a gradient)."""
        n, k, w = self.n[1], self.o.knn, torch.softmax(self.omega, 0)
        key, mixed, fixed = [], [], []
        for m in (0, 1):
            x = self.reduce[m](self.tables[m])
            with torch.no_grad():
                unit = F.normalize(x)
                cols = torch.cat([(unit[s:s + self.o.block] @ unit.T).topk(k, dim=1).indices for s in range(0, n, self.o.block)])
            unit = F.normalize(x)
            cos = (unit[:, None] * unit[cols]).sum(2).reshape(-1)
            key.append(torch.arange(n).repeat_interleave(k) * n + cols.reshape(-1))
            mixed.append(w[m] * cos)
        for m in (0, 1):
            key.append(self.frozen[m].rows * n + self.frozen[m].cols)
            fixed.append(w[m] * self.frozen[m].vals)
        keys, place = torch.cat(key).unique(return_inverse=True)
        rows, cols, edges = keys // n, keys % n, len(mixed[0]) * 2
        a = torch.zeros(len(keys)).index_add(0, place[:edges], torch.cat(mixed))
        frozen = torch.zeros(len(keys)).index_add(0, place[edges:], torch.cat(fixed))
        r = torch.zeros(n).index_add(0, rows, a)
        s = torch.where(r > 0, r.clamp(min=1e-30).rsqrt(), 0.0)
        return rows, cols, (1 - self.share) * s[rows] * a * s[cols] + self.share * frozen

    def begin_epoch(self):
        self.graph = None

    def terms(self, u, i, j):
        z_user, z_item = self.light(self.adj, self.layers).split(self.n)
        if self.graph is None:
            rows, cols, g = self.learned()
            h = torch.zeros(self.n[1], self.o.dim).index_add(0, rows, g[:, None] * self.e_item[cols])
            self.graph = Sparse(rows, cols, g.detach(), (self.n[1], self.n[1]))
        else:
            h = self.graph @ self.e_item
        z_item = z_item + F.normalize(h)
        z = z_user[u], z_item[i], z_item[j]
        return {"bpr": (1.0, bpr(*z)), "reg": (self.reg, l2(*z, self.o.batch))}


class DaMrs(Base):
    """z_u = C_u, z_i = C_i + mean_m G_m E_i; weighted BPR, neighbour discrimination, divergence of users."""
    layers, near, tau, w_nd, w_kl = 2, 10, 0.2, 1e-3, 1.0

    def __init__(self, o, n_users, n_items, train, feats):
        super().__init__(o, n_users, n_items)
        self.adj = user_item_graphs(train, n_users, n_items, "csr")[0]
        self.graphs = agreeing_graphs(feats["vision"], feats["text"], o.knn, o.block)
        self.graphs.append(behaviour_graph(train, n_users, n_items, 2, 256))

    def discriminate(self, h, items):
        """mean over rows of -ln(M/T + 1e-9) - ln(Q/(T - M) + 1e-9), e = exp(cos/tau), of each graph; the mean over the graphs."""
        value = 0.0
        for ids in items.split(self.o.rows):
            cos = [x[ids] @ x.T for x in h]
            with torch.no_grad():
                share = [torch.softmax(c, 1) for c in cos]
                everyone = share[0] + share[1] + share[2]
                near = [(everyone + s).topk(self.near, dim=1).indices for s in share]
                following = [s.scatter_(1, p, 0.0).topk(self.near, dim=1).indices for s, p in zip(share, near)]
            for c, p, q in zip(cos, near, following):
                e = (c / self.tau).exp_()
                t, m = e.sum(1), e.gather(1, p).sum(1)
                value = value - ((m / t + 1e-9).log() + (e.gather(1, q).sum(1) / (t - m) + 1e-9).log()).sum()
        return value / (3 * len(items))

    def terms(self, u, i, j):
        c_user, c_item = self.light(self.adj, self.layers).split(self.n)
        h = [g @ self.e_item for g in self.graphs]
        mean = (h[0] + h[1] + h[2]) / 3
        unit = [F.normalize(x) for x in h]
        z_item = c_item + mean
        zu = c_user[u]
        with torch.no_grad():
            x, y = (torch.stack([torch.sigmoid((zu * t[ids]).sum(1)) for t in unit]) for ids in (i, j))
            mu, n = x.mean(0), y.mean()
            towards = (mu * torch.exp(-x.var(0)) ** 2).clamp(0, 1)
            away = torch.where(mu < n, (x.amax(0) - n).clamp(0, 1), 0.0)
        delta = (zu * (z_item[i] - z_item[j])).sum(1)
        users, items = u.unique(), torch.cat([i, j]).unique()
        cu = c_user[users]
        alpha, beta = cu @ F.normalize(c_item[items]).T, cu @ F.normalize(mean[items]).T
        return {"bpr": (1.0, (towards * F.softplus(-delta) + away * F.softplus(delta)).mean()),
                "nd": (self.w_nd, self.discriminate(unit, items)),
                "kl": (self.w_kl, ((torch.sigmoid(alpha) - torch.sigmoid(beta)) * (alpha - beta)).mean())}


class Smore(Base):
    """z = C + (q_v a_v M_v + q_t a_t M_t + q_f M_f) / 3 with spectra of the projected features filtered and fused."""
    layers, w_align, reg, tau = 3, 0.01, 1e-4, 0.2

    def __init__(self, o, n_users, n_items, train, feats):
        super().__init__(o, n_users, n_items)
        d = o.dim
        self.adj, self.r = user_item_graphs(train, n_users, n_items, "csr")
        graphs = {m: knn_graph(feats[m], o.knn, o.block, "csr") for m in ("vision", "text")}
        self.graphs = graphs | {"fused": union(list(graphs.values()), "max", n_items)}
        self.tables = nn.ParameterDict({m: feats[m] for m in graphs})
        self.reduce = nn.ModuleDict({m: nn.Linear(feats[m].shape[1], d) for m in graphs})
        self.query = nn.ModuleDict({m: nn.Sequential(nn.Linear(d, d), nn.Tanh(), nn.Linear(d, d, bias=False)) for m in graphs})
        self.gate, self.prefer = (nn.ModuleDict({m: nn.Linear(d, d) for m in self.graphs}) for _ in range(2))
        self.filter = nn.ParameterDict({m: torch.randn(d // 2 + 1, 2) for m in self.graphs})

    def terms(self, u, i, j):
        d = self.o.dim
        spectrum = {m: torch.fft.rfft(self.reduce[m](x), norm="ortho") for m, x in self.tables.items()}
        spectrum["fused"] = spectrum["text"] * spectrum["vision"]
        nodes = {}
        for m, graph in self.graphs.items():
            y = torch.fft.irfft(spectrum[m] * torch.view_as_complex(self.filter[m]), n=d, norm="ortho")
            z = graph @ (self.e_item * torch.sigmoid(self.gate[m](y)))
            nodes[m] = torch.cat([self.r @ z, z])
        c = self.light(self.adj, self.layers)
        side = torch.sigmoid(self.prefer["fused"](c)) * nodes["fused"]
        for m in ("vision", "text"):
            side = side + torch.sigmoid(self.prefer[m](c)) * torch.softmax(self.query[m](nodes["fused"]), 1) * nodes[m]
        side = side / 3
        (c_user, c_item), (s_user, s_item) = c.split(self.n), side.split(self.n)
        cu, ci, su, si = c_user[u], c_item[i], s_user[u], s_item[i]
        z = cu + su, ci + si, c_item[j] + s_item[j]
        return {"bpr": (1.0, bpr(*z)), "reg": (self.reg, l2(*z, self.o.batch)),
                "align": (self.w_align, info_nce(si, ci, self.tau) + info_nce(su, cu, self.tau))}


class LgmRec(Base):
    """z = C + norm(Y_v) + norm(Y_t) + alpha norm(GHE): local graphs of the features, global hypergraphs of soft memberships."""
    layers, passes, edges, keep, alpha, tau, w_align, reg = 2, 1, 4, 0.5, 0.3, 0.2, 1e-4, 1e-6

    def __init__(self, o, n_users, n_items, train, feats):
        super().__init__(o, n_users, n_items)
        self.adj = user_item_graphs(train, n_users, n_items, "csr")[0]
        users, items = torch.from_numpy(train).T
        self.r = Sparse(users, items, torch.ones(len(users)), (n_users, n_items))
        self.per_user = 1 / (torch.bincount(users, minlength=n_users).float()[:, None] + 1e-7)
        self.features = {m: feats[m] for m in ("vision", "text")}
        width = lambda m: feats[m].shape[1]
        self.project = nn.ParameterDict({m: xavier(width(m), o.dim) for m in self.features})
        self.hyper = nn.ParameterDict({m: xavier(width(m), self.edges) for m in self.features})

    def members(self, logits):
        noise = -torch.empty_like(logits).exponential_().log()
        return F.dropout(torch.softmax((logits + noise) / self.tau, 1), 1 - self.keep)

    def contrast(self, a, table, ids):
        """Sum over the batch of -ln softmax over the whole table."""
        logits = (F.normalize(a[ids]) / self.tau) @ F.normalize(table).T
        return F.cross_entropy(logits, ids, reduction="sum")

    def terms(self, u, i, j):
        c = self.light(self.adj, self.layers)
        c_item = c[self.n[0]:]
        z, user, item = c, [], []
        for m, x in self.features.items():
            of_items = x @ torch.cat([self.project[m], self.hyper[m]], 1)
            of_users = self.r @ of_items
            y = torch.cat([self.per_user * of_users[:, :self.o.dim], of_items[:, :self.o.dim]])
            for _ in range(self.layers):
                y = self.adj @ y
            h_item, h_user = self.members(of_items[:, self.o.dim:]), self.members(of_users[:, self.o.dim:])
            of_item = c_item
            for _ in range(self.passes):
                lat = h_item.T @ of_item
                of_item = h_item @ lat
            item.append(of_item)
            user.append(h_user @ lat)
            z = z + F.normalize(y)
        z = z + self.alpha * F.normalize(torch.cat([user[0] + user[1], item[0] + item[1]]))
        z_user, z_item = z.split(self.n)
        z = z_user[u], z_item[i], z_item[j]
        return {"bpr": (1.0, bpr(*z)), "reg": (self.reg, sum(x.norm() for x in z) / len(u)),
                "contrast": (self.w_align, self.contrast(user[0], user[1], u) + self.contrast(item[0], item[1], i))}


MODELS = {"lattice": Lattice, "damrs": DaMrs, "smore": Smore, "lgmrec": LgmRec}


def learning_steps(model, opt, sampler, count):
    """Seconds of the first step of an epoch, which learns LATTICE's graph."""
    seconds = []
    for _ in range(count):
        model.begin_epoch()
        triple, t = sampler.next(), time.perf_counter()
        opt.zero_grad(set_to_none=True)
        total(model.terms(*triple)).backward()
        opt.step()
        seconds.append(time.perf_counter() - t)
    return seconds


def main():
    o = options()
    torch.set_num_threads(o.threads)
    torch.manual_seed(o.seed)
    train, n_users, n_items, feats = read_data(o.data, True) if o.data else synthetic_data(o, True)
    feats.pop("mm", None)
    t = time.perf_counter()
    model = MODELS[o.model](o, n_users, n_items, train, feats)
    del feats
    made, opt, sampler = time.perf_counter() - t, make_optimizer(model, o.optimizer, o.lr), Sampler(train, n_items, o.batch, o.seed)
    print(f"{o.model}: PyTorch {torch.__version__}, {torch.get_num_threads()} threads; model and graphs {made:.1f} s", flush=True)
    learned = learning_steps(model, opt, sampler, o.learned) if o.model == "lattice" else []
    laps, _, values = time_steps(model, opt, sampler, o.warmup, o.steps)
    result = {"model": o.model, "torch": torch.__version__, "threads": torch.get_num_threads(), "made_s": made, "peak_gib": peak_mb() / 1024,
              "step_s": {k: {"median": statistics.median(v), "min": min(v), "max": max(v)} for k, v in laps.items()},
              "learning_step_s": learned, "last_terms": values}
    print(f"  peak       {result['peak_gib']:.2f} GiB")
    for name, row in result["step_s"].items():
        print(f"  {name:<10} {row['median']:.4f} s ({row['min']:.4f} - {row['max']:.4f}, {o.steps})")
    if learned:
        print(f"  the step that learns the graph: {statistics.median(learned):.4f} s ({min(learned):.4f} - {max(learned):.4f}, {len(learned)})")
    print("  " + ", ".join(f"{name} {value:.6g}" for name, value in values.items()))
    if o.json:
        pathlib.Path(o.json).write_text(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
