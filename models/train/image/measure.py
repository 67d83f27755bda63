"""Measures the exported student on the held-out pictures: measure.py WORK NAME MODELS

Agreement: mean overlap of the 10 nearest of each of the 2,000 pictures, teacher against student (and, as floors, against chance
and against the mean colours of an 8 x 8 grid). Also: what float16 storage costs, whether the batch changes a vector, and speed.
"""

import sys
import time
from pathlib import Path

import numpy as np
import onnxruntime
import torch

from export import NAME
from student import Student
from targets import agreement
from train import part, standard


def open_student(path):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(path), options)
    return lambda pixels: session.run(None, {"pixels": pixels})[0]


def main(work, name, models):
    blocks, teacher = part(work, "held-out")
    pixels = np.concatenate(blocks)
    student = open_student(models / NAME / "model.onnx")
    inputs = np.ascontiguousarray(standard(pixels).numpy())
    begin = time.process_time()
    vectors = np.concatenate([student(inputs[b : b + 8]) for b in range(0, len(inputs), 8)])
    seconds = time.process_time() - begin
    colours = pixels.reshape(len(pixels), 8, 16, 8, 16, 3).mean((2, 4)).reshape(len(pixels), -1)
    print(f"{len(pixels)} held-out pictures, overlap of the 10 nearest with the teacher's:")
    print(f"  student {agreement(vectors, teacher):.3f}")
    print(f"  colours {agreement(colours, teacher):.3f}")
    print(f"  chance  {10 / (len(pixels) - 1):.3f}")
    print(f"{len(pixels) / seconds:.0f} pictures per CPU second, without decoding")
    alone = np.concatenate([student(inputs[i : i + 1]) for i in range(64)])
    print(f"largest change alone against in a batch of 8: {np.abs(alone - vectors[:64]).max():.1e}")
    model = Student()
    model.load_state_dict(torch.load(work / f"{name}.pt")["mean"])
    with torch.no_grad():
        full = model.eval()(torch.from_numpy(inputs[:500])).numpy()
    cosines = (full * vectors[:500]).sum(1) / np.linalg.norm(full, axis=1) / np.linalg.norm(vectors[:500], axis=1)
    print(f"float16 storage: least cosine with float32 {cosines.min():.6f}")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3]))
