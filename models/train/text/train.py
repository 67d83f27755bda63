"""Distils the teacher's vectors into the student.

    torchrun --nproc-per-node 1 train.py --work WORK --static-epochs 8 --minutes 0
    torchrun --nproc-per-node 2 train.py --work WORK --minutes 40 --resume

Targets are the teacher's vectors projected to 256 dimensions (uncentred principal components: cosines stay). Loss of a batch
with student vectors s and targets t, both of length 1:

    mean_i (1 - s_i.t_i)  +  20 mean_{i != j} (s_i.s_j - t_i.t_j)^2

Stage 1 trains the token vectors alone, started from the teacher's outputs for the pieces that are words. Stage 2 trains
everything for a given time. Writes WORK/student.pt, WORK/projection.npy and prints the held-out loss as it goes.
"""

import argparse
import math
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
import torch.distributed as dist
from tokenizers import Tokenizer
from torch.nn import functional

from student import DIMENSION, POSITIONS, Student, pooled
from teacher import SHARD, Teacher

SEED = 1
BATCH = 512
TOKENS_PER_STATIC_STEP = 10_000
TOKENS_PER_STEP = 4000
STEPS_APART = 8
STEPS_A_LINE = 50
WARM_UP = 50
STATIC_RATE = 3e-3
RATE = 1e-3
TABLE_RATE = 1e-3
SIMILARITY_WEIGHT = 20.0


class Corpus:
    """Token ids and targets of the texts whose teacher vectors are there."""

    def __init__(self, work: Path, name: str, tokenizer: Tokenizer, projection: np.ndarray | None) -> None:
        shards = sorted((work / "vectors" / name).glob("*.npy"))
        lines = (work / f"{name}.txt").read_text().splitlines()
        self.vectors = np.concatenate([np.load(shard) for shard in shards]).astype(np.float32)
        # Only the last shard may be short.
        rows = [row for shard in shards for row in range(int(shard.stem) * SHARD, (int(shard.stem) + 1) * SHARD)]
        texts = [lines[row] for row in rows[: len(self.vectors)]]
        self.projection = principal_directions(self.vectors) if projection is None else projection
        self.targets = functional.normalize(torch.from_numpy(self.vectors @ self.projection))
        tokenizer.enable_truncation(POSITIONS)
        self.ids = [np.array(e.ids, np.int32) for e in tokenizer.encode_batch(texts)]

    def __len__(self) -> int:
        return len(self.ids)

    def padded(self, rows: np.ndarray) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        length = max(len(self.ids[row]) for row in rows)
        ids = np.zeros((len(rows), length), np.int64)
        for i, row in enumerate(rows):
            ids[i, : len(self.ids[row])] = self.ids[row]
        padded = torch.from_numpy(ids)
        return padded, (padded != 0).long(), self.targets[rows]

    def batches(self, rng: np.random.Generator, tokens: int) -> list[np.ndarray]:
        """One epoch of batches of neighbours in length, in random order: little padding, a bounded number of tokens."""
        jitter = rng.uniform(0.8, 1.25, len(self))
        order = np.argsort([len(ids) for ids in self.ids] * jitter, kind="stable")
        found, begin = [], 0
        while begin < len(order):
            longest = max(len(self.ids[row]) for row in order[begin : begin + BATCH])
            size = min(BATCH, max(32, tokens // longest))
            found.append(order[begin : begin + size])
            begin += size
        return [found[i] for i in rng.permutation(len(found)) if len(found[i]) > 16]


def principal_directions(vectors: np.ndarray) -> np.ndarray:
    _, directions = np.linalg.eigh(vectors.T.astype(np.float64) @ vectors)
    return directions[:, ::-1][:, :DIMENSION].astype(np.float32)


def distillation_loss(student: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
    student = functional.normalize(student)
    difference = student @ student.T - target @ target.T
    count = len(student)
    return (1 - (student * target).sum(1)).mean() + SIMILARITY_WEIGHT * difference.square().sum() / (
        count * (count - 1)
    )


def start_tokens(model: Student, tokenizer: Tokenizer, teacher: Teacher, projection: np.ndarray) -> None:
    """Token vectors of whole words from the teacher's output for the word; those of word parts and marks stay small."""
    words = [(piece, i) for piece, i in tokenizer.get_vocab().items() if piece.isalnum() and len(piece) > 2]
    vectors = torch.from_numpy(teacher.encode([piece for piece, _ in words]) @ projection)
    with torch.no_grad():
        model.tokens.weight[[i for _, i in words]] = vectors


@torch.inference_mode()
def heldout_loss(model: Student, heldout: Corpus, static: bool) -> tuple[float, float]:
    """Loss over the first held-out texts, and mean cosine to the target."""
    losses, cosines = [], []
    for begin in range(0, min(2048, len(heldout)), 256):
        ids, mask, target = heldout.padded(np.arange(begin, min(begin + 256, len(heldout))))
        vectors = model.static(ids, mask) if static else pooled(model(ids, mask), mask)
        losses.append(distillation_loss(vectors, target).item())
        cosines.append((functional.normalize(vectors) * target).sum(1).mean().item())
    return float(np.mean(losses)), float(np.mean(cosines))


def train_static(model: Student, corpus: Corpus, heldout: Corpus, epochs: int, rng: np.random.Generator) -> None:
    optimiser = torch.optim.Adam([model.tokens.weight], lr=STATIC_RATE, fused=True)
    for epoch in range(epochs):
        batches = corpus.batches(rng, TOKENS_PER_STATIC_STEP)
        for step, rows in enumerate(batches):
            progress = (epoch + step / len(batches)) / epochs
            optimiser.param_groups[0]["lr"] = STATIC_RATE * (1 - 0.95 * progress)
            ids, mask, target = corpus.padded(rows)
            loss = distillation_loss(model.static(ids, mask), target)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
        print(f"static epoch {epoch + 1}: held-out loss, cosine", *heldout_loss(model, heldout, True), flush=True)


def train_all(model: Student, corpus: Corpus, heldout: Corpus, minutes: float, save: Path) -> None:
    """Until the time is over; the rate follows a cosine of the time used, after a short rise.

    Every process takes batches of its own, and their weights are averaged every few steps (local SGD, Stich 2019).
    """
    rng = np.random.default_rng([SEED, 1 + dist.get_rank()])
    table = [model.tokens.weight]
    rest = [p for p in model.parameters() if p is not model.tokens.weight]
    groups = [{"params": table, "lr": 0.0, "top": TABLE_RATE}, {"params": rest, "lr": 0.0, "top": RATE}]
    optimiser = torch.optim.Adam(groups, fused=True)
    begin, step, seen, used, losses = time.time(), 0, 0, 0.0, []
    batches = endless_batches(corpus, rng)
    while used < 1:
        if step % STEPS_APART == 0:
            used = average_processes(model, (time.time() - begin) / (60 * minutes))
        rate = min(1.0, (step + 1) / WARM_UP) * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * used)))
        for group in optimiser.param_groups:
            group["lr"] = group["top"] * rate
        rows = next(batches)
        ids, mask, target = corpus.padded(rows)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            states = model(ids, mask)
        loss = distillation_loss(pooled(states, mask), target)
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(rest, 1.0)
        optimiser.step()
        step, seen, losses = step + 1, seen + len(rows), [*losses, loss.item()]
        if step % STEPS_A_LINE == 0 and dist.get_rank() == 0:
            print(f"{used:.0%}: {step} steps, {seen} texts a process, loss {np.mean(losses):.4f}", flush=True)
            torch.save(model.state_dict(), save)
            losses = []
    average_processes(model, 1.0)
    if dist.get_rank() == 0:
        print("end: held-out loss, cosine", *heldout_loss(model, heldout, False), flush=True)
        torch.save(model.state_dict(), save)


def endless_batches(corpus: Corpus, rng: np.random.Generator) -> Iterator[np.ndarray]:
    while True:
        yield from corpus.batches(rng, TOKENS_PER_STEP)


def average_processes(model: Student, used: float) -> float:
    """Brings the weights of all processes to their mean; gives the first process's time, so that all stop together."""
    with torch.no_grad():
        for parameter in model.parameters():
            dist.all_reduce(parameter.data)
            parameter.data /= dist.get_world_size()
    progress = torch.tensor([min(1.0, used)])
    dist.broadcast(progress, 0)
    return progress.item()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--minutes", type=float, default=40)
    parser.add_argument("--static-epochs", type=int, default=8)
    parser.add_argument(
        "--resume", action="store_true", help="go on from WORK/student.pt, with whatever vectors there are now"
    )
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    dist.init_process_group("gloo")
    torch.manual_seed(SEED)
    rng = np.random.default_rng(SEED)
    tokenizer = Tokenizer.from_file(str(options.work / "tokenizer.json"))
    saved = options.work / "projection.npy"
    corpus = Corpus(options.work, "corpus", tokenizer, np.load(saved) if options.resume else None)
    heldout = Corpus(options.work, "heldout", tokenizer, corpus.projection)
    np.save(saved, corpus.projection)
    print(f"{len(corpus)} texts, {len(heldout)} held out", flush=True)
    model = Student()
    if options.resume:
        model.load_state_dict(torch.load(options.work / "student.pt", weights_only=True))
    else:
        start_tokens(model, tokenizer, Teacher(options.work / "teacher", torch.float32), corpus.projection)
        train_static(model, corpus, heldout, options.static_epochs, rng)
        torch.save(model.state_dict(), options.work / "student.pt")
    if options.minutes > 0:
        train_all(model, corpus, heldout, options.minutes, options.work / "student.pt")
    dist.destroy_process_group()


if __name__ == "__main__":
    main()
