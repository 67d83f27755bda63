"""Teacher vectors of the corpus, all-MiniLM-L6-v2: mean of its last hidden states, length 1, float16, on disk in shards.

    python teacher.py --work WORK [--worker 0 --workers 2] [--texts corpus.txt] [--count 400000]

Worker k of n embeds every n-th shard of 10,000 lines that is not there yet, so it may be stopped and started at any time.
Texts are sorted by length within a shard; the teacher computes in bfloat16 (mean cosine to float32: .9999).
"""

import argparse
from pathlib import Path

import numpy as np
import torch
from transformers import AutoModel, AutoTokenizer

SHARD = 10_000
LONGEST = 128
TOKENS_PER_BATCH = 4096


class Teacher:
    def __init__(self, folder: Path, precision: torch.dtype) -> None:
        self.tokenizer = AutoTokenizer.from_pretrained(folder)
        self.model = AutoModel.from_pretrained(folder).eval().to(precision)

    @torch.inference_mode()
    def encode(self, texts: list[str]) -> np.ndarray:
        """Unit vectors, [texts, 384] float32."""
        ids = self.tokenizer(texts, truncation=True, max_length=LONGEST)["input_ids"]
        order = sorted(range(len(ids)), key=lambda i: len(ids[i]))
        vectors = np.empty((len(ids), 384), np.float32)
        begin = 0
        while begin < len(order):
            size = max(1, TOKENS_PER_BATCH // len(ids[order[min(begin + 128, len(order) - 1)]]))
            rows = order[begin : begin + size]
            vectors[rows] = self._encode_batch([ids[i] for i in rows])
            begin += size
        return vectors

    def _encode_batch(self, ids: list[list[int]]) -> np.ndarray:
        length = max(map(len, ids))
        padded = torch.zeros((len(ids), length), dtype=torch.long)
        mask = torch.zeros((len(ids), length), dtype=torch.long)
        for row, sequence in enumerate(ids):
            padded[row, : len(sequence)] = torch.tensor(sequence)
            mask[row, : len(sequence)] = 1
        states = self.model(input_ids=padded, attention_mask=mask).last_hidden_state.float()
        pooled = (states * mask[..., None]).sum(1) / mask.sum(1, keepdim=True)
        return torch.nn.functional.normalize(pooled).numpy()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--texts", default="corpus.txt")
    parser.add_argument("--count", type=int, default=400_000)
    parser.add_argument("--worker", type=int, default=0)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--exact", action="store_true", help="compute in float32, for evaluation")
    options = parser.parse_args()
    torch.set_num_threads(1)
    teacher = Teacher(options.work / "teacher", torch.float32 if options.exact else torch.bfloat16)
    lines = (options.work / options.texts).read_text().splitlines()[: options.count]
    target = options.work / "vectors" / Path(options.texts).stem
    target.mkdir(parents=True, exist_ok=True)
    for number, begin in enumerate(range(0, len(lines), SHARD)):
        path = target / f"{number:04}.npy"
        if number % options.workers == options.worker and not path.exists():
            np.save(path, teacher.encode(lines[begin : begin + SHARD]).astype(np.float16))
            print(path.name, flush=True)


if __name__ == "__main__":
    main()
