"""A fit that holds fewer items than there are takes sums of all of them, which workers add up: the vectors are those of one machine."""

import shutil
from pathlib import Path
from typing import Any

from conftest import COMMAND, Killer, Shop, cosines_of
from pyspark.sql import SparkSession

from tailrec_spark import TailrecPipeline
from tailrec_spark.tailrec import run_tailrec


def test_sums_by_workers_give_the_vectors_of_one_machine_though_an_executor_is_lost(
    spark: SparkSession, shop: Shop, answers: tuple[Any, Any], tmp_path: Path
) -> None:
    # What is merged and encoded is that of the run without sums.
    shutil.copytree(shop.folder / "out" / "stages", tmp_path / "whole" / "stages", ignore=shutil.ignore_patterns("rankings"))
    pipeline = TailrecPipeline(spark, str(shop.summed), command=COMMAND, output=str(tmp_path / "whole"))
    whole = Path(pipeline.run(evaluate=False)["bundleFolder"])
    words = ["--engine", "local", "--no-evaluate", "--output", str(tmp_path / "single")]
    single = Path(run_tailrec(COMMAND, ["run", str(shop.summed), *words])["bundleFolder"])
    assert cosines_of(whole, single).min() >= 0.999999

    def sums(question: Path) -> list[str]:
        return sorted(row["moments"] for row in spark.read.parquet(str(question / "answers")).collect() if row["moments"] is not None)

    [asked] = (tmp_path / "whole" / "stages" / "moments").iterdir()
    again = tmp_path / "again"
    shutil.copytree(asked, again, ignore=shutil.ignore_patterns("answers"))
    killer = Killer(tmp_path, "executor", "moments")
    pipeline.worker_command = killer.command
    pipeline.add_up(str(again))
    assert killer.killed() == {"moments"}
    assert sums(again) == sums(asked) != []
