"""The collaborative stage on Spark: half-sweeps of tailrec's ALS by workers, or MLlib's implicit ALS. Both give factors by id, which
`tailrec run` takes as `collaborative.factors`.

A half-sweep solves the rows of one side against the factors of the other: `W` against `H`, `H` against `W`. Every executor holds these
as halves (float16), with their Gram. Sweeps are kept by the driver as they end, so that a second start goes on from the last.
"""

import io
import json
import os
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from pyspark.ml.recommendation import ALS
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from .files import write_whole
from .packing import PACKED_FACTORS, PACKED_ROWS, ROWS_A_CELL, packed_factors, packed_rows, unpacked_rows
from .workers import map_by_worker

Factors = npt.NDArray[np.float32]

#: Options of `collaborative` that a half-sweep reads.
SOLVING = ("regularization", "regularizationExponent", "unobservedWeight", "confidenceScale")
#: All unobserved pairs together against the interactions, as where one machine fits (docs/decisions/215).
UNOBSERVED_TO_OBSERVED = 3
#: Ids that are numbered together.
IDS_A_PART = 1_000_000
#: `monotonically_increasing_id` has the number of the part above these bits.
PLACE_BITS = 33


def settled(options: Mapping[str, Any], pairs: DataFrame) -> Mapping[str, Any]:
    """The options with the weight of unobserved pairs that `auto` stands for, of these users and items. ValueError where the rank is open."""
    if options["rank"] == "auto":
        raise ValueError("collaborative.rank: expected a number where Spark fits the factors, received auto; set it, for example to 64")
    if options["unobservedWeight"] != "auto":
        return options
    median, count = F.percentile("weight", 0.5).alias("median"), F.count("*").alias("count")
    sides = [F.countDistinct(side).alias(side) for side in ("user", "item")]
    found = pairs.agg(median, count, *sides).collect()[0]
    balance = UNOBSERVED_TO_OBSERVED * found["count"] * found["median"] / (found["user"] * found["item"])
    return {**options, "unobservedWeight": float(options["confidenceScale"]) * balance}


def coded(pairs: DataFrame, folder: str) -> DataFrame:
    """The pairs with a number for every user and item: user, item, weight, user_code, item_code. `folder` keeps the numbers."""
    for side in ("user", "item"):
        pairs = pairs.join(numbers_of(pairs, side, os.path.join(folder, side)), side)
    return pairs


def numbers_of(pairs: DataFrame, side: str, folder: str) -> DataFrame:
    """The ids of a side, numbered part by part: the same numbers for the same ids, and no sort of them all. Kept in `folder`."""
    spark = pairs.sparkSession
    if not os.path.exists(os.path.join(folder, "_SUCCESS")):
        ids = pairs.select(side).distinct()
        parts = max(1, -(-ids.count() // IDS_A_PART))
        dealt = ids.repartition(parts, side).sortWithinPartitions(side)
        dealt.select(side, F.monotonically_increasing_id().alias("place")).write.mode("overwrite").parquet(folder)
    placed = spark.read.parquet(folder)
    part = F.shiftrightunsigned("place", PLACE_BITS)
    counts = sorted((int(row["part"]), int(row["count"])) for row in placed.groupBy(part.alias("part")).count().collect())
    begins = np.cumsum([0, *(count for _, count in counts)])
    begin_of = F.create_map([F.lit(value) for (number, _), begin in zip(counts, begins) for value in (number, int(begin))])
    code = begin_of[part] + F.col("place").bitwiseAND(F.lit((1 << PLACE_BITS) - 1))
    return placed.select(side, code.cast("int").alias(f"{side}_code"))


def sweep_rows(pairs: DataFrame, side: str, other: str) -> DataFrame:
    """A row a user (or item): its number; indices and weights of what it met."""
    met = F.sort_array(F.collect_list(F.struct(F.col(f"{other}_code"), F.col("weight").cast("float").alias("weight"))))
    grouped = pairs.groupBy(f"{side}_code").agg(met.alias("met"))
    return grouped.select(
        F.col(f"{side}_code").alias("id"),
        F.col(f"met.{other}_code").alias("indices"),
        F.col("met.weight").alias("weights"),
    )


def fit_by_sweeps(
    pairs: DataFrame, options: Mapping[str, Any], command: Sequence[str], shards: int, folder: str
) -> tuple[DataFrame, DataFrame]:
    """Factors of items and users, (id, vector) each, after `iterations` alternations from seeded noise. `folder` keeps numbers and sweeps."""
    spark = pairs.sparkSession
    numbered = coded(pairs, os.path.join(folder, "numbers")).persist()
    users, items = (
        sweep_rows(numbered, *sides).repartition(shards).mapInArrow(packed_rows, PACKED_ROWS).persist()
        for sides in (("user", "item"), ("item", "user"))
    )
    try:
        rank = int(options["rank"])
        noise = np.random.default_rng(int(options["seed"]))
        start: Factors = (0.1 / np.sqrt(rank) * noise.standard_normal((numbered.agg(F.max("item_code") + 1).collect()[0][0], rank))).astype(np.float32)
        sweeps = Sweeps(folder)
        done, fixed = sweeps.last() or (0, start)
        # Odd half-sweeps solve users, even ones items.
        for sweep in range(done + 1, 2 * int(options["iterations"]) + 1):
            fixed = half_sweep(users if sweep % 2 == 1 else items, fixed, options, command)
            sweeps.keep(sweep, fixed)
        return (
            with_ids(spark, numbered, "item", fixed),
            with_ids(spark, numbered, "user", half_sweep(users, fixed, options, command)),
        )
    finally:
        for table in (numbered, users, items):
            table.unpersist()


class Sweeps:
    """The factors of the last half-sweep, in a folder: each file is whole, and stands until the next one does."""

    def __init__(self, folder: str) -> None:
        self._folder = folder

    def last(self) -> tuple[int, Factors] | None:
        """Its number, from 1, and what it solved; None before the first."""
        numbers = self._numbers()
        if not numbers:
            return None
        factors: Factors = np.load(self._path(numbers[-1]))
        return numbers[-1], factors

    def keep(self, sweep: int, factors: Factors) -> None:
        earlier = self._numbers()
        write_whole(self._path(sweep), lambda file: np.save(file, factors))
        for number in earlier:
            os.unlink(self._path(number))

    def _numbers(self) -> list[int]:
        names = os.listdir(self._folder) if os.path.isdir(self._folder) else []
        return sorted(int(name[6:-4]) for name in names if name.startswith("sweep-") and name.endswith(".npy"))

    def _path(self, sweep: int) -> str:
        return os.path.join(self._folder, f"sweep-{sweep:05d}.npy")


def half_sweep(rows: DataFrame, factors: Factors, options: Mapping[str, Any], command: Sequence[str]) -> Factors:
    """The factors of all packed rows, in the order of their numbers. RuntimeError for a row that could not be solved."""
    context = rows.sparkSession.sparkContext
    halves = factors.astype(np.float16)
    # Of the numbers that workers see, so that equation 2 is solved exactly for these.
    seen = halves.astype(np.float64)
    files = {option: context.broadcast(npy(array)) for option, array in (("--factors", halves), ("--gram", seen.T @ seen))}
    try:
        # The part alone: a worker that reads a whole pipeline file takes twice as long to start.
        solving = {name: options[name] for name in SOLVING if name in options}
        words = ["--job", "solve", "--collaborative", json.dumps(solving), "--batch", str(ROWS_A_CELL)]
        solved = map_by_worker(rows, command, words, PACKED_FACTORS, files, before=unpacked_rows, after=packed_factors).collect()
    finally:
        for file in files.values():
            file.destroy()
    faults = [part["fault"] for part in solved if part["fault"] is not None]
    if faults:
        raise RuntimeError(f"rows could not be solved, such as: {faults[0]}")
    numbers = [np.frombuffer(part["ids"], np.int32) for part in solved]
    result: Factors = np.zeros((sum(map(len, numbers)), factors.shape[1]), np.float32)
    for own, part in zip(numbers, solved):
        result[own] = np.frombuffer(part["factors"], np.float32).reshape(len(own), -1)
    return result


def npy(array: npt.NDArray[Any]) -> bytes:
    file = io.BytesIO()
    np.save(file, array)
    return file.getvalue()


def with_ids(spark: SparkSession, numbered: DataFrame, side: str, factors: Factors) -> DataFrame:
    names = numbered.select(side, f"{side}_code").distinct()
    count, rank = factors.shape
    vectors = pa.ListArray.from_arrays(np.arange(0, (count + 1) * rank, rank, dtype=np.int32), factors.reshape(-1))
    rows = spark.createDataFrame(pa.table({"code": np.arange(count, dtype=np.int32), "vector": vectors}))
    return names.join(rows, names[f"{side}_code"] == rows["code"]).select(F.col(side).alias("id"), "vector")


def fit_by_mllib(pairs: DataFrame, options: Mapping[str, Any], folder: str) -> tuple[DataFrame, DataFrame]:
    """The same by MLlib's implicit ALS: its loss weighs every pair 1, so weights are taken over `unobservedWeight`."""
    numbered = coded(pairs, os.path.join(folder, "numbers")).persist()
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
