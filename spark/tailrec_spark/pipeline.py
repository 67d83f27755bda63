"""A pipeline on Spark: stages that write where the next one reads, so that a second start goes on from what is there.

    items -> encoded/      vectors of the encoders, by workers, a group of shards at a time
    events -> pairs/       judged, weighed and merged by Spark SQL, with pairs.json
    pairs -> factors/      where ALS runs on Spark too
    rest                   `tailrec run --stage rest` on the driver: an ordinary bundle
"""

import json
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Literal

from pyspark.sql import DataFrame, DataFrameReader, SparkSession
from pyspark.sql import functions as F

from .events import merge_events
from .factors import fit_by_mllib, fit_by_sweeps, settled
from .files import write_whole
from .tailrec import Pipeline, TailrecError, command_of, load_pipeline, run_asking
from .workers import INTEGERS, NUMBER, TEXT, TEXTS, VECTOR, map_by_worker, schema_of

#: Groups of shards that are encoded one after the other: what a killed driver has to do again is one of them.
GROUPS = 16

#: What Spark 4 reads without more words; the option of a session that lets it read what Java does.
SPARK_CHARSETS = {"utf-8", "utf-16be", "utf-16le"}
JAVA_CHARSETS = "spark.sql.legacy.javaCharsets"

#: What separates the fields of CSV where the pipeline does not say it.
DELIMITERS = (",", ";", "\t", "|", "::")


@dataclass
class Sources:
    """Where the tables are, where the pipeline file does not say it: paths, or tables that are open already."""

    interactions: str | DataFrame | None = None
    items: str | DataFrame | None = None
    #: Of `spark.read.format`: parquet, csv, json, delta, iceberg, ... Told from the path's ending where absent.
    format: str | None = None
    options: dict[str, str] = field(default_factory=dict)


class TailrecPipeline:
    """`run()` does everything; stages may be run one by one. The stage folder must be one that driver and executors share."""

    def __init__(
        self,
        spark: SparkSession,
        pipeline: str,
        *,
        sources: Sources | None = None,
        output: str | None = None,
        collaborative: Literal["driver", "distributed", "mllib"] = "driver",
        command: str | Sequence[str] | None = None,
        worker_command: str | Sequence[str] | None = None,
        cache: str | None = None,
    ) -> None:
        """`command` starts tailrec on the driver, and on executors too unless `worker_command` does: in an archive, for example."""
        self.spark = spark
        self.command = command_of(command)
        self.worker_command = self.command if worker_command is None else command_of(worker_command)
        self.pipeline: Pipeline = load_pipeline(pipeline, self.command)
        self.sources = sources or Sources()
        self.output = os.path.abspath(output or str(self.pipeline.config["output"]))
        self.stages = os.path.join(self.output, "stages")
        self.collaborative = collaborative
        self.cache = cache
        self.delimiters: dict[str, str] = {}

    def run(self, *, evaluate: bool = True) -> Any:
        """Everything; gives the answer of `tailrec run`, whose `bundleFolder` says where the bundle is."""
        self.merge()
        self.encode()
        factors = self.fit_factors()
        words = ["--engine", "spark", "--stage", "rest", "--stage-folder", self.stages, "--output", self.output, *factors]
        rest = ["run", self.pipeline.path, *words, "--add-up-by-engine", *(["--rank-by-engine"] if evaluate else ["--no-evaluate"])]
        return run_asking(self.command, rest, {"rank": self.rank, "addUp": self.add_up})

    def items(self) -> DataFrame:
        """The mapped columns of the items, as texts and lists of texts."""
        options = self.pipeline.config["data"]["items"]
        table = self._table(self.sources.items, options)
        kinds = dict(table.dtypes)
        cells = [F.col(f"`{name}`").cast(cell_type(kinds[name])).alias(name) for name in mapped(options) if name in kinds]
        return table.select(*cells)

    def encode(self) -> int:
        """Encodes the items that are not encoded as they are now, a group of shards at a time. Gives how many these were."""
        if not self.pipeline.blocks:
            return 0
        words = ["--pipeline", self.pipeline.path]
        id_column = str(self.pipeline.config["data"]["items"]["columns"]["id"])
        items = self.items().where(F.col(f"`{id_column}`").isNotNull())
        folder = os.path.join(self.stages, self.pipeline.encoded)
        inputs = map_by_worker(items, self.worker_command, ["--job", "inputs", *words], schema_of(id=TEXT, input=TEXT))
        known = self.spark.read.parquet(folder).select("id", "input") if has_parquet(folder) else None
        missing = inputs.select("id", "input") if known is None else inputs.select("id", "input").join(known, ["id", "input"], "left_anti")
        todo = items.join(missing.select(F.col("id").alias(id_column)), id_column, "left_semi")
        groups = min(GROUPS, self._shards())
        numbered = todo.withColumn("_shard", shard_of(id_column, self._shards())).persist()
        try:
            count = numbered.count()
            for group in range(groups) if count > 0 else ():
                own = numbered.where(F.col("_shard") % groups == group).drop("_shard")
                rows = own.repartition(max(1, min(self._shards(), self.spark.sparkContext.defaultParallelism)))
                self.encoded(rows).write.mode("append").parquet(folder)
            return count
        finally:
            numbered.unpersist()

    def encoded(self, items: DataFrame) -> DataFrame:
        """A row an item, in the columns of the pipeline: id, a digest of what was read, a vector a block, and what could not be used."""
        schema = schema_of(id=TEXT, input=TEXT, **{name: VECTOR for name in self.pipeline.blocks})
        words = ["--job", "encode", "--pipeline", self.pipeline.path, *(["--cache", self.cache] if self.cache else [])]
        return map_by_worker(items, self.worker_command, words, schema)

    def merge(self) -> None:
        """Merges the events to pairs, unless that was done before."""
        pairs, report = os.path.join(self.stages, "pairs"), os.path.join(self.stages, "pairs.json")
        if os.path.exists(report):
            return
        data = self.pipeline.config["data"]
        events = self._table(self.sources.interactions, data["interactions"])
        id_column = data["items"]["columns"]["id"]
        items = self.items()
        ids = items.select(F.col(f"`{id_column}`").alias("id")).where("coalesce(id, '') <> ''")
        source = self.sources.interactions if isinstance(self.sources.interactions, str) else data["interactions"]["path"]
        with in_utc(self.spark):
            merged = merge_events(events, ids, data["interactions"], source)
            merged.pairs.write.mode("overwrite").parquet(pairs)
            merged.rejects.write.mode("overwrite").parquet(os.path.join(self.stages, "rejects"))
        if self.sources.items is not None:
            items.write.mode("overwrite").parquet(os.path.join(self.stages, "items"))
        # Last: what it stands beside is whole.
        document = json.dumps(merged.report.document(), indent=1).encode()
        write_whole(report, lambda file: file.write(document))

    def fit_factors(self) -> list[str]:
        """Options of `tailrec run` that name the factors; none where the driver fits them."""
        if self.collaborative == "driver":
            return []
        folder = os.path.join(self.stages, "factors", self.collaborative)
        items, users = os.path.join(folder, "items"), os.path.join(folder, "users")
        if not os.path.exists(os.path.join(users, "_SUCCESS")):
            pairs = self.spark.read.parquet(os.path.join(self.stages, "pairs"))
            options = settled(self.pipeline.config["collaborative"], pairs)
            if self.collaborative == "mllib":
                fitted = fit_by_mllib(pairs, options, folder)
            else:
                slots = self.spark.sparkContext.defaultParallelism
                fitted = fit_by_sweeps(pairs, options, self.worker_command, slots, folder)
            fitted[0].write.mode("overwrite").parquet(items)
            fitted[1].write.mode("overwrite").parquet(users)
        return ["--item-factors", items, "--user-factors", users]

    def rank(self, folder: str) -> None:
        """Ranks the held-out items of the users in a folder that `tailrec run` has written, a part of them a task."""
        rows = self.spark.read.parquet(os.path.join(folder, "rows")).repartition(self.spark.sparkContext.defaultParallelism)
        words = ["--job", "evaluate", "--question", os.path.join(folder, "question.safetensors")]
        ranked = map_by_worker(rows, self.worker_command, words, schema_of(row=TEXT, ranks=INTEGERS, lists=INTEGERS))
        ranked.write.mode("overwrite").parquet(os.path.join(folder, "answers"))

    def add_up(self, folder: str) -> None:
        """Adds up the moments of the items in a folder that `tailrec run` has written: a part of them a task, and what was encoded of each."""
        id_column = str(self.pipeline.config["data"]["items"]["columns"]["id"])
        asked = self.spark.read.parquet(os.path.join(folder, "rows"))
        rows = self.items().join(asked.withColumnRenamed("_id", id_column), id_column)
        if self.pipeline.blocks:
            encoded = self.spark.read.parquet(os.path.join(self.stages, self.pipeline.encoded)).dropDuplicates(["id", "input"])
            blocks = [F.col(f"`{name}`").alias(f"_block_{name}") for name in self.pipeline.blocks]
            named = encoded.select(F.col("id").alias(id_column), F.col("input").alias("_input"), *blocks)
            rows = rows.join(named, [id_column, "_input"])
        # The same rows in the same order in every part, so that a sum is the same to the bit whoever adds it up again.
        parts = rows.repartition(self.spark.sparkContext.defaultParallelism, id_column).sortWithinPartitions(id_column)
        words = ["--job", "moments", "--pipeline", self.pipeline.path, "--question", os.path.join(folder, "question.safetensors")]
        sums = map_by_worker(parts, self.worker_command, words, schema_of(id=TEXT, moments=TEXT))
        sums.write.mode("overwrite").parquet(os.path.join(folder, "answers"))

    def lists(self, owners: DataFrame, by: Literal["user", "item", "vector"], count: int = 10) -> DataFrame:
        """Lists by the bundle for a table with a column `user` or `item`, or `id` and `vector`."""
        owner = "id" if by == "vector" else by
        words = ["--job", "lists", "--bundle", self.bundle, "--by", by, "--count", str(count)]
        return map_by_worker(owners, self.worker_command, words, schema_of(**{owner: TEXT}, items=TEXTS, scores=VECTOR, sources=TEXTS))

    def vectors(self, items: DataFrame) -> DataFrame:
        """Vectors by the bundle for items that it does not know, in the columns of the pipeline."""
        words = ["--job", "features", "--bundle", self.bundle]
        return map_by_worker(items, self.worker_command, words, schema_of(id=TEXT, vector=VECTOR, uncertainty=NUMBER, caveats=TEXTS))

    @property
    def bundle(self) -> str:
        return os.path.join(self.output, "bundle")

    def restart(self) -> None:
        """Forgets what stages have written: the next run begins anew."""
        shutil.rmtree(self.stages, ignore_errors=True)

    def _shards(self) -> int:
        return int(self.pipeline.config["execution"]["shards"])

    def _charset(self, path: str, encoding: str | None) -> str:
        """The encoding by its standard name, as the program says it. Spark 4 reads a few, and those of Java where its session says so."""
        charset = encoding or "utf-8"
        if charset not in SPARK_CHARSETS and self.spark.version >= "4" and self.spark.conf.get(JAVA_CHARSETS, "false") != "true":
            remedy = f"set {JAVA_CHARSETS} to true in the session, or save the file as UTF-8"
            raise TailrecError(2, f"Spark does not read {path} in {charset}: {remedy}")
        return charset

    def _delimiter(self, reader: DataFrameReader, path: str, options: dict[str, Any]) -> str:
        """The delimiter that is named, or the one under which the header has most of the mapped columns, and then most fields."""
        named = options.get("delimiter") or self.sources.options.get("sep") or self.sources.options.get("delimiter")
        if named or ".tsv" in path:
            return named or "\t"
        if path in self.delimiters:
            return self.delimiters[path]

        def judged(delimiter: str) -> tuple[int, int]:
            columns = reader.options(**self.sources.options).option("sep", delimiter).load(path).columns
            header = options.get("header")
            matched = int(len(columns) == len(header)) if header else len(set(columns).intersection(mapped(options)))
            return matched, len(columns)

        found = self.delimiters[path] = max(DELIMITERS, key=judged)
        return found

    def _table(self, source: str | DataFrame | None, options: dict[str, Any]) -> DataFrame:
        if isinstance(source, DataFrame):
            return source
        path = source if source is not None else self.pipeline.located(str(options["path"]))
        kind = self.sources.format or format_of(path, str(options["format"]))
        reader = self.spark.read.format(kind)
        if kind == "csv":
            reader = reader.option("header", not options.get("header")).option("escape", '"').option("multiLine", True)
            reader = reader.option("encoding", self._charset(path, options.get("encoding")))
            reader = reader.option("sep", self._delimiter(reader, path, options))
        table = reader.options(**self.sources.options).load(path)
        return headed(table, path, options.get("header")) if kind == "csv" else table


@contextmanager
def in_utc(spark: SparkSession) -> Iterator[None]:
    """Dates without a zone are UTC here, as on a single machine, whatever the session thinks."""
    name = "spark.sql.session.timeZone"
    before = spark.conf.get(name)
    spark.conf.set(name, "UTC")
    try:
        yield
    finally:
        spark.conf.set(name, before or "UTC")


def headed(table: DataFrame, path: str, names: list[str] | None) -> DataFrame:
    """The table with the names that a pipeline gives the columns of files without a header line."""
    if any(name.lower().startswith("sep=") for name in table.columns[:1]):
        raise TailrecError(2, f"{path} begins with a line that declares its delimiter: remove it, since the header says the same")
    if not names:
        return table
    if len(names) != len(table.columns):
        raise TailrecError(2, f"{path} has {len(table.columns)} columns, and the pipeline's header names {len(names)}: name every column")
    return table.toDF(*names)


def mapped(options: dict[str, Any]) -> list[str]:
    """The columns that a part of `data` maps, each once."""
    parts = [[part] if isinstance(part, str) else part or [] for part in options["columns"].values()]
    attributes = [attribute["column"] for attribute in options.get("attributes") or []]
    return list(dict.fromkeys([name for part in parts for name in part] + attributes))


def cell_type(kind: str) -> str:
    return "array<string>" if kind.startswith("array") else "string"


def format_of(path: str, named: str) -> str:
    """The format that a pipeline names, or that the path ends in."""
    known = {"csv": "csv", "tsv": "csv", "jsonl": "json", "json": "json", "parquet": "parquet"}
    if named in known:
        return known[named]
    ending = os.path.basename(path.rstrip("/")).removesuffix(".gz").rsplit(".", 1)[-1]
    return known.get(ending, "parquet")


def shard_of(column: str, shards: int) -> Any:
    """The shard of an id, from 0: that of `tailrec run --shard`, less one."""
    digits = F.conv(F.substring(F.sha2(F.col(f"`{column}`"), 256), 1, 12), 16, 10)
    return digits.cast("long") % shards


def has_parquet(folder: str) -> bool:
    return os.path.isdir(folder) and any(name.endswith(".parquet") for name in os.listdir(folder))
