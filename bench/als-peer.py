"""Epochs of a peer's ALS in a process of their own, timed as als-tailrec.ts times tailrec's.

Called with one JSON argument (EngineRequest of als-engines.ts); prints an EngineRun. Peers weigh an interaction by
c = confidence + 1 on target 1, unobserved pairs by 1 on target 0, which is equation 1 with target t = c / (c - 1):
factors are divided by sqrt(t), and the regularisation multiplied by t, so that all engines minimise the same loss.
"""

import json
import os
import resource
import sys
import time

request = json.loads(sys.argv[1])
os.environ["OPENBLAS_NUM_THREADS"] = "1" if request["engine"].startswith("implicit") else str(request["threads"])

import numpy as np  # noqa: E402
import scipy.sparse as sp  # noqa: E402

folder, rank, epochs, threads = (request[key] for key in ("folder", "rank", "epochs", "threads"))
confidence = request["confidence"]
target = (confidence + 1) / confidence


def read(name):
    return np.fromfile(os.path.join(folder, name), dtype=np.uint32).astype(np.int32)


def write(epoch, users, items):
    for name, factors in (("users", users), ("items", items)):
        scaled = np.asarray(factors, dtype=np.float32) / np.float32(np.sqrt(target))
        scaled.tofile(os.path.join(folder, f"{epoch}.{name}.f32"))


indptr, indices = read("indptr.u32"), read("indices.u32")
shape = (request["users"], request["items"])
seconds, cpu_seconds = [], []


def run_implicit(use_cg):
    from implicit.cpu.als import AlternatingLeastSquares

    model = AlternatingLeastSquares(
        factors=rank, regularization=request["regularization"] * target, alpha=1.0, dtype=np.float32,
        use_native=True, use_cg=use_cg, iterations=epochs, num_threads=threads, random_state=1,
    )
    ratings = sp.csr_matrix((np.full(len(indices), confidence + 1, np.float32), indices, indptr), shape=shape)
    model.item_factors = np.fromfile(os.path.join(folder, "start.f32"), dtype=np.float32).reshape(-1, rank)
    mark = [time.process_time()]

    def after(epoch, elapsed, _loss):
        seconds.append(elapsed)
        cpu_seconds.append(time.process_time() - mark[0])
        if request["trace"] or epoch == epochs - 1:
            write(epoch, model.user_factors, model.item_factors)
        mark[0] = time.process_time()

    model.fit(ratings, show_progress=False, callback=after)
    # The first epoch's processor time holds the transpose.
    cpu_seconds[0] = min(cpu_seconds[0], threads * seconds[0])


def run_cmfrec(use_cg):
    """cmfrec reports no epochs: the time of one is the difference between a long and a short fit."""
    from cmfrec import CMF_implicit

    ratings = sp.coo_matrix(sp.csr_matrix((np.ones(len(indices), np.float32), indices, indptr), shape=shape))
    spent = []
    for count in (1, epochs):
        model = CMF_implicit(
            k=rank, lambda_=request["regularization"] * target, alpha=confidence, use_cg=use_cg, max_cg_steps=3, niter=count,
            precompute_for_predictions=False, nthreads=threads, random_state=1,
        )
        wall, cpu = time.time(), time.process_time()
        model.fit(ratings)
        spent.append((time.time() - wall, time.process_time() - cpu))
    seconds.extend([(spent[1][0] - spent[0][0]) / (epochs - 1)] * epochs)
    cpu_seconds.extend([(spent[1][1] - spent[0][1]) / (epochs - 1)] * epochs)
    write(epochs - 1, model.A_, model.B_)


engine, solver = request["engine"].split("-")
{"implicit": run_implicit, "cmfrec": run_cmfrec}[engine](solver == "cg")
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
print(json.dumps({"seconds": seconds, "cpuSeconds": cpu_seconds, "peakBytes": peak}))
