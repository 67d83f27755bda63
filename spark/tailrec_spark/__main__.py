"""`python -m tailrec_spark run pipeline.yaml`: a pipeline on the Spark that spark-submit, or the environment, provides."""

import argparse
import json
import sys
from collections.abc import Sequence

from pyspark.sql import SparkSession

from .pipeline import Sources, TailrecPipeline
from .tailrec import TailrecError


def main(arguments: Sequence[str] | None = None) -> int:
    """0, or the exit status of the program that failed."""
    parser = argparse.ArgumentParser(prog="tailrec_spark", description="Runs a tailrec pipeline on Apache Spark.")
    verbs = parser.add_subparsers(dest="verb", required=True)
    run = verbs.add_parser("run", help="read, encode, fit and write a bundle")
    run.add_argument("pipeline", help="pipeline file (YAML)")
    run.add_argument("--input", help="interactions, instead of the pipeline's data.interactions.path: any address that Spark opens")
    run.add_argument("--items", help="items, instead of the pipeline's data.items.path")
    run.add_argument("--format", help="of both: parquet, csv, json, delta, iceberg; told from the path where absent")
    run.add_argument("--output", help="folder of the bundle, which driver and executors share")
    run.add_argument("--collaborative", choices=("driver", "distributed", "mllib"), default="driver")
    run.add_argument("--tailrec", help="words that start tailrec on every machine (default: TAILREC_COMMAND, or tailrec)")
    run.add_argument("--worker-tailrec", help="the same on executors, where they differ: in an archive of --archives, for example")
    run.add_argument("--cache", help="folder of each machine where encoder outputs are kept")
    run.add_argument("--no-evaluate", action="store_true", help="only the bundle")
    given = parser.parse_args(arguments)
    spark = SparkSession.builder.appName("tailrec").config("spark.sql.session.timeZone", "UTC").getOrCreate()
    try:
        pipeline = TailrecPipeline(
            spark,
            given.pipeline,
            sources=Sources(given.input, given.items, given.format),
            output=given.output,
            collaborative=given.collaborative,
            command=given.tailrec,
            worker_command=given.worker_tailrec,
            cache=given.cache,
        )
        print(json.dumps({"bundle": pipeline.run(evaluate=not given.no_evaluate)["bundleFolder"]}))
        return 0
    except TailrecError as error:
        print(error, file=sys.stderr)
        return error.status
    finally:
        spark.stop()


if __name__ == "__main__":
    sys.exit(main())
