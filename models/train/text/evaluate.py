"""Figures of the exported student on held-out texts: Spearman's rank correlation with the teacher's cosines, and speed.

    python evaluate.py --work WORK --models ../..

Pairs of held-out texts: random ones, near ones (a text and one of its 50 nearest by the teacher), and both in equal number.
Needs `python teacher.py --work WORK --texts heldout.txt --count 5000 --exact` first.
"""

import argparse
import json
import time
from pathlib import Path

import numpy as np
import onnxruntime
from scipy.stats import spearmanr
from tokenizers import Tokenizer

from export import NAME

SEED = 2
PAIRS = 50_000
NEAR = 50


def encode(models: Path, texts: list[str], run: int = 16) -> np.ndarray:
    """As the product does: runs of neighbours in length, mean over unmasked tokens, length 1."""
    settings = json.loads((models / f"{NAME}.json").read_text())
    tokenizer = Tokenizer.from_file(str(models / NAME / "tokenizer.json"))
    tokenizer.enable_truncation(settings["text"]["maximumLength"])
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(models / NAME / "model.onnx"), options)
    ids = [encoding.ids for encoding in tokenizer.encode_batch(texts)]
    order = sorted(range(len(ids)), key=lambda i: len(ids[i]))
    vectors = np.empty((len(ids), settings["dimension"]), np.float32)
    for begin in range(0, len(order), run):
        rows = order[begin : begin + run]
        length = max(len(ids[i]) for i in rows)
        padded = np.array([ids[i] + [0] * (length - len(ids[i])) for i in rows], np.int64)
        mask = np.array([[1] * len(ids[i]) + [0] * (length - len(ids[i])) for i in rows], np.int64)
        states = session.run(None, {"input_ids": padded, "attention_mask": mask})[0]
        vectors[rows] = (states * mask[..., None]).sum(1) / mask.sum(1, keepdims=True)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def pairs(teacher: np.ndarray) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(SEED)
    random = rng.integers(0, len(teacher), (PAIRS, 2))
    random = random[random[:, 0] != random[:, 1]]
    similarity = teacher @ teacher.T
    np.fill_diagonal(similarity, -2)
    nearest = np.argpartition(-similarity, NEAR, axis=1)[:, :NEAR]
    first = rng.integers(0, len(teacher), PAIRS)
    near = np.stack([first, nearest[first, rng.integers(0, NEAR, PAIRS)]], 1)
    return {"random": random, "near": near, "both": np.concatenate([random, near])}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--models", type=Path, required=True)
    options = parser.parse_args()
    shards = sorted((options.work / "vectors/heldout").glob("*.npy"))
    teacher = np.concatenate([np.load(shard) for shard in shards]).astype(np.float32)
    texts = (options.work / "heldout.txt").read_text().splitlines()[: len(teacher)]
    begin = time.process_time()
    student = encode(options.models, texts)
    seconds = time.process_time() - begin
    for name, chosen in pairs(teacher).items():
        cosines = [(vectors[chosen[:, 0]] * vectors[chosen[:, 1]]).sum(1) for vectors in (teacher, student)]
        print(f"Spearman, {name} pairs: {spearmanr(*cosines).statistic:.4f}")
    neighbours = [np.argsort(-(v @ v.T), axis=1)[:, 1:11] for v in (teacher, student)]
    overlap = np.mean([len(np.intersect1d(a, b)) / 10 for a, b in zip(*neighbours, strict=True)])
    print(f"overlap of the 10 nearest among {len(texts)}: {overlap:.4f}")
    print(
        f"{len(texts) / seconds:.0f} texts a second a core, {np.mean([len(text) for text in texts]):.0f} characters a text"
    )
    alone = encode(options.models, texts[:200], run=1)
    print(f"largest difference of a vector encoded alone: {np.abs(alone - student[:200]).max():.1e}")


if __name__ == "__main__":
    main()
