"""Whole sets through Spark: vectors and figures are those of one machine, byte for byte where every item is a row of the fit, and nearly so
where workers add the items up. Amazon Scientific may not be redistributed: it is skipped where ../shared lacks it."""

import json
from pathlib import Path
from typing import Any

import pytest
from conftest import COMMAND, ROOT, cosines_of, is_long, same_files
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
        "evaluation": {"models": ["popularity", "als", "content-ridge", "hybrid"]},
        "execution": {"engine": "spark", "shards": 2},
        "output": str(folder / "out"),
    }
    file = folder / f"{label}.yaml"
    file.write_text(json.dumps(document))
    return str(file)


@is_long
@pytest.mark.parametrize("name", list(SETS))
def test_has_the_vectors_and_the_figures_of_one_machine(spark: SparkSession, tmp_path: Path, name: str) -> None:
    path, *_, held = SETS[name]
    if not path.exists():
        pytest.skip(f"{path} is absent")
    exact, summed = write_pipeline(name, tmp_path, "exact", 1_000_000), write_pipeline(name, tmp_path, "summed", held)
    cache = str(tmp_path / "cache")
    words = ["--engine", "local", "--output", str(tmp_path / "single"), "--cache", cache]
    theirs = run_tailrec(COMMAND, ["run", exact, *words])
    mine, single = TailrecPipeline(spark, exact, command=COMMAND).run(), Path(theirs["bundleFolder"])
    assert same_files(Path(mine["bundleFolder"]), single)
    assert len(mine["reports"][0]["results"]) > 0
    assert mine["reports"] == theirs["reports"]
    assert len(list((tmp_path / "out" / "stages" / "rankings").glob("*/answers/_SUCCESS"))) > 0
    # The stages are those of the run before: nothing is read or encoded again.
    TailrecPipeline(spark, summed, command=COMMAND).run(evaluate=False)
    assert len(list((tmp_path / "out" / "stages" / "moments").glob("*/answers/_SUCCESS"))) == 1
    assert cosines_of(tmp_path / "out" / "bundle", single).min() >= 0.999
