#!/usr/bin/env python3
"""Check the models of torch_epochs.py in f64 against values of the official implementations: the terms of a batch, all gradients, the scores.

    python docs/performance/torch_check_epochs.py FOLDER      # with vbpr.json, bm3_nodrop.json, freedom_full.json, alignrec.json, tiny_data*.json
"""
import json, pathlib, sys
import numpy as np
import torch
import torch_epochs as te
from torch_step import total, user_item_graphs

# Official code adds 1e-7 to the degrees of BM3's graph; torch_epochs.py does not.
LIMITS = {"bm3_nodrop": 1e-7}
LIMIT = 1e-13

TABLES = {"e_user": "user_embedding.weight", "e_item": "item_id_embedding.weight"}
PROJECTED = TABLES | {"tables.text": "text_embedding.weight", "tables.vision": "image_embedding.weight"} | {
    f"reduce.{ours}.{part}": f"{theirs}_trs.{part}" for ours, theirs in (("text", "text"), ("vision", "image")) for part in ("weight", "bias")}

# Golden file and data; our names of parameters and terms in theirs; the model's constants in their settings.
CHECKS = [
    (te.Vbpr, "vbpr", "tiny_data",
     {"e_user": "u_embedding", "e_item": "i_embedding", "content.weight": "item_linear.weight", "content.bias": "item_linear.bias"},
     {"bpr": "bpr", "reg": "emb_reg_unweighted"}, {"reg": "reg_weight"}),
    (te.Bm3, "bm3_nodrop", "tiny_data", PROJECTED | {"predict.weight": "predictor.weight", "predict.bias": "predictor.bias"},
     {"ui": "loss_ui", "iu": "loss_iu", "align_text": "loss_t", "mask_text": "loss_tv", "align_vision": "loss_v", "mask_vision": "loss_vt",
      "reg": "emb_reg_unweighted"}, {"drop": "dropout", "layers": "n_layers", "reg": "reg_weight", "align": "cl_weight"}),
    (te.Freedom, "freedom_full", "tiny_data", PROJECTED, {"bpr": "bpr", "bpr_text": "bpr_text", "bpr_vision": "bpr_image"},
     {"layers": "n_ui_layers", "reg": "reg_weight", "share": "mm_image_weight"}),
    (te.AlignRec, "alignrec", "tiny_data_26",
     TABLES | {"table": "mm_embedding.weight", "reduce.weight": "mm_trs.weight", "reduce.bias": "mm_trs.bias",
               "gate.weight": "gate_v.0.weight", "gate.bias": "gate_v.0.bias"},
     {"bpr": "bpr", "ui": "ui_unweighted", "align": "nce_unweighted", "sim": "sim_unweighted", "reg": "half_l2_unweighted"},
     {"w_reg": "reg_weight", "w_align": "cl_loss", "w_sim": "sim_weight", "w_ui": "ui_cosine_loss_weight"}),
]


def check(folder, model, name, data, names, terms, settings):
    """The largest difference, and where it is."""
    read = lambda file: json.loads((folder / f"{file}.json").read_text())
    golden, tiny = read(name), read(data)
    meta = golden["meta"]
    options = te.options(["--model", model.__name__.lower()])
    vars(options).update(dim=meta["embedding_size"], batch=meta["train_batch_size"], knn=meta.get("knn_k", options.knn))
    for ours, theirs in settings.items():
        setattr(model, ours, meta[theirs])
    features = {ours: torch.tensor(tiny.get(theirs, golden.get(theirs)))
                for ours, theirs in (("text", "text_feat"), ("vision", "image_feat"), ("mm", "mm_feat"))}
    made = model(options, tiny["n_users"], tiny["n_items"], np.array(tiny["train"]), features)
    with torch.no_grad():
        for ours, weights in made.named_parameters():
            weights.copy_(torch.tensor(golden["params"][names[ours]]))
    first = tiny["batches"][0]
    found = made.terms(*(torch.tensor(first[k]) for k in ("users", "pos", "neg")))
    loss = total(found)
    loss.backward()
    users, items = made()
    pairs = [(ours, found[ours][1], golden["losses"][theirs]) for ours, theirs in terms.items()]
    pairs += [("total", loss, golden["losses"]["total"]), ("scores", users @ items.T, golden["eval_scores"])]
    pairs += [("gradient of " + ours, weights.grad, golden["grads"][names[ours]]) for ours, weights in made.named_parameters()]
    return max(((ours.detach() - torch.tensor(theirs)).abs().max().item(), what) for what, ours, theirs in pairs)


def main():
    torch.set_default_dtype(torch.float64)
    te.user_item_graphs = lambda *args: user_item_graphs(*args, dtype=torch.float64)
    bad = 0
    for model, name, *rest in CHECKS:
        difference, what = check(pathlib.Path(sys.argv[1]), model, name, *rest)
        wrong = difference > LIMITS.get(name, LIMIT)
        bad += wrong
        print(f"{'DIFFERS' if wrong else 'agrees '} {name}: at most {difference:.3g} ({what})")
    sys.exit(bad > 0)


if __name__ == "__main__":
    main()
