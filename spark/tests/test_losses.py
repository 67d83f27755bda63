"""Executors, drivers and rows may be lost in any stage: what is written is whole, and that of a run without losses."""

import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import COMMAND, Killer, Shop, driver_environment, driver_words, is_long, same_files
from pyspark.sql import DataFrame, SparkSession

from tailrec_spark import TailrecPipeline
from tailrec_spark.factors import Sweeps, fit_by_sweeps


def rows_of(table: DataFrame) -> list[Any]:
    return sorted(table.drop("quarantine").collect(), key=lambda row: str(row[0]))


@pytest.fixture(scope="module")
def grouped(spark: SparkSession) -> DataFrame:
    met = [(f"u{user}", f"i{item}", 1.0) for user in range(40) for item in range(9) if user % 3 == item % 3]
    return spark.createDataFrame(met, "user string, item string, weight double")


def test_an_executor_lost_in_every_stage_changes_no_byte(
    spark: SparkSession, answers: tuple[Any, Any], killer: Killer, shop: Shop
) -> None:
    mine, theirs = answers
    assert killer.killed() >= {"inputs", "encode", "evaluate"}
    assert same_files(Path(mine["bundleFolder"]), Path(theirs["bundleFolder"]))
    pipeline = TailrecPipeline(spark, str(shop.pipeline), command=killer.command)
    users = spark.createDataFrame([("u1",), ("u2",), ("u3",)], "user string").repartition(2)
    lost = (rows_of(pipeline.vectors(pipeline.items())), rows_of(pipeline.lists(users, "user", count=3)))
    assert killer.killed() == {"inputs", "encode", "evaluate", "features", "lists"}
    assert lost == (rows_of(pipeline.vectors(pipeline.items())), rows_of(pipeline.lists(users, "user", count=3)))


def test_half_sweeps_are_those_without_a_lost_executor(spark: SparkSession, grouped: DataFrame, shop: Shop, tmp_path: Path) -> None:
    killer = Killer(tmp_path, "executor", "solve")
    options = {"rank": 4, "iterations": 1, "seed": 1, "unobservedWeight": 0.1}
    fits = [
        [rows_of(side) for side in fit_by_sweeps(grouped, options, command, 2, str(tmp_path / name))]
        for name, command in (("lost", killer.command), ("whole", COMMAND))
    ]
    assert killer.killed() == {"solve"}
    assert fits[0] == fits[1]


def test_half_sweeps_go_on_from_the_last_that_is_kept(spark: SparkSession, grouped: DataFrame, shop: Shop, tmp_path: Path) -> None:
    def fit(folder: str, iterations: int) -> list[list[Any]]:
        options = {"rank": 4, "iterations": iterations, "seed": 1, "unobservedWeight": 0.1}
        return [rows_of(side) for side in fit_by_sweeps(grouped, options, COMMAND, 2, str(tmp_path / folder))]

    fit("broken", 1)
    assert [path.name for path in (tmp_path / "broken").glob("sweep-*")] == ["sweep-00002.npy"]
    assert fit("broken", 2) == fit("whole", 2)
    sweeps = Sweeps(str(tmp_path / "broken"))
    sweeps.keep(5, np.ones((2, 4), np.float32))
    kept = sweeps.last()
    assert kept is not None and kept[0] == 5 and kept[1].shape == (2, 4)


#: Drivers of their own, whose tasks run in their own process.
LOCAL = "--master local[2] --conf spark.sql.shuffle.partitions=2"


def test_a_killed_driver_leaves_no_bundle_and_the_next_one_goes_on(spark: SparkSession, shop: Shop, tmp_path: Path) -> None:
    killer = Killer(tmp_path, "driver", "evaluate")
    words = driver_words(shop.pipeline, tmp_path / "out", killer.command)
    dead = subprocess.run(words, env=driver_environment(LOCAL), capture_output=True, check=False)
    assert (dead.returncode, killer.killed()) == (-9, {"evaluate"})
    assert not (tmp_path / "out" / "bundle").exists()
    pipeline = TailrecPipeline(spark, str(shop.pipeline), command=COMMAND, output=str(tmp_path / "out"))
    assert pipeline.encode() == 0
    answer = pipeline.run()
    assert same_files(Path(answer["bundleFolder"]), Path(shop.single["bundleFolder"]))


@is_long
def test_a_driver_killed_in_every_stage_leaves_no_bundle_and_the_next_one_goes_on(
    spark: SparkSession, shop: Shop, distributed: Any, tmp_path: Path
) -> None:
    killer = Killer(tmp_path, "driver")
    output = tmp_path / "out"
    words = driver_words(shop.summed, output, killer.command, "--collaborative", "distributed")
    written: list[set[str]] = []
    # Each driver goes on from what the one before has written, and dies one stage later. Models are measured before the bundle's is fitted.
    for stage in ("inputs", "encode", "solve", "rest", "evaluate", "moments"):
        killer.name(stage)
        dead = subprocess.run(words, env=driver_environment(LOCAL), capture_output=True, check=False)
        assert (dead.returncode, stage in killer.killed()) == (-9, True), dead.stderr.decode()[-2000:]
        assert not (output / "bundle").exists()
        written.append({path.name for path in (output / "stages").iterdir()})
    assert ["pairs.json" in names for names in written] == [True] * 6
    assert ["encoded" in names for names in written] == [False, True, True, True, True, True]
    assert ["factors" in names for names in written] == [False, False, True, True, True, True]
    assert ["rankings" in names for names in written] == [False, False, False, False, True, True]
    assert ["moments" in names for names in written] == [False, False, False, False, False, True]
    pipeline = TailrecPipeline(spark, str(shop.summed), command=COMMAND, output=str(output), collaborative="distributed")
    assert pipeline.encode() == 0
    answer = pipeline.run(evaluate=False)
    assert same_files(Path(answer["bundleFolder"]), Path(distributed["bundleFolder"]))


def test_a_poisoned_partition_is_set_aside_row_by_row(spark: SparkSession, shop: Shop, tmp_path: Path) -> None:
    pipeline = TailrecPipeline(spark, str(shop.pipeline), command=COMMAND, output=str(tmp_path / "out"))
    broken = tmp_path / "broken.webp"
    broken.write_bytes(b"no picture")
    items = [(f"bad {i}", "mug", str(broken)) for i in range(5)]
    rows = spark.createDataFrame([*items, ("good", "mug", None)], "item_id string, title string, image string").coalesce(1)
    done = {row["id"]: row for row in pipeline.encoded(rows).collect()}
    assert done["good"]["quarantine"] is None
    assert all("broken.webp" in str(done[f"bad {i}"]["quarantine"]) for i in range(5))
    assert all(done[f"bad {i}"]["text"] == done["good"]["text"] for i in range(5))
