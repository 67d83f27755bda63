"""Trains the student on the shards: train.py WORK NAME [--epochs N] [--rate R] [--relation W] [--start NAME] [--seed S] [--threads T]

Loss: mean squared error to the targets, plus `relation` times the Kullback-Leibler divergence between teacher and student of
who is near whom in the batch (softmax of cosines / 0.1): the order of neighbours is what the vectors are used for.
AdamW with one cycle of the rate, bfloat16 arithmetic, and a running mean of the weights, which is what is kept. An epoch is
10,000 pictures. Most of a run sees them at 64 x 64, then 96 x 96, and only the end at 128 x 128: steps cost a third, two thirds, all.
Every run begins and ends with the head in closed form on all pictures; gradients
alone need many times the epochs for it, and at the rate of the other layers they spoil it, so it follows at a twentieth.
Writes WORK/NAME.pt at the end of every epoch (state, epoch, figures on the validation pictures) and resumes from it.
"""

import argparse
import copy
import time
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional

from student import Student, solve_head
from targets import agreement, fit_projection, project

BATCH = 64
PICTURES_AN_EPOCH = 10_000
SIDES = ((0.7, 64), (0.85, 96), (1.0, 128))
TEMPERATURE = 0.1
MEMORY = 0.998
SHIFT = 6
RIDGE = 0.1
HEAD_RATE = 0.05


def part(work, name):
    shards = sorted((work / "crops").glob(f"{name}-*-pixels.npy"))
    pixels = [np.load(path, mmap_mode="r") for path in shards]
    return pixels, np.concatenate([np.load(str(path).replace("pixels", "teacher")) for path in shards])


def standard(pixels):
    """uint8 n x side x side x 3 to the student's input, as the manifest says: (value / 255 - 0.5) / 0.25."""
    return (torch.from_numpy(pixels).permute(0, 3, 1, 2).float() / 255 - 0.5) / 0.25


def augment(pixels, rng):
    """Flips half of the pictures and shifts all by up to SHIFT pixels, the edge repeated."""
    padded = np.pad(pixels, ((0, 0), (SHIFT, SHIFT), (SHIFT, SHIFT), (0, 0)), "edge")
    side = pixels.shape[1]
    moved = np.empty_like(pixels)
    for i, (top, left) in enumerate(rng.integers(0, 2 * SHIFT + 1, (len(pixels), 2))):
        moved[i] = padded[i, top : top + side, left : left + side]
        if rng.random() < 0.5:
            moved[i] = moved[i, :, ::-1]
    return moved


def log_near(vectors):
    unit = functional.normalize(vectors, dim=1)
    cosines = unit @ unit.T / TEMPERATURE
    return functional.log_softmax(cosines.masked_fill(torch.eye(len(unit), dtype=torch.bool), -1e4), 1)


def loss_of(outputs, targets, relation):
    near = functional.kl_div(log_near(outputs), log_near(targets), log_target=True, reduction="batchmean")
    return functional.mse_loss(outputs, targets) + relation * near


def run_over(model, compute, pixels, side):
    model.eval()
    batches = (resized(np.array(block[b : b + BATCH]), side) for block in pixels for b in range(0, len(block), BATCH))
    with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
        return torch.cat([compute(batch).float() for batch in batches])


def predict(model, pixels, side):
    return run_over(model, model, pixels, side).numpy()


def refit(model, data, side):
    pixels, targets = data
    solve_head(model, run_over(model, model.pooled, pixels, side), targets, RIDGE)


def rate_at(progress, peak):
    """Up over the first twentieth, then down along a cosine."""
    return float(peak * (progress / 0.05 if progress < 0.05 else 0.5 * (1 + np.cos(np.pi * (progress - 0.05) / 0.95))))


def side_at(progress):
    return next(side for end, side in SIDES if progress < end)


def resized(pixels, side):
    """The student's input at a smaller side, or as it is."""
    batch = standard(pixels)
    if batch.shape[-1] == 2 * side:
        batch = functional.avg_pool2d(batch, 2)
    elif batch.shape[-1] != side:
        batch = functional.interpolate(batch, (side, side), mode="bilinear", antialias=True)
    return batch.contiguous(memory_format=torch.channels_last)


def follow(mean, model, keep):
    """mean = keep mean + (1 - keep) model."""
    with torch.no_grad():
        for kept, new in zip(mean.state_dict().values(), model.state_dict().values()):
            kept.lerp_(new, 1 - keep) if kept.is_floating_point() else kept.copy_(new)


def run_epoch(run, data, epoch, options):
    pixels, targets = data
    starts = np.cumsum([0] + [len(block) for block in pixels])
    rng = np.random.default_rng([options.seed, epoch])
    order = rng.permutation(len(targets))[:PICTURES_AN_EPOCH]
    steps = len(order) // BATCH
    side = side_at(epoch / options.epochs)
    run["model"].train()
    total = 0.0
    for step in range(steps):
        rows = np.sort(order[step * BATCH : (step + 1) * BATCH])
        shard = np.searchsorted(starts, rows, "right") - 1
        batch = resized(augment(np.stack([pixels[s][r - starts[s]] for s, r in zip(shard, rows)]), rng), side)
        for group in run["optimiser"].param_groups:
            group["lr"] = group["share"] * rate_at((epoch + step / steps) / options.epochs, options.rate)
        with torch.autocast("cpu", torch.bfloat16):
            pooled = run["model"].pooled(batch)
        outputs = run["model"].head(run["model"].norm(pooled))
        loss = loss_of(outputs, targets[rows], options.relation)
        run["optimiser"].zero_grad()
        loss.backward()
        run["optimiser"].step()
        done = epoch * steps + step
        follow(run["mean"], run["model"], min(MEMORY, (1 + done) / (10 + done)))
        total += loss.item()
    return total / steps


def start(options, data):
    """The model, the running mean of its weights and the optimiser; after `start` another run's mean is where it begins."""
    model = Student()
    if options.start:
        model.load_state_dict(torch.load(options.work / f"{options.start}.pt")["mean"])
    model = model.to(memory_format=torch.channels_last)
    if not (options.work / f"{options.name}.pt").exists():
        refit(model, data, side_at(0))
    body = [p for name, p in model.named_parameters() if not name.startswith("head")]
    groups = [
        {"params": [p for p in body if p.ndim > 1], "weight_decay": 0.02, "share": 1.0},
        {"params": [p for p in body if p.ndim <= 1], "weight_decay": 0, "share": 1.0},
        {"params": list(model.head.parameters()), "weight_decay": 0, "share": HEAD_RATE},
    ]
    optimiser = torch.optim.AdamW(groups)
    return {"model": model, "mean": copy.deepcopy(model), "optimiser": optimiser}


def projection_of(work, teacher):
    """Fitted once: what one run has learnt stays right for the next."""
    path = work / "projection.npz"
    if not path.exists():
        mean, matrix = fit_projection(teacher)
        np.savez(path, mean=mean, matrix=matrix)
    saved = np.load(path)
    return saved["mean"], saved["matrix"]


def figures_of(mean, pixels, side, targets, teacher):
    outputs = predict(mean, pixels, side)
    return {"agreement": agreement(outputs, teacher), "error": float(((outputs - targets) ** 2).mean() / targets.var())}


def main(options):
    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    pixels, teacher = part(options.work, "train")
    check_pixels, check_teacher = part(options.work, "validation")
    projection = projection_of(options.work, teacher)
    targets, check_targets = torch.from_numpy(project(teacher, projection)), project(check_teacher, projection)
    print(f"{len(targets)} pictures; targets agree with the teacher {agreement(check_targets, check_teacher):.3f}", flush=True)
    data = pixels, targets
    run, path, first = start(options, data), options.work / f"{options.name}.pt", 0
    if path.exists():
        saved = torch.load(path)
        for name in run:
            run[name].load_state_dict(saved[name])
        first = saved["epoch"]
    if first == 0:
        print(figures_of(run["model"], check_pixels, side_at(0), check_targets, check_teacher), flush=True)
    for epoch in range(first, options.epochs):
        begin = time.process_time(), time.time()
        loss = run_epoch(run, data, epoch, options)
        if epoch + 1 == options.epochs:
            refit(run["mean"], data, side_at(epoch / options.epochs))
        figures = {"loss": loss, **figures_of(run["mean"], check_pixels, side_at(epoch / options.epochs), check_targets, check_teacher)}
        torch.save({**{name: state.state_dict() for name, state in run.items()}, "epoch": epoch + 1, "figures": figures}, path)
        shown = " ".join(f"{name} {value:.4f}" for name, value in figures.items())
        print(f"epoch {epoch + 1}: {shown}, {time.process_time() - begin[0]:.0f} CPU s, {time.time() - begin[1]:.0f} s", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("work", type=Path)
    parser.add_argument("name")
    parser.add_argument("--epochs", type=int, default=50)
    parser.add_argument("--rate", type=float, default=1e-3)
    parser.add_argument("--relation", type=float, default=0.5)
    parser.add_argument("--start", help="the run whose weights to begin with")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=1)
    main(parser.parse_args())
