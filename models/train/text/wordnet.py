"""WordNet 3.0's synsets: words, gloss, examples, lexicographer file and hypernyms (data.noun and its kin, wndb(5))."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

FILES = {"noun": "n", "verb": "v", "adj": "a", "adv": "r"}
ARTIFACT, FOOD, PERSON, SUBSTANCE, PLACE, ACT = 6, 13, 18, 27, 15, 4


@dataclass(frozen=True)
class Synset:
    words: tuple[str, ...]
    gloss: str
    examples: tuple[str, ...]
    lexical_file: int
    hypernyms: tuple[str, ...]


def read_synsets(folder: Path) -> dict[str, Synset]:
    """Synsets by their offset and part of speech, such as `00782241n`."""
    return {key: synset for part in FILES for key, synset in _read(folder / f"data.{part}", FILES[part])}


def hypernym_path(synsets: dict[str, Synset], synset: Synset, depth: int) -> list[str]:
    """First words of up to `depth` hypernyms, the nearest first."""
    path = []
    while synset.hypernyms and len(path) < depth:
        synset = synsets[synset.hypernyms[0]]
        path.append(synset.words[0])
    return path


def hyponyms(synsets: dict[str, Synset], root: str) -> list[str]:
    """Words of every noun synset below one whose first word is `root`, sorted."""
    below = {key for key, synset in synsets.items() if key.endswith("n") and synset.words[0] == root}
    size = 0
    while size < len(below):
        size = len(below)
        below |= {key for key, synset in synsets.items() if not below.isdisjoint(synset.hypernyms)}
    return sorted({synsets[key].words[0] for key in below})


def _read(path: Path, part: str) -> Iterator[tuple[str, Synset]]:
    for line in path.read_text().split("\n"):
        if not line or line.startswith("  "):
            continue
        fields, _, text = line.partition(" | ")
        columns = fields.split(" ")
        count = int(columns[3], 16)
        words = tuple(re.sub(r"\(.*", "", columns[4 + 2 * i]).replace("_", " ") for i in range(count))
        pointers = columns[5 + 2 * count :]
        up = tuple(f"{pointers[i + 1]}n" for i in range(len(pointers) - 2) if pointers[i] in {"@", "@i"})
        examples = tuple(re.findall(r'"([^"]+)"', text))
        gloss = text.split('; "')[0].strip()
        yield columns[0] + part, Synset(words, gloss, examples, int(columns[1]), up if part == "n" else ())
