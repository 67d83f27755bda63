"""Renders training and evaluation pictures and runs the teacher on the very same ones: crops.py WORK TEACHER.onnx WORKER WORKERS

Training pictures are rendered at 224 x 224 for the teacher; the student's copy is that picture at 128 x 128. Pictures of the
other parts go through the preparation of the product (short side 256 or 146 on white, then the central 224 or 128).
Writes shards WORK/crops/PART-NNN-pixels.npy (uint8, n x 128 x 128 x 3) and -teacher.npy (float16, n x 1280). Every picture has its
own seed, so the shards do not depend on how many workers share them.
"""

import json
import sys
from pathlib import Path

import numpy as np
import onnxruntime
from PIL import Image

from rendering import poster, product, training_picture

TEACHER_SIDE = 224
STUDENT_SIDE = 128
SHARD = 1000
COMPOSED = 6000
MEAN = np.float32([0.485, 0.456, 0.406])
DEVIATION = np.float32([0.229, 0.224, 0.225])


def open_teacher(path):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(path), options)
    name = session.get_inputs()[0].name
    return lambda pixels: session.run(None, {name: pixels})[0].reshape(-1, 1280)


def teach(teacher, pictures):
    pixels = np.stack([np.asarray(picture) for picture in pictures]).astype(np.float32) / 255
    return teacher(np.ascontiguousarray(((pixels - MEAN) / DEVIATION).transpose(0, 3, 1, 2)))


def load(work, index):
    return Image.fromarray(np.load(work / "pictures" / f"{index:05}.npy"))


def central(picture, short_side, side):
    """As src/encoders/image/picture.ts: on white, the short side scaled, the central square cut."""
    if picture.mode == "RGBA":
        picture = Image.alpha_composite(Image.new("RGBA", picture.size, "white"), picture).convert("RGB")
    edge = side / short_side * min(picture.size)
    left, top = ((length - edge) / 2 for length in picture.size)
    return picture.resize((side, side), Image.BILINEAR, box=(left, top, left + edge, top + edge))


def prepared(work, index):
    picture = load(work, index)
    return central(picture, 256, TEACHER_SIDE), central(picture, 146, STUDENT_SIDE)


def rendered(work, sources, job):
    """A training picture and its smaller copy. A job is (source index or kind of composition, seed)."""
    subject, seed = job
    rng = np.random.default_rng([7, seed])
    photographs = [load(work, i) for i in rng.choice(sources["opaque"], 2)]
    if subject == "poster":
        picture = poster(rng, photographs, [load(work, i) for i in rng.choice(sources["cut-out"], 3)])
    elif subject == "product":
        picture = product(rng, photographs[0])
    else:
        picture = training_picture(rng, load(work, subject), photographs[0])
    return picture, picture.resize((STUDENT_SIDE, STUDENT_SIDE), Image.BILINEAR)


def write_shard(work, name, teacher, pairs):
    pixels, features, waiting = [], [], []
    for index, (large, small) in enumerate(pairs):
        pixels.append(np.asarray(small))
        waiting.append(large)
        if len(waiting) == 16:
            features.append(teach(teacher, waiting))
            waiting = []
    if waiting:
        features.append(teach(teacher, waiting))
    np.save(work / "crops" / f"{name}-teacher.npy", np.concatenate(features).astype(np.float16))
    np.save(work / "crops" / f"{name}-pixels.part.npy", np.stack(pixels))
    (work / "crops" / f"{name}-pixels.part.npy").rename(work / "crops" / f"{name}-pixels.npy")
    print(name, flush=True)


def training_jobs(sources):
    jobs = [i for i, source in enumerate(sources) if source["part"] == "train" for _ in range(source["crops"])]
    jobs += ["poster"] * (COMPOSED // 2) + ["product"] * (COMPOSED // 2)
    order = np.random.default_rng(7).permutation(len(jobs))
    return [(jobs[o], seed) for seed, o in enumerate(order)]


def opacity(work, sources):
    modes = {"opaque": [], "cut-out": []}
    for index, source in enumerate(sources):
        if source["part"] == "train":
            channels = np.load(work / "pictures" / f"{index:05}.npy", mmap_mode="r").shape[2]
            modes["opaque" if channels == 3 else "cut-out"].append(index)
    return modes


def shards(work, sources):
    """(name, pairs) of every shard; pairs are rendered when they are drawn."""
    for part in ("validation", "held-out"):
        chosen = [i for i, source in enumerate(sources) if source["part"] == part]
        yield f"{part}-000", (lambda chosen=chosen: (prepared(work, i) for i in chosen))
    modes, jobs = opacity(work, sources), training_jobs(sources)
    for begin in range(0, len(jobs), SHARD):
        block = jobs[begin : begin + SHARD]
        yield f"train-{begin // SHARD:03}", (lambda block=block: (rendered(work, modes, job) for job in block))


def main(work, teacher_path, worker, workers):
    (work / "crops").mkdir(exist_ok=True)
    sources = json.loads((work / "sources.json").read_text())
    teacher = open_teacher(teacher_path)
    for number, (name, pairs) in enumerate(shards(work, sources)):
        if number % workers == worker and not (work / "crops" / f"{name}-pixels.npy").exists():
            write_shard(work, name, teacher, pairs())


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))
