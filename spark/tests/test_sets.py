"""Whole sets through Spark: vectors are those of one machine, byte for byte where every item is a row of the fit, and nearly so where
workers add the items up. Amazon Scientific may not be redistributed: it is skipped where ../shared lacks it."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from conftest import COMMAND, ROOT, is_long, same_files
from pyspark.sql import SparkSession

from tailrec_spark import TailrecPipeline
from tailrec_spark.tailrec import run_tailrec

SHOP = ROOT / "fixtures" / "shop"
AMAZON = ROOT.parent / "shared" / "data" / "amazon-scientific"

#: By name: where the data are, their columns, blocks beside the lexical one, and the items that a fit by sums holds.
SETS: dict[str, tuple[Path, dict[str, Any], dict[str, Any], dict[str, Any], int]] = {
    "shop": (
        SHOP / "events.csv.gz",
        {"columns": {"user": "user_id", "item": "item_id", "event": "event", "time": "timestamp"}, "eventWeights": {"view": 1, "cart": 2, "purchase": 4}},
        {"columns": {"id": "item_id", "title": "title", "description": "description", "image": "image"}, "attributes": [{"column": "price", "kind": "price"}]},
        {"text": {}, "image": {}, "attributes": {}},
        500,
    ),
    "amazon-scientific": (
        AMAZON / "interactions.csv",
        {"columns": {"user": "user_id", "item": "item_id", "time": "position"}},
        {"columns": {"id": "item_id", "title": "title", "description": "description"}, "attributes": [{"column": "brand", "kind": "category"}]},
        {"text": {}, "image": None, "attributes": {}},
        1800,
    ),
}


def write_pipeline(name: str, folder: Path, label: str, maximum_items: int) -> str:
    path, interactions, items, blocks, _ = SETS[name]
    document = {
        "name": name,
        "data": {"interactions": {"path": str(path), **interactions}, "items": {"path": str(path.parent / "items.jsonl"), **items}},
        "features": {**blocks, "lexical": {"dimension": 64}},
        "collaborative": {"rank": 32, "iterations": 6},
        "regressor": {"kind": "ridge", "maximumItems": maximum_items},
        "embeddings": {"rounds": 0, "channel": {"dimension": 32}, "validation": {"trials": 3}},
        "execution": {"engine": "spark", "shards": 2},
        "output": str(folder / "out"),
    }
    file = folder / f"{label}.yaml"
    file.write_text(json.dumps(document))
    return str(file)


def served_vectors(bundle: Path) -> npt.NDArray[np.float64]:
    content = (bundle / "vectors.safetensors").read_bytes()
    length = int.from_bytes(content[:8], "little")
    entry = json.loads(content[8 : 8 + length])["vectors"]
    begin, end = entry["data_offsets"]
    values = np.frombuffer(content[8 + length + begin : 8 + length + end], np.float32)
    return values.reshape(entry["shape"]).astype(np.float64)


@is_long
@pytest.mark.parametrize("name", list(SETS))
def test_has_the_vectors_of_one_machine(spark: SparkSession, tmp_path: Path, name: str) -> None:
    path, *_, held = SETS[name]
    if not path.exists():
        pytest.skip(f"{path} is absent")
    exact, summed = write_pipeline(name, tmp_path, "exact", 1_000_000), write_pipeline(name, tmp_path, "summed", held)
    cache = str(tmp_path / "cache")
    words = ["--engine", "local", "--no-evaluate", "--output", str(tmp_path / "single"), "--cache", cache]
    single = Path(run_tailrec(COMMAND, ["run", exact, *words])["bundleFolder"])
    answer = TailrecPipeline(spark, exact, command=COMMAND).run(evaluate=False)
    assert same_files(Path(answer["bundleFolder"]), single)
    # The stages are those of the run before: nothing is read or encoded again.
    TailrecPipeline(spark, summed, command=COMMAND).run(evaluate=False)
    assert len(list((tmp_path / "out" / "stages" / "moments").glob("*/answers/_SUCCESS"))) == 1
    mine, theirs = served_vectors(tmp_path / "out" / "bundle"), served_vectors(single)
    cosines = np.sum(mine * theirs, axis=1) / np.linalg.norm(mine, axis=1) / np.linalg.norm(theirs, axis=1)
    assert mine.shape == theirs.shape
    assert cosines.min() >= 0.999
