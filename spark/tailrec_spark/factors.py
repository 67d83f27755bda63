"""The collaborative stage on Spark: half-sweeps of tailrec's ALS by workers, or MLlib's implicit ALS. Both give factors by id, which
`tailrec run` takes as `collaborative.factors`.

A half-sweep solves the rows of one side against the factors of the other, which every executor holds: `W` against `H`, `H` against `W`.
"""

import os
import tempfile
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from pyspark.ml.recommendation import ALS
from pyspark.sql import DataFrame, SparkSession, Window
from pyspark.sql import functions as F

from .workers import TEXT, VECTOR, map_by_worker, schema_of

Factors = npt.NDArray[np.float32]


def coded(pairs: DataFrame) -> DataFrame:
    """The pairs with a number for every user and item: user, item, weight, user_code, item_code."""
    for side in ("user", "item"):
        order = Window.orderBy(side)
        codes = pairs.select(side).distinct().withColumn(f"{side}_code", F.row_number().over(order) - 1)
        pairs = pairs.join(codes, side)
    return pairs


def sweep_rows(pairs: DataFrame, side: str, other: str) -> DataFrame:
    """A row a user (or item): id, its number; indices and weights of what it met."""
    met = F.sort_array(F.collect_list(F.struct(F.col(f"{other}_code"), F.col("weight").cast("float").alias("weight"))))
    grouped = pairs.groupBy(f"{side}_code").agg(met.alias("met"))
    return grouped.select(
        F.col(f"{side}_code").cast("string").alias("id"),
        F.col(f"met.{other}_code").alias("indices"),
        F.col("met.weight").alias("weights"),
    )


def fit_by_sweeps(
    pairs: DataFrame, options: Mapping[str, Any], pipeline: str, command: Sequence[str], shards: int
) -> tuple[DataFrame, DataFrame]:
    """Factors of items and users, (id, vector) each, after `iterations` alternations from seeded noise."""
    spark = pairs.sparkSession
    numbered = coded(pairs).persist()
    users = sweep_rows(numbered, "user", "item").repartition(shards).persist()
    items = sweep_rows(numbered, "item", "user").repartition(shards).persist()
    try:
        rank = int(options["rank"])
        noise = np.random.default_rng(int(options["seed"]))
        item_factors: Factors = (0.1 / np.sqrt(rank) * noise.standard_normal((items.count(), rank))).astype(np.float32)
        user_factors: Factors = np.zeros((users.count(), rank), np.float32)
        for _ in range(int(options["iterations"])):
            user_factors = half_sweep(users, item_factors, pipeline, command)
            item_factors = half_sweep(items, user_factors, pipeline, command)
        return (
            with_ids(spark, numbered, "item", item_factors),
            with_ids(spark, numbered, "user", user_factors),
        )
    finally:
        for table in (numbered, users, items):
            table.unpersist()


def half_sweep(rows: DataFrame, factors: Factors, pipeline: str, command: Sequence[str]) -> Factors:
    """The factors of every row, in the order of their numbers. RuntimeError for a row that could not be solved."""
    spark = rows.sparkSession
    with tempfile.NamedTemporaryFile(suffix=".npy", delete=False) as file:
        np.save(file, factors)
    try:
        # Every executor gets the file once, and its tasks find it by its name.
        spark.sparkContext.addFile(file.name)
        words = ["--job", "solve", "--pipeline", pipeline]
        files = {"--factors": os.path.basename(file.name)}
        solved = map_by_worker(rows, command, words, schema_of(id=TEXT, factors=VECTOR), files).toArrow()
    finally:
        os.unlink(file.name)
    faults = [fault for fault in solved["quarantine"].to_pylist() if fault is not None]
    if faults:
        raise RuntimeError(f"{len(faults)} rows could not be solved, such as: {faults[0]}")
    numbers = np.asarray(solved["id"].to_pylist(), dtype=np.int64)
    result: Factors = np.zeros((len(numbers), factors.shape[1]), np.float32)
    values = solved["factors"].combine_chunks().flatten().to_numpy(zero_copy_only=False)
    result[numbers] = values.reshape(len(numbers), factors.shape[1])
    return result


def with_ids(spark: SparkSession, numbered: DataFrame, side: str, factors: Factors) -> DataFrame:
    names = numbered.select(side, f"{side}_code").distinct()
    count, rank = factors.shape
    vectors = pa.ListArray.from_arrays(np.arange(0, (count + 1) * rank, rank, dtype=np.int32), factors.reshape(-1))
    rows = spark.createDataFrame(pa.table({"code": np.arange(count, dtype=np.int32), "vector": vectors}))
    return names.join(rows, names[f"{side}_code"] == rows["code"]).select(F.col(side).alias("id"), "vector")


def fit_by_mllib(pairs: DataFrame, options: Mapping[str, Any]) -> tuple[DataFrame, DataFrame]:
    """The same by MLlib's implicit ALS: its loss weighs every pair 1, so weights are taken over `unobservedWeight`."""
    numbered = coded(pairs).persist()
    try:
        model = ALS(
            rank=int(options["rank"]),
            maxIter=int(options["iterations"]),
            regParam=float(options["regularization"]),
            alpha=float(options["confidenceScale"]) / max(float(options["unobservedWeight"]), 1e-6),
            implicitPrefs=True,
            userCol="user_code",
            itemCol="item_code",
            ratingCol="weight",
            seed=int(options["seed"]),
        ).fit(numbered)
        return (
            named_factors(model.itemFactors, numbered, "item"),
            named_factors(model.userFactors, numbered, "user"),
        )
    finally:
        numbered.unpersist()


def named_factors(factors: DataFrame, numbered: DataFrame, side: str) -> DataFrame:
    names = numbered.select(side, F.col(f"{side}_code").alias("number")).distinct()
    return names.join(factors, names["number"] == factors["id"]).select(F.col(side).alias("id"), F.col("features").alias("vector"))
