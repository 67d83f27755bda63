"""An ALSModel of Spark MLlib with the ids of the shop, as tailrec's `collaborative.factors` takes them.

MLlib numbers its users and items. Here two saved StringIndexerModels know the ids; a table of numbers and ids of one's own does as well.

    python examples/spark/als_model.py als-model item-indexer user-indexer als

writes als/items and als/users: Parquet of id and vector.
"""

import sys

from pyspark.ml.feature import StringIndexerModel
from pyspark.ml.recommendation import ALSModel
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F


def with_ids(spark: SparkSession, factors: DataFrame, indexer: str) -> DataFrame:
    """Factors of (id: int, features) as (id: string, vector)."""
    labels = StringIndexerModel.load(indexer).labels
    ids = spark.createDataFrame(list(enumerate(labels)), "number int, name string")
    joined = factors.join(ids, F.col("number") == F.col("id"))
    return joined.select(F.col("name").alias("id"), F.col("features").alias("vector"))


def main(model_folder: str, item_indexer: str, user_indexer: str, output: str) -> None:
    spark = SparkSession.builder.appName("als-model").getOrCreate()
    model = ALSModel.load(model_folder)
    with_ids(spark, model.itemFactors, item_indexer).write.mode("overwrite").parquet(f"{output}/items")
    with_ids(spark, model.userFactors, user_indexer).write.mode("overwrite").parquet(f"{output}/users")


if __name__ == "__main__":
    main(*sys.argv[1:])
