"""The training corpus: texts of Debian packages and generated product texts and plots, cleaned, shuffled, one a line.

    python corpus.py --work WORK

Reads WORK/packages/<name> (see fetch.sh), writes WORK/corpus.txt, WORK/heldout.txt and WORK/corpus.json (counts a source).
Shares say how many texts a source gives at most; a text belongs to the held-out part by its digest, whatever the shares.
"""

import argparse
import hashlib
import json
import random
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import readers
from plots import PlotWriter
from products import ProductWriter, read_shelves, wordnet_goods
from wordnet import Synset, read_synsets

SEED = 1
LONGEST = 700
HARDWARE_LISTS = ("usb.ids/var/lib/usbutils/usb.ids", "pci.ids/usr/share/misc/pci.ids")
SHARES = {
    "products": 150_000,
    "wordnet-products": 110_000,
    "cards": 20_000,
    "wordnet-cards": 15_000,
    "plots": 30_000,
    "wordnet": 110_000,
    "words": 40_000,
    "examples": 25_000,
    "gcide": 60_000,
    "compounds": 20_000,
    "prose": 40_000,
    "manuals": 25_000,
    "packages": 40_000,
    "parts": 30_000,
}


def sources(packages: Path) -> dict[str, Iterable[str]]:
    synsets = read_synsets(packages / "wordnet-base/usr/share/wordnet")
    brands = brand_names(packages)
    shelves = read_shelves(Path(__file__).with_name("products.txt"))
    made = ProductWriter(shelves, brands, SEED)
    from_wordnet = ProductWriter(wordnet_goods(synsets), brands, SEED + 1)
    plots = PlotWriter(synsets, SEED + 2)
    return {
        "products": (made.text() for _ in range(2 * SHARES["products"])),
        "wordnet-products": (from_wordnet.text() for _ in range(2 * SHARES["wordnet-products"])),
        "cards": (made.card() for _ in range(2 * SHARES["cards"])),
        "wordnet-cards": (from_wordnet.card() for _ in range(2 * SHARES["wordnet-cards"])),
        "plots": (plots.text() for _ in range(2 * SHARES["plots"])),
        "wordnet": (entry for synset in synsets.values() for entry in entries(synset)),
        "words": (word for synset in synsets.values() for word in synset.words),
        "examples": (example for synset in synsets.values() for example in synset.examples),
        "gcide": readers.dictionary(packages / "dict-gcide/usr/share/dictd/gcide.dict.dz"),
        "compounds": readers.read_text(packages / "miscfiles/usr/share/dict/web2a.gz").split("\n"),
        "prose": prose(packages),
        "manuals": manuals(packages),
        "packages": readers.package_descriptions(),
        "parts": parts(packages),
    }


def entries(synset: Synset) -> Iterator[str]:
    """A synset with all of its words, and its gloss alone."""
    yield f"{', '.join(synset.words)}: {synset.gloss}"
    yield synset.gloss


def brand_names(packages: Path) -> list[str]:
    makers = [name for ids in HARDWARE_LISTS for name in readers.vendors(packages / ids)]
    locales = sorted((packages / "ruby-faker").rglob("locales/en/*.yml"))
    lists = [
        found
        for path in locales
        for found in re.findall(r"(?:brand|maker|manufacturer)s?: ?\[(.*?)\]", readers.read_text(path), re.S)
    ]
    faker = [name for found in lists for name in re.findall(r"['\"]?([A-Z][\w& -]{2,20})['\"]?", found)]
    return sorted({*makers, *faker})


def prose(packages: Path) -> Iterator[str]:
    fortunes = [p for p in sorted((packages / "fortunes/usr/share/games/fortunes").iterdir()) if p.suffix == ""]
    plain = [*fortunes, *files(packages / "bible-kjv-text", "*.txt*"), *files(packages / "crawl-common", "*.txt")]
    for path in plain:
        yield from readers.paragraphs(path)
    for path in files(packages / "anarchism", "*.html"):
        yield from readers.markup(path)
    for path in [*files(packages / "endless-sky-data", "*.txt"), *files(packages / "freeciv-data", "*.ruleset")]:
        yield from readers.quoted(path)
    for name in ("dict-devil/usr/share/dictd/devil", "dict-elements/usr/share/dictd/elements"):
        yield from readers.dictionary(packages / f"{name}.dict.dz")


def manuals(packages: Path) -> Iterator[str]:
    for path in files(packages / "manpages", "*.gz"):
        yield from readers.manual(path)
    pages = (
        "debian-handbook/usr/share/doc/debian-handbook/html/en-US",
        "gnome-user-docs/usr/share/help/C",
        "gimp-help-en",
        "libreoffice-help-en-us",
    )
    for folder in pages:
        for suffix in ("*.html", "*.page", "*.xhtml"):
            for path in files(packages / folder, suffix):
                yield from readers.markup(path)
    for name in ("foldoc", "jargon"):
        yield from readers.dictionary(packages / f"dict-{name}/usr/share/dictd/{name}.dict.dz")


def parts(packages: Path) -> Iterator[str]:
    yield from readers.symbols(packages / "kicad-symbols")
    yield from readers.fritzing(packages / "fritzing-parts")
    yield from readers.printers(packages / "foomatic-db")
    yield from readers.lenses(packages / "liblensfun-data-v1")
    for ids in HARDWARE_LISTS:
        yield from readers.hardware_ids(packages / ids)


def files(folder: Path, pattern: str) -> list[Path]:
    return sorted(path for path in folder.rglob(pattern) if path.is_file())


def kept(text: str) -> str:
    """The text on one line, cut at a word, or nothing where it is no text: too short, hardly a letter, another script."""
    text = " ".join(text.split())
    if len(text) > LONGEST:
        text = text[:LONGEST].rsplit(" ", 1)[0]
    letters = sum(character.isascii() and character.isalpha() for character in text)
    return text if len(text) >= 3 and letters >= 0.5 * len(text) else ""


def is_heldout(text: str) -> bool:
    """One text in fifty, by its digest."""
    return int(hashlib.sha256(text.lower().encode()).hexdigest()[:8], 16) % 50 == 0


def sample(texts: Iterable[str], count: int, seen: set[str], rng: random.Random) -> list[str]:
    """Up to `count` new texts, drawn from all of them."""
    fresh = list(dict.fromkeys(text for text in map(kept, texts) if text and text.lower() not in seen))
    rng.shuffle(fresh)
    seen.update(text.lower() for text in fresh[:count])
    return fresh[:count]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, required=True)
    work = parser.parse_args().work
    rng, seen, counts, texts = random.Random(SEED), set(), {}, []
    for name, found in sources(work / "packages").items():
        chosen = sample(found, SHARES[name], seen, rng)
        counts[name] = len(chosen)
        texts += chosen
        print(f"{name}: {len(chosen)}", flush=True)
    rng.shuffle(texts)
    for name, part in (("corpus", False), ("heldout", True)):
        lines = [text for text in texts if is_heldout(text) == part]
        counts[name] = len(lines)
        (work / f"{name}.txt").write_text("\n".join(lines) + "\n")
    (work / "corpus.json").write_text(json.dumps(counts, indent=2) + "\n")


if __name__ == "__main__":
    main()
