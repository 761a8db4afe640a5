#!/usr/bin/env python3
"""Check torch_step.py in float64 against golden values: graphs, forward, every term, gradients, three Adam steps.

usage: torch_check.py GOLDEN_DIR      (exit status 1 if any difference exceeds 1e-8)
"""
import json, pathlib, sys
import numpy as np
import torch
import torch_step as ts

LIMIT = 1e-8
NAMES = {"e_user": "user_embedding.weight", "e_item": "item_id_embedding.weight", "head.id": "W_id_i", "head.mm": "W_mm_i",
         "head.vision": "W_v", "head.text": "W_t", "decode": "D_mm2id",
         **{f"{ours}.{m}": theirs.format({"mm": "mm", "text": "t", "vision": "v"}[m]) for m in ts.MODALITIES
            for ours, theirs in (("tables", "{}_embedding.weight"), ("norm", "{}_ln"), ("reduce", "{}_trs"), ("gate", "gate_{}.0"))}}
LIGHTGCN_NAMES = {"e_user": "embedding_dict.user_emb", "e_item": "embedding_dict.item_emb"}
TERMS = {"bpr": ["bpr_mf_excl_ui"], "ui": ["ui_cosine_unweighted"], "aal_id": ["infonce_id"], "aal_mix": ["infonce_mixup"],
         "amp_mm": ["sim_ii"], "amp_text": ["sim_t"], "amp_vision": ["sim_v"], "smooth": ["graph_smooth"]}


def tensor(x):
    return torch.tensor(x, dtype=torch.float64)


def theirs(name, names):
    """Golden name of one of our parameters: the longest known prefix, the rest unchanged."""
    key = max((k for k in names if name == k or name.startswith(k + ".")), key=len)
    return names[key] + name[len(key):]


def load(model, params, names):
    model.double()
    with torch.no_grad():
        for name, p in model.named_parameters():
            p.copy_(tensor(params[theirs(name, names)]))


class Checker:
    def __init__(self):
        self.worst, self.count, self.bad = 0.0, 0, 0

    def __call__(self, what, ours, golden):
        golden = tensor(golden)
        ours = torch.as_tensor(ours).detach()
        diff = (ours - golden).abs().max().item() if ours.shape == golden.shape else float("inf")
        self.worst, self.count = max(self.worst, diff), self.count + 1
        if not diff <= LIMIT:
            self.bad += 1
            print(f"  DIFFERS {what}: {diff:.3g}")


def run_adam(check, model, opt, triples, golden, names):
    for step, triple in enumerate(triples + triples[:1]):
        loss = ts.total(model.terms(*triple))
        check(f"loss before step {step + 1}", loss, golden["loss_at_step"][step])
        if step < len(triples):
            opt.zero_grad()
            loss.backward()
            opt.step()
        for name, value in golden.get(f"params_after_{step + 1}", {}).items():
            ours = {theirs(n, names): p for n, p in model.named_parameters()}
            check(f"{name} after step {step + 1}", ours[name], value)


def dense(s):
    return torch.sparse_coo_tensor(torch.stack([s.rows, s.cols]), s.vals, s.shape).to_dense()


def golden_dense(g):
    return torch.sparse_coo_tensor(torch.tensor([g["rows"], g["cols"]]), tensor(g["vals"]), g["shape"])


def anchorrec(g, tiny, triples, train, targets, variant):
    m, check = g["meta"], Checker()
    o = ts.options(["--targets", targets, *variant] + (["--layer-norm"] if m["use_ln"] else []))
    vars(o).update(dim=m["embedding_size"], knn=m["knn_k"], item_layers=m["n_layers"], ui_layers=m["n_ui_layers"],
                   batch=m["train_batch_size"], tau=m["tau_weight"], lambda_aal=m["aal_loss"], lambda_amp=m["amp_loss"],
                   lambda_reg=m["lambda_weight"], w_ui=m["ui_cosine_loss_weight"], rho=m["recover_lambda"], lr=m["lr"])
    feats = {k: tensor(tiny[f]) for k, f in (("mm", "mm_feat"), ("text", "text_feat"), ("vision", "image_feat"))}
    users, items = tiny["n_users"], tiny["n_items"]
    graphs = dict(zip(("ui", "r"), ts.user_item_graphs(train, users, items, o.sparse, torch.float64)))
    graphs |= {k: ts.knn_graph(x, o.knn, 7, o.sparse) for k, x in feats.items()}
    for ours, name in (("ui", "norm_adj"), ("r", "R"), ("mm", "mm_adj"), ("text", "t_adj"), ("vision", "v_adj")):
        check("graph " + ours, dense(graphs[ours]), golden_dense(g["graph"][name] | {"shape": list(graphs[ours].shape)})
              .to_dense().tolist())
    model = ts.AnchorRec(o, users, items, graphs, feats)
    load(model, g["params"], NAMES)
    z_user, z_item, h, p_mm, _ = model(ts.MODALITIES)
    for what, ours, name in (("z_u", z_user, "final_user"), ("z_i", z_item, "final_item"), ("P_mm", p_mm, "W_mm_i")):
        check(what, ours, g["forward"][name])
    for k, name in (("mm", "mm_embeds"), ("text", "t_embeds"), ("vision", "v_embeds")):
        check("H_" + k, h[k], g["forward"][name][users:])
    check("scores", z_user @ z_item.T, g["eval_scores"])
    terms = model.terms(*triples[0])
    for name, (golden,) in TERMS.items():
        check(name, terms[name][1], g["losses"][golden])
    check("reg", terms["reg"][0] * terms["reg"][1], g["losses"]["emb_reg_weighted"])
    for n, key in enumerate(("total", "total_batch1", "total_batch2_partial")):
        check(key, ts.total(model.terms(*triples[n])), g["losses"][key])
    ts.total(terms).backward()
    for name, p in model.named_parameters():
        check("gradient " + name, p.grad, g["grads"][theirs(name, NAMES)])
    opt = ts.make_optimizer(model, o.optimizer, o.lr)
    run_adam(check, model, opt, triples, g["adam" if targets == "shared" else "adam_no_alias"], NAMES)
    return check


def lightgcn(g, tiny, triples, train, variant):
    m, check = g["meta"], Checker()
    o = ts.options(variant)
    vars(o).update(dim=m["embedding_size"], lightgcn_layers=m["n_layers"], lightgcn_reg=m["reg_weight"], lr=m["lr"])
    a = golden_dense(g["graph"]["norm_adj"]).coalesce()   # their degrees carry a small epsilon
    adj = ts.Sparse(*a.indices(), a.values(), a.shape, o.sparse, True)
    model = ts.LightGCN(o, tiny["n_users"], tiny["n_items"], {"ui": adj})
    load(model, g["params"], LIGHTGCN_NAMES)
    check("scores", torch.matmul(model()[0], model()[1].T), g["eval_scores"])
    terms = model.terms(*triples[0])
    check("bpr", terms["bpr"][1], g["losses"]["bpr"])
    check("reg", terms["reg"][1], g["losses"]["emb_reg_unweighted"])
    run_adam(check, model, ts.make_optimizer(model, o.optimizer, o.lr), triples, g["adam"], LIGHTGCN_NAMES)
    return check


def main():
    folder = pathlib.Path(sys.argv[1])
    read = lambda name: json.loads((folder / f"{name}.json").read_text())
    tiny, bad = read("tiny_data"), 0
    train = np.array(tiny["train"])
    triples = [tuple(torch.tensor(b[k]) for k in ("users", "pos", "neg")) for b in tiny["batches"]]
    variants = [[], ["--sparse", "csr-native", "--optimizer", "plain"], ["--sparse", "coo", "--smooth", "gather", "--optimizer", "foreach"]]
    for variant in variants:
        runs = [(f"anchorrec_L{n}_ln{ln}", t) for n in (1, 2) for ln in (0, 1) for t in ("shared", "frozen")]
        for name, targets in runs + [("lightgcn_L2", ""), ("lightgcn_L3", "")]:
            g = read(name)
            c = anchorrec(g, tiny, triples, train, targets, variant) if targets else lightgcn(g, tiny, triples, train, variant)
            bad += c.bad
            print(f"{'FAILED' if c.bad else 'ok':<7}{name} {targets:<7} {c.count:>4} comparisons, largest difference {c.worst:.2e}  {' '.join(variant)}")
    sys.exit(bad > 0)


if __name__ == "__main__":
    main()
