"""The WordPiece vocabulary (Schuster and Nakajima 2012) of the student, trained on the corpus: 16,000 pieces, lower case.

    python vocabulary.py --work WORK

Every character of Latin, Greek, Cyrillic, kana and marks of units is a piece at the start of a word and inside one, so that no
word of those scripts becomes unknown; they take the places of the rarest pieces. Writes WORK/tokenizer.json in the format of
the Hugging Face tokenizers, with BERT's normaliser, splitter and template.
"""

import argparse
import json
import unicodedata
from pathlib import Path

from tokenizers import (
    Tokenizer,
    decoders,
    models,
    normalizers,
    pre_tokenizers,
    processors,
    trainers,
)

PIECES = 16_000
ALPHABET = 150
SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
COVERED = (
    *((0x21, 0x7E), (0xA1, 0xFF), (0x100, 0x17F), (0x391, 0x3C9), (0x410, 0x45F), (0x2010, 0x2027), (0x2030, 0x203A)),
    *((0x20A0, 0x20BF), (0x2150, 0x215E), (0x3041, 0x3096), (0x30A1, 0x30FA)),
)


def covered_characters() -> list[str]:
    """Characters as the normaliser leaves them: lower case, without combining marks, in order of their code."""
    codes = [code for first, last in COVERED for code in range(first, last + 1)]
    found = {part for code in codes for part in unicodedata.normalize("NFD", chr(code)).lower()}
    return sorted(part for part in found if unicodedata.category(part) not in {"Mn", "Cf", "Zs"})


def trained_pieces(corpus: Path) -> list[str]:
    """Pieces in the order in which they were learnt: special ones, characters, ever rarer sequences."""
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(strip_accents=True, lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    trainer = trainers.WordPieceTrainer(vocab_size=PIECES, limit_alphabet=ALPHABET, special_tokens=SPECIAL)
    tokenizer.train([str(corpus)], trainer)
    vocabulary = tokenizer.get_vocab()
    return sorted(vocabulary, key=vocabulary.__getitem__)


def with_characters(pieces: list[str]) -> list[str]:
    present = set(pieces)
    missing = [
        piece for character in covered_characters() for piece in (character, f"##{character}") if piece not in present
    ]
    return pieces[: PIECES - len(missing)] + missing


def wordpiece_tokenizer(pieces: list[str]) -> Tokenizer:
    vocabulary = {piece: i for i, piece in enumerate(pieces)}
    tokenizer = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]", max_input_chars_per_word=100))
    tokenizer.add_special_tokens(SPECIAL)
    tokenizer.normalizer = normalizers.BertNormalizer(strip_accents=True, lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece()
    special = [(name, vocabulary[name]) for name in ("[CLS]", "[SEP]")]
    template = {"single": "[CLS] $A [SEP]", "pair": "[CLS] $A [SEP] $B:1 [SEP]:1"}
    tokenizer.post_processor = processors.TemplateProcessing(**template, special_tokens=special)
    return tokenizer


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, required=True)
    work = parser.parse_args().work
    tokenizer = wordpiece_tokenizer(with_characters(trained_pieces(work / "corpus.txt")))
    content = json.dumps(json.loads(tokenizer.to_str()), ensure_ascii=False, separators=(",", ":"))
    (work / "tokenizer.json").write_text(content + "\n")


if __name__ == "__main__":
    main()
