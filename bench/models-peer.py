"""EASE (Steck 2019), Mult-VAE (Liang et al. 2018) and LightGCN (He et al. 2020) by their authors' formulas in numpy and scipy, on a
split that models-peer.ts wrote.

Arguments: folder with train.tsv and test.tsv (user row, item row), users, items, and the model with its options as JSON.
Prints one JSON line: NDCG@10 and @100 over users with a held-out item, all items ranked that the user has not in training; seconds of the fit.
"""
import json
import sys
import time

import numpy as np
from scipy import sparse


def read(path, users, items):
    matrix = np.zeros((users, items), dtype=np.float32)
    pairs = np.loadtxt(path, dtype=np.int64, ndmin=2)
    matrix[pairs[:, 0], pairs[:, 1]] = 1
    return matrix


def ease(x, regularization):
    gram = (x.T @ x).astype(np.float64)
    gram[np.diag_indices_from(gram)] += regularization
    p = np.linalg.inv(gram)
    weights = p / (-np.diag(p))
    np.fill_diagonal(weights, 0)
    return lambda rows: x[rows] @ weights.astype(np.float32)


def glorot(random, inputs, outputs):
    limit = np.sqrt(6 / (inputs + outputs))
    return random.uniform(-limit, limit, (inputs, outputs)).astype(np.float32)


def vae(x, hidden, latent, epochs, batch, learning_rate, dropout, cap, annealing, seed):
    random = np.random.default_rng(seed)
    items = x.shape[1]
    shapes = [(items, hidden), (hidden, 2 * latent), (latent, hidden), (hidden, items)]
    weights = [glorot(random, *shape) for shape in shapes]
    biases = [np.zeros(columns, dtype=np.float32) for _, columns in shapes]
    values = weights + biases
    first = [np.zeros_like(value) for value in values]
    second = [np.zeros_like(value) for value in values]
    active = np.flatnonzero(x.sum(1) > 0)
    total = epochs * int(np.ceil(len(active) / batch))

    def units(rows):
        return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)

    step = 0
    for _ in range(epochs):
        random.shuffle(active)
        for begin in range(0, len(active), batch):
            step += 1
            beta = min(cap, cap * step / (annealing * total))
            target = x[active[begin : begin + batch]]
            n = len(target)
            kept = (random.random(target.shape, dtype=np.float32) >= dropout) / np.float32(1 - dropout)
            fed = units(target) * kept
            h1 = np.tanh(fed @ weights[0] + biases[0])
            moments = h1 @ weights[1] + biases[1]
            mean, log_variance = moments[:, :latent], moments[:, latent:]
            noise = random.standard_normal(mean.shape, dtype=np.float32)
            deviation = np.exp(log_variance / 2)
            z = mean + noise * deviation
            h2 = np.tanh(z @ weights[2] + biases[2])
            logits = h2 @ weights[3] + biases[3]
            logits -= logits.max(1, keepdims=True)
            p = np.exp(logits)
            p /= p.sum(1, keepdims=True)
            d3 = (p * target.sum(1, keepdims=True) - target) / n
            d2 = (d3 @ weights[3].T) * (1 - h2**2)
            dz = d2 @ weights[2].T
            d_mean = dz + beta * mean / n
            d_log = dz * noise * deviation / 2 + beta * (np.exp(log_variance) - 1) / (2 * n)
            d1 = np.concatenate([d_mean, d_log], axis=1)
            d0 = (d1 @ weights[1].T) * (1 - h1**2)
            gradients = [fed.T @ d0, h1.T @ d1, z.T @ d2, h2.T @ d3]
            gradients += [d.sum(0) for d in (d0, d1, d2, d3)]
            rate = learning_rate * np.sqrt(1 - 0.999**step) / (1 - 0.9**step)
            for value, m, v, gradient in zip(values, first, second, gradients):
                m += 0.1 * (gradient - m)
                v += 0.001 * (gradient**2 - v)
                value -= (rate * m / (np.sqrt(v) + 1e-8)).astype(np.float32)

    def scores(rows):
        h1 = np.tanh(units(x[rows]) @ weights[0] + biases[0])
        mean = (h1 @ weights[1] + biases[1])[:, :latent]
        return np.tanh(mean @ weights[2] + biases[2]) @ weights[3] + biases[3]

    return scores


def lightgcn(x, rank, layers, epochs, batch, learning_rate, regularization, seed):
    random = np.random.default_rng(seed)
    users, items = x.shape
    taken = sparse.csr_matrix(x)
    graph = sparse.bmat([[None, taken], [taken.T, None]]).tocsr()
    degrees = np.asarray(graph.sum(1)).ravel()
    roots = sparse.diags(np.where(degrees > 0, 1 / np.sqrt(np.maximum(degrees, 1)), 0).astype(np.float32))
    graph = (roots @ graph @ roots).tocsr()
    vectors = 0.1 * random.standard_normal((users + items, rank), dtype=np.float32)
    first, second = np.zeros_like(vectors), np.zeros_like(vectors)
    pairs = np.argwhere(x > 0)

    def averaged(values):
        total, power = values.copy(), values
        for _ in range(layers):
            power = graph @ power
            total += power
        return total / (layers + 1)

    def drawn_for(asked):
        drawn = random.integers(0, items, len(asked))
        while (known := x[asked, drawn] > 0).any():
            drawn[known] = random.integers(0, items, known.sum())
        return drawn

    step = 0
    for _ in range(epochs):
        random.shuffle(pairs)
        for begin in range(0, len(pairs), batch):
            step += 1
            u, i = pairs[begin : begin + batch].T
            n = len(u)
            i, j = users + i, users + drawn_for(u)
            z = averaged(vectors)
            pull = (-1 / (1 + np.exp(((z[i] - z[j]) * z[u]).sum(1))) / n)[:, None]
            nodes = np.concatenate([u, i, j])
            places = sparse.csr_matrix((np.ones(3 * n, np.float32), (nodes, np.arange(3 * n))), (users + items, 3 * n))
            of_averaged = places @ np.concatenate([pull * (z[i] - z[j]), pull * z[u], -pull * z[u]])
            gradient = averaged(of_averaged.astype(np.float32)) + regularization / n * (places @ vectors[nodes])
            first += 0.1 * (gradient - first)
            second += 0.001 * (gradient**2 - second)
            rate = learning_rate * np.sqrt(1 - 0.999**step) / (1 - 0.9**step)
            vectors -= (rate * first / (np.sqrt(second) + 1e-8)).astype(np.float32)
    z = averaged(vectors)
    z[users:][degrees[users:] == 0] = 0
    return lambda rows: z[rows] @ z[users:].T


def ndcg(train, test, scores, depth):
    discounts = 1 / np.log2(np.arange(2, depth + 2))
    asked = np.flatnonzero(test.sum(1) > 0)
    gains = []
    for begin in range(0, len(asked), 500):
        rows = asked[begin : begin + 500]
        ranked = scores(rows).astype(np.float64)
        ranked[train[rows] > 0] = -np.inf
        order = np.argsort(-ranked, axis=1, kind="stable")[:, :depth]
        hits = np.take_along_axis(test[rows], order, axis=1)
        best = [discounts[: min(depth, int(count))].sum() for count in test[rows].sum(1)]
        gains.extend((hits * discounts).sum(1) / best)
    return float(np.mean(gains))


folder, users, items, model, options = sys.argv[1:]
train = read(f"{folder}/train.tsv", int(users), int(items))
test = read(f"{folder}/test.tsv", int(users), int(items))
start = time.perf_counter()
fitted = {"ease": ease, "vae": vae, "lightgcn": lightgcn}[model](train, **json.loads(options))
seconds = time.perf_counter() - start
print(json.dumps({"ndcg": [ndcg(train, test, fitted, depth) for depth in (10, 100)], "seconds": seconds}))
