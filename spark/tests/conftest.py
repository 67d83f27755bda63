"""One Spark session for all tests, of two executors that are processes of their own, and the program from this checkout."""

import filecmp
import json
import os
import shutil
import sys
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from pyspark.sql import SparkSession

from tailrec_spark import TailrecPipeline
from tailrec_spark.tailrec import run_tailrec

ROOT = Path(__file__).resolve().parents[2]
TINY = ROOT / "fixtures" / "tiny"
COMMAND = ["node", str(ROOT / "dist" / "cli" / "main.js")]

PIPELINE = """
name: tiny
data:
  interactions:
    path: {data}/events.csv
    columns: {{ event: event, time: timestamp }}
    eventWeights: {{ view: 1, cart: 2, purchase: 4 }}
    halfLifeDays: 30
  items:
    path: {data}/items.jsonl
    columns: {{ title: title, description: description, image: image }}
    attributes:
      - {{ column: brand, kind: category }}
      - {{ column: category, kind: category }}
      - {{ column: price, kind: price }}
  maximumRejectedShare: 0.5
features:
  text: {{}}
  image: {{}}
  lexical: {{ dimension: 8 }}
collaborative: {{ rank: 8, iterations: 2 }}
execution: {{ engine: spark, shards: 2 }}
output: {output}
"""


#: Minutes of their own: `TAILREC_SPARK_LONG=1 npm run test:spark` runs them with the others.
is_long = pytest.mark.skipif("TAILREC_SPARK_LONG" not in os.environ, reason="takes minutes: set TAILREC_SPARK_LONG=1")

# Tasks run in the environment of the tests.
os.environ["PYSPARK_PYTHON"] = sys.executable


#: The first worker of a job takes a part of its input and kills the JVM that is its ancestor; with `driver`, the driver's Python as well.
#: The stage `rest` is a child of the driver's Python, which is killed with it.
KILLER = """#!/bin/sh
for word; do case "$last" in --job|--stage) job=$word;; esac; last=$word; done
if [ -n "$job" ] && [ -e {marks}/$job ] && rmdir {marks}/$job 2>/dev/null; then
  if [ "$job" = rest ]; then touch {marks}/$job.killed; kill -9 $PPID $$; fi
  head -c 200 >/dev/null
  pid=$$
  while [ "$(cat /proc/$pid/comm)" != java ]; do pid=$(ps -o ppid= -p $pid | tr -d ' '); done
  touch {marks}/$job.killed
  [ {victim} = driver ] && kill -9 $(ps -o ppid= -p $pid)
  kill -9 $pid
  sleep 1
  exit 1
fi
exec {command} "$@"
"""


class Killer:
    """The program, whose worker kills its executor, or the driver, at the jobs that are named: once each."""

    def __init__(self, folder: Path, victim: str, *jobs: str) -> None:
        self.marks = folder / "marks"
        self.marks.mkdir()
        self.name(*jobs)
        script = folder / "tailrec.sh"
        script.write_text(KILLER.format(marks=self.marks, victim=victim, command=" ".join(COMMAND)))
        script.chmod(0o755)
        self.command = [str(script)]

    def name(self, *jobs: str) -> None:
        for job in jobs:
            (self.marks / job).mkdir()

    def killed(self) -> set[str]:
        return {path.stem for path in self.marks.glob("*.killed")}


@pytest.fixture(scope="session")
def spark() -> Iterator[SparkSession]:
    session = (
        SparkSession.builder.master("local-cluster[2,1,2048]")
        .config("spark.executor.memory", "1g")
        .config("spark.ui.enabled", "false")
        .config("spark.sql.shuffle.partitions", "4")
        # Seconds of work do not pay for the second compiler.
        .config("spark.driver.extraJavaOptions", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC")
        .config("spark.sql.session.timeZone", "UTC")
        .getOrCreate()
    )
    session.sparkContext.setLogLevel("OFF")
    yield session
    session.stop()


class Shop:
    """The tiny shop in a folder of its own, with some events that are rejected and an item without its picture."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        shutil.copytree(TINY, folder / "tiny")
        items = folder / "tiny" / "items.jsonl"
        items.write_text(items.read_text().replace("images/002.webp", "images/none.webp"))
        with (folder / "tiny" / "events.csv").open("a") as events:
            events.write("u1,none,view,2025-03-02T08:00:00Z\n,001,view,2025-03-02T08:00:00Z\n")
            events.write("u2,002,stare,2025-03-02T08:00:00Z\nu2,003,view,yesterday\nu3,003,view,\n")
        self.pipeline = folder / "tiny.yaml"
        self.pipeline.write_text(PIPELINE.format(data=folder / "tiny", output=folder / "out"))
        #: The same with a ridge that holds six of the twelve items: workers add all of them up.
        self.summed = folder / "summed.yaml"
        self.summed.write_text(self.pipeline.read_text() + "regressor: { kind: ridge, maximumItems: 6 }\n")

    @cached_property
    def single(self) -> Any:
        """The same pipeline on one machine."""
        output = str(self.folder / "single")
        return run_tailrec(COMMAND, ["run", str(self.pipeline), "--engine", "local", "--output", output])


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    return Shop(tmp_path_factory.mktemp("shop"))


@pytest.fixture(scope="session")
def killer(tmp_path_factory: pytest.TempPathFactory) -> Killer:
    """Every stage of a pipeline loses an executor."""
    return Killer(tmp_path_factory.mktemp("killer"), "executor", "inputs", "encode", "evaluate", "features", "lists")


def fitted_by(spark: SparkSession, shop: Shop, pipeline: Path, collaborative: Any) -> Any:
    output = str(shop.folder / collaborative)
    return TailrecPipeline(spark, str(pipeline), command=COMMAND, output=output, collaborative=collaborative).run(evaluate=False)


@pytest.fixture(scope="session")
def distributed(spark: SparkSession, shop: Shop) -> Any:
    """The answer of a run that loses nothing, in which workers do all that they can: half-sweeps and sums too."""
    return fitted_by(spark, shop, shop.summed, "distributed")


@pytest.fixture(scope="session")
def mllib(spark: SparkSession, shop: Shop) -> Any:
    return fitted_by(spark, shop, shop.pipeline, "mllib")


#: Of a driver of its own: what it starts is small, so that the second compiler never pays.
QUICK_DRIVER = "--driver-java-options -XX:TieredStopAtLevel=1"


def driver_environment(submitted: str) -> dict[str, str]:
    """For `python -m tailrec_spark` as a process of its own, with these words for spark-submit."""
    own = {"PYTHONPATH": str(ROOT / "spark"), "SPARK_LOCAL_IP": "127.0.0.1"}
    return {**os.environ, **own, "PYSPARK_SUBMIT_ARGS": f"{submitted} --conf spark.ui.enabled=false {QUICK_DRIVER} pyspark-shell"}


def driver_words(pipeline: Path, output: Path, command: list[str], *words: str) -> list[str]:
    return [sys.executable, "-m", "tailrec_spark", "run", str(pipeline), "--output", str(output), "--tailrec", command[0], *words]


def same_files(mine: Path, theirs: Path) -> bool:
    names = sorted(path.name for path in theirs.iterdir())
    _, differing, failed = filecmp.cmpfiles(mine, theirs, names, shallow=False)
    return sorted(path.name for path in mine.iterdir()) == names and (differing, failed) == ([], [])


def served_vectors(bundle: Path) -> npt.NDArray[np.float64]:
    content = (bundle / "vectors.safetensors").read_bytes()
    length = int.from_bytes(content[:8], "little")
    entry = json.loads(content[8 : 8 + length])["vectors"]
    begin, end = entry["data_offsets"]
    values = np.frombuffer(content[8 + length + begin : 8 + length + end], np.float32)
    return values.reshape(entry["shape"]).astype(np.float64)


def cosines_of(mine: Path, theirs: Path) -> npt.NDArray[np.float64]:
    """Of the item vectors of two bundles, in one order of the items."""
    a, b = served_vectors(mine), served_vectors(theirs)
    assert a.shape == b.shape
    lengths = np.linalg.norm(a, axis=1) * np.linalg.norm(b, axis=1)
    cosines: npt.NDArray[np.float64] = np.sum(a * b, axis=1) / lengths
    return cosines


@pytest.fixture(scope="session")
def answers(spark: SparkSession, shop: Shop, killer: Killer) -> tuple[Any, Any]:
    """Of the same pipeline on Spark, with its losses, and on one machine."""
    return TailrecPipeline(spark, str(shop.pipeline), command=killer.command).run(), shop.single
