"""An ALSModel that Spark MLlib has saved is taken for factors: as it lies where ids are its numbers, by the example where they are texts."""

import runpy
from pathlib import Path
from typing import Any

import pytest
from conftest import COMMAND, ROOT, Shop
from pyspark.ml.feature import StringIndexer
from pyspark.ml.recommendation import ALS
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from tailrec_spark.tailrec import TailrecError, run_tailrec

EXAMPLE = str(ROOT / "examples" / "spark" / "als_model.py")


def fit(rows: DataFrame, user: str, item: str) -> Any:
    columns = {"userCol": user, "itemCol": item, "ratingCol": "weight"}
    return ALS(rank=4, maxIter=2, implicitPrefs=True, alpha=4.0, regParam=0.1, seed=1, **columns).fit(rows)


def run_around(pipeline: Path, items: Path, users: Path, output: Path) -> Any:
    words = ["--engine", "local", "--no-evaluate", "--item-factors", str(items), "--user-factors", str(users), "--output", str(output)]
    return run_tailrec(COMMAND, ["run", str(pipeline), *words])["factors"]


@pytest.fixture(scope="module")
def numbered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A shop whose ids are numbers, from 100 on."""
    folder = tmp_path_factory.mktemp("numbered")
    pairs = [(user, 100 + item) for user in range(40) for item in range(12) if user % 3 == item % 3]
    (folder / "events.csv").write_text("user_id,item_id\n" + "".join(f"{user},{item}\n" for user, item in pairs))
    (folder / "items.csv").write_text("item_id,title\n" + "".join(f"{100 + item},mug {item % 3}\n" for item in range(13)))
    data = f"{{ interactions: {{ path: {folder}/events.csv }}, items: {{ path: {folder}/items.csv, columns: {{ title: title }} }} }}"
    (folder / "shop.yaml").write_text(f"name: numbered\ndata: {data}\nfeatures: {{ text: {{}}, image: null }}\noutput: {folder}/out\n")
    return folder


def test_a_saved_model_is_taken_as_it_lies_where_ids_are_its_numbers(spark: SparkSession, numbered: Path, tmp_path: Path) -> None:
    events = spark.read.csv(str(numbered / "events.csv"), header=True, inferSchema=True).withColumn("weight", F.lit(1.0))
    model = tmp_path / "als-model"
    fit(events, "user_id", "item_id").save(str(model))
    # The thirteenth item was never met: it is cold.
    assert run_around(numbered / "shop.yaml", model, model, tmp_path / "out") == {
        "rank": 4,
        "items": {"used": 12, "unknown": 0, "solved": 0, "cold": 1},
        "users": {"used": 40, "unknown": 0, "solved": 0},
    }


def test_the_example_joins_a_models_numbers_to_ids(spark: SparkSession, shop: Shop, tmp_path: Path) -> None:
    known = spark.read.json(str(shop.folder / "tiny" / "items.jsonl")).select("item_id")
    events = spark.read.csv(str(shop.folder / "tiny" / "events.csv"), header=True).where("user_id is not null").join(known, "item_id")
    pairs = events.groupBy("user_id", "item_id").agg(F.count("*").cast("double").alias("weight"))
    coded = pairs
    for side in ("user", "item"):
        indexer = StringIndexer(inputCol=f"{side}_id", outputCol=f"{side}_number").fit(pairs)
        indexer.save(str(tmp_path / f"{side}-indexer"))
        coded = indexer.transform(coded)
    numbers = [F.col(f"{side}_number").cast("int").alias(f"{side}_number") for side in ("user", "item")]
    model = fit(coded.select(*numbers, "weight"), "user_number", "item_number")
    model.save(str(tmp_path / "als-model"))
    with pytest.raises(TailrecError, match="docs/scale.md joins those of an ALSModel"):
        run_around(shop.pipeline, tmp_path / "als-model", tmp_path / "als-model", tmp_path / "out")

    main = runpy.run_path(EXAMPLE)["main"]
    main(*(str(tmp_path / name) for name in ("als-model", "item-indexer", "user-indexer", "als")))
    sides = {side: coded.select(f"{side}_id", f"{side}_number").distinct().collect() for side in ("item", "user")}
    for side, factors in (("item", model.itemFactors), ("user", model.userFactors)):
        by_number = {row["id"]: row["features"] for row in factors.collect()}
        written = {row["id"]: row["vector"] for row in spark.read.parquet(str(tmp_path / "als" / f"{side}s")).collect()}
        assert written == {row[f"{side}_id"]: by_number[int(row[f"{side}_number"])] for row in sides[side]}
    used = run_around(shop.pipeline, tmp_path / "als" / "items", tmp_path / "als" / "users", tmp_path / "out")
    assert (used["items"]["used"], used["items"]["unknown"]) == (len(sides["item"]), 0)
    assert (used["users"]["used"], used["users"]["unknown"]) == (len(sides["user"]), 0)
