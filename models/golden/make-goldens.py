"""Golden vectors of an encoder by the Python reference: onnxruntime, tokenizers and Pillow, one input at a time.

  python -m venv .venv && .venv/bin/pip install numpy onnxruntime tokenizers pillow
  .venv/bin/python models/golden/make-goldens.py pictures
  .venv/bin/python models/golden/make-goldens.py resize
  .venv/bin/python models/golden/make-goldens.py encoder models/static-bge64.json ../shared/models/static-bge64
  .venv/bin/python models/golden/make-goldens.py encoder models/tailrec-text-small.json models/tailrec-text-small
  .venv/bin/python models/golden/make-goldens.py encoder models/mobilenetv2-imagenet.json ../shared/models/mobilenetv2-imagenet
  .venv/bin/python models/golden/make-goldens.py posters models/mobilenetv2-imagenet.json ../shared/models/mobilenetv2-imagenet

`encoder MANIFEST FOLDER` writes models/golden/NAME.json, which `tailrec models verify` checks wherever the weights are.
`posters MANIFEST FOLDER` writes fixtures/golden/posters-NAME.json, vectors of posters of ../shared, for the tests alone.
`resize` writes fixtures/golden/pillow-resize.json, a small picture resized by every filter, for the test of the resize rule.
`pictures` writes the generated, photograph-like pictures that the image goldens use (seeded noise; nobody's photographs).
Vectors are base64 of little-endian float32.
"""

import base64
import hashlib
import json
import pathlib
import sys

import numpy as np
import onnxruntime
import PIL
import tokenizers
from PIL import Image, ImageFilter, ImageOps

HERE = pathlib.Path(__file__).parent
POSTERS = HERE / "../../../shared/data/movielens-small/posters"
FILTERS = {"bilinear": Image.BILINEAR, "bicubic": Image.BICUBIC, "lanczos": Image.LANCZOS}

TEXTS = [
    "Stoneware mug",
    "Stoneware mug. Hand-thrown, 350 ml, dishwasher safe.",
    "A4 copier paper, 80 g/m², 500 sheets",
    "Café au lait bowl – naïve blue glaze",
    "CR2032 3V lithium coin-cell battery (pack of 10)",
    "Hex bolt M8x40 DIN 933, A2-70, zinc-plated; torque <= 25 Nm",
    "手作りの青いマグカップ",
    "قدح أزرق مصنوع يدويًا",
    "Синяя кружка ручной работы",
    "emoji 🫖🏺 and \u200bzero-width\u00a0space",
    "UPPER lower MiXeD CASE",
    "don't won't it's the shop's best-seller!!!",
    "word" + "y" * 150 + " end",
    "line one\nline two\ttabbed",
    "$1,299.99 / €1.299,99 / £1,299",
    " ".join(f"item {i} of a long description that must be cut off" for i in range(120)),
]


def smooth_noise(random, height, width, roughness):
    """Noise whose amplitude falls with frequency as 1 / f^roughness, the spectrum of natural scenes, scaled to [0, 1]."""
    frequency = np.hypot(np.fft.fftfreq(height)[:, None], np.fft.rfftfreq(width)[None, :])
    frequency[0, 0] = 1
    phase = np.exp(2j * np.pi * random.random(frequency.shape))
    field = np.fft.irfft2(phase / frequency**roughness, s=(height, width))
    return (field - field.min()) / (field.max() - field.min())


def scene(seed, width, height, roughness=1.5):
    """A lit background with a few overlapping, textured, soft-edged things on it."""
    random = np.random.default_rng(seed)
    light = np.linspace(0.6, 1, height)[:, None] * np.linspace(1, 0.75, width)[None, :]
    texture = smooth_noise(random, height, width, roughness)
    picture = (light * (0.5 + 0.5 * texture))[:, :, None] * random.uniform(0.4, 1, 3)
    rows, columns = np.mgrid[0:height, 0:width]
    for _ in range(7):
        centre = random.uniform(0.15, 0.85, 2) * (height, width)
        radii = random.uniform(0.06, 0.3, 2) * min(height, width)
        distance = ((rows - centre[0]) / radii[0]) ** 2 + ((columns - centre[1]) / radii[1]) ** 2
        cover = 1 / (1 + np.exp(np.clip((distance - 1) * 40, -50, 50)))[:, :, None]
        shade = (1.1 - 0.5 * np.sqrt(np.clip(distance, 0, 1)))[:, :, None]
        grain = (0.7 + 0.6 * smooth_noise(random, height, width, 1.3))[:, :, None]
        picture = picture * (1 - cover) + cover * random.uniform(0.1, 1, 3) * shade * grain
    return Image.fromarray((255 * np.clip(picture, 0, 1)).astype(np.uint8))


def write_pictures():
    folder = HERE / "pictures"
    scene(1, 1200, 900, 1.8).save(folder / "landscape.jpg", quality=80)
    scene(2, 320, 480).save(folder / "portrait.jpg", quality=85)
    scene(3, 225, 300).save(folder / "small.png", optimize=True)
    scene(4, 400, 400).filter(ImageFilter.GaussianBlur(1)).save(folder / "square.webp", quality=85)
    tilted = scene(5, 300, 420).transpose(Image.ROTATE_90)
    exif = Image.Exif()
    exif[0x0112] = 6  # shown turned by a quarter, clockwise
    tilted.save(folder / "turned.jpg", quality=85, exif=exif)


def prepare(path, rule):
    """EXIF orientation, then torchvision's Resize and CenterCrop (or a plain resize) as Pillow does them."""
    picture = ImageOps.exif_transpose(Image.open(path)).convert("RGB")
    size, resample = rule["size"], FILTERS[rule["filter"]]
    if rule["resize"]["rule"] == "stretch":
        picture = picture.resize((size, size), resample)
    else:
        short = rule["resize"]["shortSide"]
        width, height = picture.size
        scaled = (short, int(short * height / width)) if width <= height else (int(short * width / height), short)
        picture = picture.resize(scaled, resample)
        left, top = (int(round((side - size) / 2)) for side in scaled)
        picture = picture.crop((left, top, left + size, top + size))
    values = np.asarray(picture, dtype=np.float32) / 255
    if rule["channelOrder"] == "bgr":
        values = values[:, :, ::-1]
    values = (values - np.float32(rule["mean"])) / np.float32(rule["std"])
    return values.transpose(2, 0, 1)[None]


def pooled(states, rule):
    """The pooling and normalisation of a manifest; states are 1 x d (x 1 x 1) or 1 x tokens x d."""
    if states.ndim == 3:
        states = states[:, 0] if rule.get("pooling") == "cls" else states.mean(axis=1)
    vector = states.reshape(-1)
    return vector / np.linalg.norm(vector) if rule.get("normalise") else vector


def base64_of(vector):
    return base64.b64encode(np.asarray(vector, dtype="<f4").tobytes()).decode()


class Reference:
    def __init__(self, manifest_path, folder):
        self.manifest = json.loads(pathlib.Path(manifest_path).read_text())
        self.folder = pathlib.Path(folder)
        self.session = onnxruntime.InferenceSession(str(self.folder / self.manifest["model"]))
        self.inputs = [given.name for given in self.session.get_inputs()]

    def run(self, feeds, rule):
        kept = {name: value for name, value in feeds.items() if name in self.inputs}
        return pooled(self.session.run([self.manifest["outputName"]], kept)[0], rule)

    def texts(self):
        rule = self.manifest["text"]
        tokenizer = tokenizers.Tokenizer.from_file(str(self.folder / rule["tokenizer"]))
        tokenizer.no_padding()
        tokenizer.enable_truncation(rule["maximumLength"])
        return [self.text(tokenizer.encode(rule.get("prefix", "") + text).ids, text, rule) for text in TEXTS]

    def text(self, ids, text, rule):
        row = np.array([ids], dtype=np.int64)
        feeds = {"input_ids": row, "attention_mask": np.ones_like(row), "token_type_ids": np.zeros_like(row)}
        return {"text": text, "ids": ids, "vector": base64_of(self.run(feeds, rule))}

    def pictures(self, paths, start):
        rule = self.manifest["image"]
        named = [(path, path.relative_to(start).as_posix()) for path in paths]
        return [self.picture(path, name, rule) for path, name in named]

    def picture(self, path, name, rule):
        vector = self.run({self.inputs[0]: prepare(path, rule)}, rule)
        return {"file": name, "sha256": digest(path), "vector": base64_of(vector)}

    def document(self, content):
        versions = {module.__name__: module.__version__ for module in (np, onnxruntime, tokenizers, PIL)}
        weights = digest(self.folder / self.manifest["model"])
        provenance = {"script": "models/golden/make-goldens.py", "weights": weights, "versions": versions}
        return {"encoder": self.manifest["name"], "provenance": provenance, **content}


def digest(path):
    return hashlib.sha256(pathlib.Path(path).read_bytes()).hexdigest()


def write(path, document):
    lines = json.dumps(document, indent=1, ensure_ascii=False)
    path.write_text(lines + "\n")


def write_resized():
    random = np.random.default_rng(7)
    pixels = random.integers(0, 256, (9, 13, 3), dtype=np.uint8)
    picture = Image.fromarray(pixels)
    cases = [
        {"filter": name, "width": width, "height": height, "pixels": np.asarray(picture.resize((width, height), how)).ravel().tolist()}
        for name, how in FILTERS.items()
        for width, height in ((4, 4), (5, 9), (13, 6), (17, 20))
    ]
    source = {"width": 13, "height": 9, "pixels": pixels.ravel().tolist()}
    provenance = {"script": "models/golden/make-goldens.py", "versions": {"PIL": PIL.__version__}}
    document = {"provenance": provenance, "picture": source, "cases": cases}
    (HERE / "../../fixtures/golden/pillow-resize.json").write_text(json.dumps(document) + "\n")


def main(kind, *arguments):
    if kind == "resize":
        return write_resized()
    if kind == "pictures":
        return write_pictures()
    reference = Reference(*arguments)
    name = reference.manifest["name"]
    if kind == "posters":
        posters = sorted(POSTERS.glob("*.jpg"))[::500]
        content = {"pictures": reference.pictures(posters, POSTERS)}
        return write(HERE / f"../../fixtures/golden/posters-{name}.json", reference.document(content))
    if reference.manifest["task"] == "text":
        content = {"texts": reference.texts()}
    else:
        content = {"pictures": reference.pictures(sorted((HERE / "pictures").iterdir()), HERE)}
    return write(HERE / f"{name}.json", reference.document(content))


main(*sys.argv[1:])
