"""Spark's side of `npm run bench:spark`: the data of spark-driver.ts through workers, and MLlib's ALS, in processor seconds of this process
and all below it. Called with the folder, and with the driver's record on standard input; prints a record. Stages of items or lists that are
named behind the folder are measured alone, without the driver's record.
"""

import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

root = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(root / "spark"))
os.environ["PYSPARK_PYTHON"] = sys.executable

import numpy as np  # noqa: E402
from pyspark.sql import SparkSession  # noqa: E402
from pyspark.sql import functions as F  # noqa: E402
from tailrec_spark.factors import coded, fit_by_mllib, fit_by_sweeps, half_sweep, sweep_rows  # noqa: E402
from tailrec_spark.packing import PACKED_ROWS, packed_rows  # noqa: E402
from tailrec_spark.workers import INTEGERS, NUMBER, TEXT, TEXTS, VECTOR, map_by_worker, schema_of  # noqa: E402

folder, *named = sys.argv[1:]
pipeline = f"{folder}/pipeline.yaml"
command = ["node", str(root / "dist" / "cli" / "main.js")]
CONFIDENCE, REGULARIZATION, EPOCHS = 4.0, 5.0, 5
options = {"rank": 64, "iterations": EPOCHS, "seed": 1, "regularization": REGULARIZATION, "regularizationExponent": 0,
           "unobservedWeight": 1, "confidenceScale": CONFIDENCE}
TURNS = 3
# Histories are taken ten times, so that the start of a worker is a small part, as it is of real partitions.
COPIES = 10
TICKS = os.sysconf("SC_CLK_TCK")


def open_spark(slots: int) -> SparkSession:
    builder = SparkSession.builder.master(f"local[{slots}]").config("spark.ui.enabled", "false")
    session = builder.config("spark.driver.memory", "2g").config("spark.sql.shuffle.partitions", str(2 * slots)).getOrCreate()
    session.sparkContext.setLogLevel("OFF")
    return session


def tree_seconds() -> float:
    """Processor seconds of this process and all below it, those that have ended included."""
    stats = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                fields = Path(f"/proc/{entry}/stat").read_text().rsplit(")", 1)[1].split()
            except OSError:
                continue
            stats[int(entry)] = (int(fields[1]), sum(int(fields[place]) for place in (11, 12, 13, 14)))
    below, total = {os.getpid()}, 0
    while below:
        total += sum(stats[pid][1] for pid in below)
        below = {pid for pid, (parent, _) in stats.items() if parent in below}
    return total / TICKS


def measured(work):
    cpu, wall = tree_seconds(), time.monotonic()
    result = work()
    return result, tree_seconds() - cpu, time.monotonic() - wall


def per_row(table, run):
    """What a row costs: of all rows, less what one row alone does, which is the start of a worker."""
    table = table.coalesce(1).persist()
    count = table.count()
    one = table.limit(1).coalesce(1).persist()
    one.count()
    run(one)
    start = measured(lambda: run(one))[1]
    return (measured(lambda: run(table))[1] - start) / (count - 1), start


def alone(job):
    """Processor seconds a row of the same job in one process, without Arrow."""
    words = ["npx", "tsx", str(root / "bench" / "spark-jobs.ts"), folder, job]
    return float(subprocess.run(words, cwd=root, capture_output=True, text=True, check=True).stdout.splitlines()[-1])


def in_turns(job, words, schema):
    """Medians of both sides, which take turns: what else the machine does meets them alike."""
    table = spark.read.parquet(f"{folder}/{job}.parquet")
    one, other = [], []
    for _ in range(TURNS):
        one.append(alone(job))
        seconds, record["start"][job] = per_row(table, through(["--job", job, *words], schema))
        other.append(seconds)
    record["alone"][job], record["perRow"][job] = statistics.median(one), statistics.median(other)


def through(job, schema):
    return lambda table: map_by_worker(table, command, job, schema).write.format("noop").mode("overwrite").save()


def loss(users, items, met):
    """Equation 1 with confidence 4, unobserved weight 1 and one regularisation, summed in float64."""
    users, items = users.astype(np.float64), items.astype(np.float64)
    scores = np.concatenate([np.einsum("ij,ij->i", users[u], items[i]) for u, i in zip(np.array_split(met[0], 50), np.array_split(met[1], 50))])
    everything = float(np.sum((users.T @ users) * (items.T @ items)))
    return float(CONFIDENCE * np.sum((scores - 1) ** 2)) + everything + REGULARIZATION * float(np.sum(users**2) + np.sum(items**2))


def in_order(table, prefix):
    rows = table.toArrow()
    numbers = np.array([int(name.removeprefix(prefix)) for name in rows["id"].to_pylist()])
    values = np.array(rows["vector"].to_pylist(), np.float32)
    result = np.zeros((numbers.max() + 1, values.shape[1]), np.float32)
    result[numbers] = values
    return result


spark = open_spark(2)
record = {"alone": {}, "perRow": {}, "start": {}, "als": {}, "growth": {}}
bundle = ["--bundle", f"{folder}/shop/bundle"]
turned = {
    "encode": (["--pipeline", pipeline], schema_of(id=TEXT, input=TEXT, text=VECTOR, image=VECTOR)),
    "inputs": (["--pipeline", pipeline], schema_of(id=TEXT, input=TEXT)),
    "features": (bundle, schema_of(id=TEXT, vector=VECTOR, uncertainty=NUMBER, caveats=TEXTS)),
    "lists": ([*bundle, "--by", "user"], schema_of(user=TEXT, items=TEXTS, scores=VECTOR, sources=TEXTS)),
}
for job in named or turned:
    in_turns(job, *turned[job])
if named:
    print(json.dumps(record))
    sys.exit()
driver = json.load(sys.stdin)
rows = spark.read.parquet(os.path.join(driver["question"], "rows"))
ask = ["--job", "evaluate", "--question", os.path.join(driver["question"], "question.safetensors")]
record["perRow"]["evaluate"], record["start"]["evaluate"] = per_row(rows, through(ask, schema_of(row=TEXT, ranks=INTEGERS, lists=INTEGERS)))

pairs = spark.read.parquet(f"{folder}/pairs.parquet").persist()
met_table = pairs.select("user", "item").toArrow()
met = [np.array([int(name[1:]) for name in met_table[side].to_pylist()]) for side in ("user", "item")]
# Neither engine pays for the first use of Spark's joins.
warm = pairs.where("user LIKE 'u1%'").limit(20_000).persist()
for fit in (lambda: fit_by_sweeps(warm, {**options, "iterations": 1}, command, 2, f"{folder}/warm-sweeps"),
            lambda: fit_by_mllib(warm, {**options, "iterations": 1}, f"{folder}/warm-mllib")):
    [table.count() for table in fit()]
native = loss(np.load(f"{folder}/users.npy"), np.load(f"{folder}/items.npy"), met)
record["als"]["tailrec on the driver"] = {"cpu": driver["cpu"]["als"], "loss": native}
(fitted, cpu, _) = measured(lambda: [table for table in fit_by_sweeps(pairs, options, command, 2, f"{folder}/sweeps") if table.persist().count()])
factors = (in_order(fitted[1], "u"), in_order(fitted[0], "i"))
record["als"]["tailrec by half-sweeps"] = {"cpu": cpu, "loss": loss(*factors, met)}
halved = [side.astype(np.float16).astype(np.float32) for side in factors]
record["als"]["the same, rounded to float16"] = {"cpu": 0, "loss": loss(*halved, met)}

target = (CONFIDENCE + 1) / CONFIDENCE
tried = []
for regularization in (0.03, 0.1, 0.3):
    own = {**options, "regularization": regularization}
    tables, cpu, _ = measured(lambda: [table for table in fit_by_mllib(pairs, own, f"{folder}/mllib-{regularization}") if table.persist().count()])
    sides = [in_order(table, prefix) / np.sqrt(target) for table, prefix in zip(tables, "iu")]
    tried.append({"cpu": cpu, "loss": loss(sides[1], sides[0], met)})
record["als"]["MLlib"] = min(tried, key=lambda one: one["loss"])

item_factors = factors[1]
spark.stop()
for slots in (1, 2, 4):
    spark = open_spark(slots)
    grouped = sweep_rows(coded(spark.read.parquet(f"{folder}/pairs.parquet"), f"{folder}/numbers"), "user", "item")
    copied = grouped.crossJoin(spark.range(COPIES).withColumnRenamed("id", "copy"))
    grown = copied.select((F.col("id") * COPIES + F.col("copy")).cast("int").alias("id"), "indices", "weights")
    table = grown.repartition(slots).mapInArrow(packed_rows, PACKED_ROWS).persist()
    count = len(half_sweep(table, item_factors, options, command))
    _, cpu, wall = measured(lambda: half_sweep(table, item_factors, options, command))
    record["growth"][str(slots)] = {"cpu": cpu / count, "rowsPerSecond": count / wall}
    if slots == 2:
        record["perRow"]["solve"] = cpu / count
    spark.stop()
print(json.dumps(record))
