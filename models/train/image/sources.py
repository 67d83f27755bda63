"""Decodes the pictures of the unpacked packages once and splits them: sources.py WORK

Archives are opened first: .sh3f and .pk3 are zip files, .rcc (Qt resources) holds its pictures as they are. A picture is kept
when it is large enough, not too narrow, and unlike every other by its difference hash (neighbouring pixels of a 9 x 8 grey
thumbnail compared; closer than 5 of 64 bits counts as the same). The split follows the hash of the path, so it never moves.
Writes WORK/pictures/NNNNN.npy (uint8, RGB or RGBA) and WORK/sources.json.
"""

import hashlib
import json
import re
import sys
import zipfile
from collections import Counter
from pathlib import Path

import numpy as np
from PIL import Image

HERE = Path(__file__).parent
SUFFIXES = {".png", ".jpg", ".jpeg", ".webp"}
LEAST_SIDE = 64
LONGEST_ASPECT = 3
SHORT_SIDE = 288
SHORT_SIDE_OF_WALLPAPER = 720
SAME_BITS = 5
HELD_OUT = 2000
VALIDATION = 600
Image.MAX_IMAGE_PIXELS = 200_000_000


def packages():
    rows = [line.split() for line in (HERE / "packages.txt").read_text().splitlines() if not line.startswith("#")]
    return [(name, int(most), int(crops)) for name, most, crops in rows]


def carve(blob):
    """Pictures stored as they are inside a resource file: WebP by its RIFF length, PNG and JPEG to the next picture."""
    starts = [m.start() for m in re.finditer(rb"RIFF....WEBPVP8|\x89PNG\r\n\x1a\n|\xff\xd8\xff[\xdb\xe0\xe1\xee]", blob, re.DOTALL)]
    for begin, end in zip(starts, starts[1:] + [len(blob)]):
        kind = {b"RIFF": ".webp", b"\x89PNG": ".png"}.get(blob[begin : begin + 4], ".jpg")
        yield kind, blob[begin:end]


def open_archives(folder):
    for path in sorted(folder.rglob("*")):
        target = path.with_name(path.name + ".unpacked")
        if not path.is_file() or target.exists():
            continue
        if path.suffix in {".sh3f", ".pk3"}:
            with zipfile.ZipFile(path) as archive:
                archive.extractall(target, [n for n in archive.namelist() if Path(n).suffix.lower() in SUFFIXES])
        elif path.suffix == ".rcc":
            target.mkdir()
            for index, (kind, content) in enumerate(carve(path.read_bytes())):
                (target / f"{index:04}{kind}").write_bytes(content)


def hashed(text):
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")


def candidates(folder, most):
    """Pictures of a package, in the order of their hashes; of one name in many sizes, the largest file."""
    largest = {}
    for path in folder.rglob("*"):
        if path.suffix.lower() in SUFFIXES and path.is_file() and not path.is_symlink():
            name = re.sub(r"[\d_x.-]+", "", path.stem) or path.stem
            key = (path.parent.parent if re.search(r"\d+x\d+", str(path)) else path.parent, name, len(largest) if name == path.stem else 0)
            key = (path.parent, path.name) if ".unpacked" in str(path) or "wesnoth" in str(path) else key
            if key not in largest or path.stat().st_size > largest[key].stat().st_size:
                largest[key] = path
    return sorted((p for p in largest.values() if p.stat().st_size > 2500), key=lambda p: hashed(str(p.relative_to(folder))))


def decode(path, short_side):
    with Image.open(path) as picture:
        width, height = picture.size
        if min(width, height) < LEAST_SIDE or max(width, height) > LONGEST_ASPECT * min(width, height):
            return None
        picture.draft("RGB", (width * short_side // min(width, height), height * short_side // min(width, height)))
        picture = picture.convert("RGBA")
    scale = short_side / min(picture.size)
    if scale < 1:
        picture = picture.resize([round(side * scale) for side in picture.size], Image.BILINEAR, reducing_gap=2.0)
    return picture


def difference_hash(picture):
    grey = Image.alpha_composite(Image.new("RGBA", picture.size, "white"), picture).convert("L")
    if np.asarray(grey).std() < 8:
        return None
    grid = np.asarray(grey.resize((9, 8), Image.BOX)).astype(int)
    return np.packbits(grid[:, 1:] > grid[:, :-1])


def decode_package(work, package, most, first, hashes):
    kept = []
    short_side = SHORT_SIDE_OF_WALLPAPER if re.search("wallpaper|background", package) else SHORT_SIDE
    for path in candidates(work / "files" / package, most):
        if len(kept) == most:
            break
        try:
            picture = decode(path, short_side)
        except Exception as fault:
            print("left out", path.name, fault)
            continue
        bits = None if picture is None else difference_hash(picture)
        if bits is None or (len(hashes) and np.bitwise_count(np.stack(hashes) ^ bits).sum(1).min() < SAME_BITS):
            continue
        hashes.append(bits)
        opaque = picture.getextrema()[3][0] == 255
        np.save(work / "pictures" / f"{first + len(kept):05}.npy", np.asarray(picture.convert("RGB") if opaque else picture))
        kept.append(str(path.relative_to(work / "files")))
    return kept


def main(work):
    (work / "pictures").mkdir(exist_ok=True)
    sources, hashes = [], []
    for package, most, crops in packages():
        open_archives(work / "files" / package)
        kept = decode_package(work, package, most, len(sources), hashes)
        sources += [{"path": path, "package": package, "crops": crops} for path in kept]
        print(package, len(kept), flush=True)
    order = sorted(range(len(sources)), key=lambda i: hashed(sources[i]["path"]))
    for rank, index in enumerate(order):
        part = "held-out" if rank < HELD_OUT else "validation" if rank < HELD_OUT + VALIDATION else "train"
        sources[index]["part"] = part
    (work / "sources.json").write_text(json.dumps(sources, indent=0))
    print(Counter(source["part"] for source in sources))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
