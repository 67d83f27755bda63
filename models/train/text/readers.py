"""Texts of Debian packages, one reader a format.

Every reader takes the folder of one unpacked package (or a file) and yields plain sentences or short entries.
"""

import gzip
import html
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

TAG = re.compile(r"<[^>]+>")
SPACE = re.compile(r"\s+")
SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=[A-Z\"'])")
BLOCK = re.compile(r"<(p|li|dd|dt|title|h[1-4]|td)\b[^>]*>(.*?)</\1>", re.S | re.I)
QUOTED = re.compile(r'"([^"]{20,600})"|`([^`]{20,600})`')


def clean(text: str) -> str:
    """Markup, entities and runs of white space gone."""
    return SPACE.sub(" ", html.unescape(TAG.sub(" ", text))).strip()


def read_text(path: Path) -> str:
    opener = gzip.open if path.suffix in {".gz", ".dz"} else open
    with opener(path, "rb") as file:
        return file.read().decode("utf8", errors="ignore")


def passages(text: str, sentences: int) -> Iterator[str]:
    """Runs of up to `sentences` sentences of one paragraph."""
    parts = SENTENCE_END.split(clean(text))
    for begin in range(0, len(parts), sentences):
        yield " ".join(parts[begin : begin + sentences])


def paragraphs(path: Path) -> Iterator[str]:
    """A plain text file whose paragraphs are set apart by empty lines."""
    for number, paragraph in enumerate(re.split(r"\n\s*\n|\n%\n", read_text(path))):
        yield from passages(paragraph, 1 + number % 3)


def markup(path: Path) -> Iterator[str]:
    """Headings, paragraphs and list items of HTML and of its relatives."""
    for number, block in enumerate(BLOCK.finditer(read_text(path))):
        yield from passages(block.group(2), 1 + number % 3)


def manual(path: Path) -> Iterator[str]:
    """A manual page in man or mdoc macros: their lines removed, font changes too."""
    lines = [re.sub(r"\\f.|\\-|\\&|\\\(..", "", line) for line in read_text(path).split("\n")]
    text = "\n".join("" if line.startswith((".", "'")) else line for line in lines)
    for paragraph in re.split(r"\n\s*\n", text):
        yield from passages(paragraph, 2)


def quoted(path: Path) -> Iterator[str]:
    """The quoted strings of a game's data file: what items are and what people say."""
    for number, match in enumerate(QUOTED.finditer(read_text(path))):
        yield from passages(match.group(1) or match.group(2), 1 + number % 3)


def dictionary(path: Path) -> Iterator[str]:
    """Entries of a dict server's file: `word: first sentences of its definition`."""
    for entry in re.split(r"\n(?=\S)", read_text(path)):
        head, _, body = entry.partition("\n")
        word = re.sub(r'["`*|]', "", head.split("\\")[0]).strip()
        body = re.sub(r"\[[^\]]*\]|[{}]|--[A-Z][\w. ]*|^\s*\d+\.", " ", body, flags=re.M)
        first = " ".join(SENTENCE_END.split(clean(body))[:2])
        if word and first and not word.startswith(("00-", "$")):
            yield f"{word}: {first}"


def hardware_ids(path: Path) -> Iterator[str]:
    """usb.ids and pci.ids: `vendor device`."""
    vendor = ""
    for line in read_text(path).split("\n"):
        if re.match(r"[0-9a-f]{4}  ", line):
            vendor = line[6:].strip()
        elif vendor and re.match(r"\t[0-9a-f]{4}  ", line):
            yield f"{vendor} {line[7:].strip()}"
        elif line.startswith("C "):
            return


def vendors(path: Path) -> list[str]:
    """Maker names of usb.ids or pci.ids, their legal forms left out."""
    names = re.findall(r"^[0-9a-f]{4}  (.+)$", read_text(path), re.M)
    legal = re.compile(r",? *(Inc|Corp|Co|Ltd|GmbH|AG|LLC|S\.A|Corporation|Limited|Technology|Technologies)\b.*$")
    short = [legal.sub("", re.sub(r"[(\[].*", "", name)).strip() for name in names]
    return sorted({name for name in short if re.fullmatch(r"[A-Z][\w&-]+( [A-Z][\w&-]+)?", name)})


def printers(folder: Path) -> Iterator[str]:
    for path in sorted(folder.rglob("printer/*.xml")):
        text = read_text(path)
        make, model = (re.search(f"<{tag}>(.*?)</{tag}>", text) for tag in ("make", "model"))
        if make and model:
            yield clean(f"{make.group(1)} {model.group(1)} printer")


def lenses(folder: Path) -> Iterator[str]:
    for path in sorted(folder.rglob("*.xml")):
        for part in re.findall(r"<(camera|lens)>(.*?)</\1>", read_text(path), re.S):
            make, model = (re.search(f"<{tag}>(.*?)</{tag}>", part[1]) for tag in ("maker", "model"))
            if make and model:
                yield clean(f"{make.group(1)} {model.group(1)} {part[0]}")


def symbols(folder: Path) -> Iterator[str]:
    """Electronic parts of KiCad: name and description."""
    for path in sorted(folder.rglob("*.kicad_sym")):
        name = ""
        for line in read_text(path).split("\n"):
            symbol = re.match(r'  \(symbol "([^"]+)"', line)
            described = re.search(r'ki_description" "([^"]+)"', line)
            name = symbol.group(1) if symbol else name
            if described:
                yield f"{name} {described.group(1)}"


def fritzing(folder: Path) -> Iterator[str]:
    """Parts of Fritzing: title and description."""
    for path in sorted(folder.rglob("*.fzp")):
        text = read_text(path)
        title, about = (re.search(f"<{tag}>(.*?)</{tag}>", text, re.S) for tag in ("title", "description"))
        if title and about:
            plain = re.sub(r"p, li \{[^}]*\}", "", clean(html.unescape(about.group(1))))
            yield f"{clean(title.group(1))}. {' '.join(SENTENCE_END.split(clean(plain))[:3])}"


def package_descriptions() -> Iterator[str]:
    """Short descriptions of all packages, and the first sentences of the long ones."""
    dump = subprocess.run(["apt-cache", "dumpavail"], capture_output=True, check=True).stdout.decode("utf8", "ignore")
    for record in dump.split("\n\n"):
        described = re.search(r"^Description(?:-en)?: (.*)\n((?: .*\n?)*)", record, re.M)
        if described:
            yield described.group(1)
            long = re.split(r"\n \.\n", described.group(2))[0]
            yield " ".join(SENTENCE_END.split(clean(long))[:3])
