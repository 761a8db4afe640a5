#!/usr/bin/env python3
"""Time one epoch with validation of VBPR, BM3, FREEDOM or AlignRec in eager PyTorch on the CPU, written from the formulas of the papers
(with MMRec's constants), at the defaults of `crates/baselines`. Data, graphs, optimiser and clock are those of torch_step.py.

    python docs/performance/torch_epochs.py --model freedom --data target/bench/amazon-sports-...

Choices that do not change the objective: features are projected for the distinct items of a batch alone where only those enter a loss; BM3 masks
each distinct row of a batch once; FREEDOM draws its edges by exponential keys. CSR with a stored transpose, fused Adam. An epoch is what it makes
once (FREEDOM's graph), the median step times the number of steps, and the ranking of all users.
"""
import argparse, json, pathlib, statistics, time
import torch
import torch.nn.functional as F
from torch import nn
from torch_step import (Sampler, Sparse, amp, bpr, cosine_matrix, full_ranking, info_nce, knn_graph, l2, make_optimizer, peak_mb,
                        propagate_mean, read_data, synthetic_data, time_steps, user_item_graphs, xavier)


def options(argv=None):
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add = p.add_argument
    add("--model", choices=list(MODELS), required=True)
    add("--data", help="folder with <name>.inter and the feature files; default: synthetic data")
    for name, value in dict(users=35598, items=18357, pairs=218266, clusters=200, batch=2048, dim=64, mm_width=768,
                            text_width=384, vision_width=4096, knn=10, block=1024, topk=50, seed=999, steps=20, warmup=3,
                            threads=2).items():
        add("--" + name.replace("_", "-"), type=int, default=value)
    add("--lr", type=float, default=0.001)
    add("--optimizer", choices=["plain", "foreach", "fused"], default="fused")
    add("--json", help="also write every number to this file")
    return p.parse_args(argv)


def distinct(*ids):
    """The distinct ids of several lists, and where in them each list's entries are."""
    all_ids, place = torch.cat(ids).unique(return_inverse=True)
    return all_ids, place.split([len(x) for x in ids])


class Base(nn.Module):
    """Embeddings of users and items, and the layer mean."""

    def __init__(self, o, n_users, n_items, train, feats):
        super().__init__()
        self.o, self.n = o, (n_users, n_items)
        self.e_user, self.e_item = xavier(n_users, o.dim), xavier(n_items, o.dim)
        self.adj, self.r = user_item_graphs(train, n_users, n_items, "csr")

    def light(self, adj, layers):
        return propagate_mean(adj, torch.cat([self.e_user, self.e_item]), layers).split(self.n)

    def begin_epoch(self):
        pass


class Vbpr(Base):
    """z_u = E_u [2D], z_i = [E_i | X W' + b], X fixed; BPR with a floor of 1e-10, un-squared norms over the batch."""
    reg = 0.01

    def __init__(self, o, n_users, n_items, train, feats):
        super().__init__(o, n_users, n_items, train, feats)
        self.e_user = xavier(n_users, 2 * o.dim)
        self.x = torch.cat([feats["text"], feats["vision"]], 1)
        self.content = nn.Linear(self.x.shape[1], o.dim)

    def items(self, ids):
        return torch.cat([self.e_item[ids], self.content(self.x[ids])], 1)

    def forward(self):
        return self.e_user, torch.cat([self.e_item, self.content(self.x)], 1)

    def terms(self, u, i, j):
        ids, (i, j) = distinct(i, j)
        z_item = self.items(ids)
        z = self.e_user[u], z_item[i], z_item[j]
        margin = (z[0] * (z[1] - z[2])).sum(1)
        return {"bpr": (1.0, -(1e-10 + torch.sigmoid(margin)).log().mean()), "reg": (self.reg, sum(x.norm() for x in z) / len(u))}


class Bm3(Base):
    """h = layer mean (+ E for items), score P(h_u) P(h_i); each side predicts the other and the modalities, masked, without gradient."""
    layers, drop, reg, align = 1, 0.3, 0.1, 2.0

    def __init__(self, o, n_users, n_items, train, feats):
        super().__init__(o, n_users, n_items, train, feats)
        self.tables = nn.ParameterDict({m: feats[m] for m in ("text", "vision")})
        self.reduce = nn.ModuleDict({m: nn.Linear(x.shape[1], o.dim) for m, x in self.tables.items()})
        self.predict = nn.Linear(o.dim, o.dim)

    def encoded(self):
        h_user, h_item = self.light(self.adj, self.layers)
        return h_user, h_item + self.e_item

    def forward(self):
        return tuple(self.predict(h) for h in self.encoded())

    def target(self, x):
        return F.dropout(x.detach(), self.drop)

    def terms(self, u, i, _):
        h_user, h_item = self.encoded()
        (users, (u,)), (items, (i,)) = distinct(u), distinct(i)
        hu, hi = h_user[users], h_item[items]
        of_users, of_items = self.target(hu), self.target(hi)
        pu, pi = self.predict(hu), self.predict(hi)
        towards = lambda x, y: 1 - F.cosine_similarity(x, y).mean()
        out = {"ui": (1.0, towards(pu[u], of_items[i])), "iu": (1.0, towards(pi[i], of_users[u])),
               "reg": (self.reg, (h_user.norm() + h_item.norm()) / self.n[1])}
        for m, table in self.tables.items():
            t = self.reduce[m](table[items])
            of_m, p = self.target(t), self.predict(t)
            out["align_" + m] = (self.align, towards(p[i], of_items[i]))
            out["mask_" + m] = (self.align, towards(p[i], of_m[i]))
        return out


class Freedom(Base):
    """z_i = H_i + S E_i on a frozen item graph; the user-item graph keeps a fifth of its edges, drawn anew for each epoch."""
    layers, share, drop, reg, tiny = 2, 0.1, 0.8, 1e-3, 1e-7

    def __init__(self, o, n_users, n_items, train, feats):
        super().__init__(o, n_users, n_items, train, feats)
        self.users, self.bought = torch.from_numpy(train).T
        self.adj, self.weights = self.graph(self.users, self.bought)
        key, vals = [], []
        for m, w in (("vision", self.share), ("text", 1 - self.share)):
            g = knn_graph(feats[m], o.knn, o.block, "csr")
            key.append(g.rows * n_items + g.cols)
            vals.append(torch.full((len(g.rows),), w / (o.knn + self.tiny)))
        keys, place = torch.cat(key).unique(return_inverse=True)
        self.s = Sparse(keys // n_items, keys % n_items, torch.zeros(len(keys)).index_add(0, place, torch.cat(vals)), (n_items, n_items))
        self.tables = nn.ParameterDict({m: feats[m] for m in ("text", "vision")})
        self.reduce = nn.ModuleDict({m: nn.Linear(x.shape[1], o.dim) for m, x in self.tables.items()})
        self.training_graph = self.adj

    def graph(self, u, i):
        """D^-1/2 [0 R; R' 0] D^-1/2 with 1e-7 added to each degree, and the weight of each pair."""
        n = sum(self.n)
        i = i + self.n[0]
        inv = (torch.bincount(torch.cat([u, i]), minlength=n).to(self.e_user.dtype) + self.tiny).rsqrt()
        w = inv[u] * inv[i]
        return Sparse(torch.cat([u, i]), torch.cat([i, u]), torch.cat([w, w]), (n, n), symmetric=True), w

    def begin_epoch(self):
        keys = torch.empty_like(self.weights).exponential_() / self.weights
        kept = keys.topk(int(len(keys) * (1 - self.drop)), largest=False).indices
        self.training_graph = self.graph(self.users[kept], self.bought[kept])[0]

    def embeddings(self, adj):
        z_user, h_item = self.light(adj, self.layers)
        return z_user, h_item + self.s @ self.e_item

    def forward(self):
        return self.embeddings(self.adj)

    def terms(self, u, i, j):
        z_user, z_item = self.embeddings(self.training_graph)
        zu = z_user[u]
        out = {"bpr": (1.0, bpr(zu, z_item[i], z_item[j]))}
        ids, (i, j) = distinct(i, j)
        for m, table in self.tables.items():
            t = self.reduce[m](table[ids])
            out["bpr_" + m] = (self.reg, bpr(zu, t[i], t[j]))
        return out


class AlignRec(Base):
    """z = H_id + H_mm, H_mm = S (E_i * sigmoid(Lin(Lin(X)))), R H_mm for users; aligned with the ID space and with the features."""
    layers, tau, w_align, w_ui, w_sim, w_reg = 2, 0.2, 0.01, 0.1, 0.1, 1e-4

    def __init__(self, o, n_users, n_items, train, feats):
        super().__init__(o, n_users, n_items, train, feats)
        self.s = knn_graph(feats["mm"], o.knn, o.block, "csr")
        self.table = nn.Parameter(feats["mm"])
        self.reduce, self.gate = nn.Linear(self.table.shape[1], o.dim), nn.Linear(o.dim, o.dim)

    def parts(self):
        h_mm = self.s @ (self.e_item * torch.sigmoid(self.gate(self.reduce(self.table))))
        return self.light(self.adj, self.layers), (self.r @ h_mm, h_mm)

    def forward(self):
        (id_user, id_item), (mm_user, mm_item) = self.parts()
        return id_user + mm_user, id_item + mm_item

    def terms(self, u, i, j):
        (id_user, id_item), (mm_user, mm_item) = self.parts()
        iu, ii, mu, mi = id_user[u], id_item[i], mm_user[u], mm_item[i]
        z = iu + mu, ii + mi, id_item[j] + mm_item[j]
        return {"bpr": (1.0, bpr(*z)), "ui": (self.w_ui, (1 - F.cosine_similarity(z[0], z[1])).mean()),
                "reg": (self.w_reg, l2(*z, self.o.batch)),
                "align": (self.w_align, info_nce(mu, iu, self.tau) + info_nce(mi, ii, self.tau)),
                "sim": (self.w_sim, amp(mi, cosine_matrix(self.table.detach()[i])))}


MODELS = {"vbpr": Vbpr, "bm3": Bm3, "freedom": Freedom, "alignrec": AlignRec}


def seconds(work):
    t = time.perf_counter()
    work()
    return time.perf_counter() - t


def main():
    o = options()
    torch.set_num_threads(o.threads)
    torch.manual_seed(o.seed)
    train, n_users, n_items, feats = read_data(o.data, True) if o.data else synthetic_data(o, True)
    model = MODELS[o.model](o, n_users, n_items, train, feats)
    del feats
    opt, sampler = make_optimizer(model, o.optimizer, o.lr), Sampler(train, n_items, o.batch, o.seed)
    begun = statistics.median(seconds(model.begin_epoch) for _ in range(3))
    laps, _, values = time_steps(model, opt, sampler, o.warmup, o.steps)
    rank = lambda users: full_ranking(model, train, users, o.block, o.topk)
    rank(o.block)
    ranked = statistics.median(seconds(lambda: rank(n_users)) for _ in range(3))
    step = statistics.median(laps["total"])
    result = {"model": o.model, "torch": torch.__version__, "threads": torch.get_num_threads(), "peak_gib": peak_mb() / 1024,
              "begin_s": begun, "step_s": {k: {"median": statistics.median(v), "min": min(v), "max": max(v)} for k, v in laps.items()},
              "ranking_s": ranked, "epoch_s": begun + step * sampler.steps_per_epoch + ranked, "last_terms": values}
    print(f"{o.model}: PyTorch {torch.__version__}, {torch.get_num_threads()} threads; peak {result['peak_gib']:.2f} GiB")
    for name, row in result["step_s"].items():
        print(f"  {name:<10} {row['median']:.4f} s ({row['min']:.4f} - {row['max']:.4f}, {o.steps})")
    print(f"  epoch      {result['epoch_s']:.2f} s: begun in {begun:.3f} s, {sampler.steps_per_epoch} steps, ranked in {ranked:.2f} s")
    print("  " + ", ".join(f"{name} {value:.6g}" for name, value in values.items()))
    if o.json:
        pathlib.Path(o.json).write_text(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
