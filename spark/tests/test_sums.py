"""A fit that holds fewer items than there are takes sums of all of them, which workers add up: the vectors are those of one machine."""

import shutil
from pathlib import Path

import pytest
from conftest import COMMAND, Killer, Shop, cosines_of, same_files
from pyspark.sql import SparkSession

from tailrec_spark import TailrecPipeline
from tailrec_spark.tailrec import run_tailrec


@pytest.fixture(scope="module")
def pipeline(shop: Shop) -> str:
    """The tiny shop with a ridge that holds six of its twelve items."""
    path = shop.folder / "summed.yaml"
    path.write_text(shop.pipeline.read_text() + "regressor: { kind: ridge, maximumItems: 6 }\n")
    return str(path)


def test_sums_by_workers_give_the_vectors_of_one_machine_though_an_executor_is_lost(
    spark: SparkSession, shop: Shop, pipeline: str, tmp_path: Path
) -> None:
    def run(name: str, command: list[str]) -> Path:
        answer = TailrecPipeline(spark, pipeline, command=command, output=str(tmp_path / name)).run(evaluate=False)
        assert len(list((tmp_path / name / "stages" / "moments").glob("*/answers/_SUCCESS"))) == 1
        return Path(answer["bundleFolder"])

    whole = run("whole", COMMAND)
    # What is merged and encoded is there already: only the sums are asked for again.
    shutil.copytree(tmp_path / "whole" / "stages", tmp_path / "lost" / "stages", ignore=shutil.ignore_patterns("moments"))
    killer = Killer(tmp_path, "executor", "moments")
    assert same_files(run("lost", killer.command), whole)
    assert killer.killed() == {"moments"}
    words = ["--engine", "local", "--no-evaluate", "--output", str(tmp_path / "single")]
    single = Path(run_tailrec(COMMAND, ["run", pipeline, *words])["bundleFolder"])
    assert cosines_of(whole, single).min() >= 0.999999
