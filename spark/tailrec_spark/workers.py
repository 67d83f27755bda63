"""Workers: one `tailrec worker` a task, fed with Arrow record batches and read from while it works.

Spark retries a task whose worker dies. A worker's rows depend on nothing but its input, so a retry or a speculative twin gives the same.
"""

import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import IO

import pyarrow as pa
from pyspark import cloudpickle
from pyspark.core.broadcast import Broadcast
from pyspark.sql import DataFrame
from pyspark.sql.types import ArrayType, DoubleType, FloatType, IntegerType, StringType, StructField, StructType

TEXT = StringType()
TEXTS = ArrayType(StringType())
NUMBER = DoubleType()
VECTOR = ArrayType(FloatType())
INTEGERS = ArrayType(IntegerType())

#: From batches to batches.
Step = Callable[[Iterable[pa.RecordBatch]], Iterable[pa.RecordBatch]]

#: Characters of a worker's last words that an error repeats.
SHOWN = 2000


def schema_of(**columns: StringType | ArrayType | DoubleType) -> StructType:
    """The columns of a job, and `quarantine`, which says why a row has no result."""
    named = [*columns.items(), ("quarantine", TEXT)]
    return StructType([StructField(name, kind, True) for name, kind in named])


def map_by_worker(
    rows: DataFrame,
    command: Sequence[str],
    arguments: Sequence[str],
    schema: StructType,
    files: Mapping[str, Broadcast[bytes]] | None = None,
    *,
    before: Step = iter,
    after: Step = iter,
) -> DataFrame:
    """Every partition through a worker of its own. `files` are further options, with what is to stand in the file that each names.
    `before` makes the batches that the worker reads, `after` those that Spark takes."""
    work = worker_function([*command, "worker", "--quiet", *arguments], files or {})
    return rows.mapInArrow(lambda batches: after(work(before(batches))), schema)


# Tasks get the code of this module with them: executors need pyarrow, and not this package.
cloudpickle.register_pickle_by_value(sys.modules[__name__])


def worker_function(
    words: Sequence[str], files: Mapping[str, Broadcast[bytes]]
) -> Callable[[Iterable[pa.RecordBatch]], Iterable[pa.RecordBatch]]:
    """What a task does with its batches. A partition without a row starts no worker."""

    def work(batches: Iterable[pa.RecordBatch]) -> Iterable[pa.RecordBatch]:
        filled = (batch for batch in batches if batch.num_rows > 0)
        first = next(filled, None)
        if first is None:
            return
        with tempfile.TemporaryDirectory(prefix="tailrec-") as folder:
            located = [word for option, content in files.items() for word in (option, written(folder, option, content.value))]
            yield from through_process([*words, *located], first, filled)

    return work


def written(folder: str, option: str, content: bytes) -> str:
    path = os.path.join(folder, option.lstrip("-"))
    with open(path, "wb") as file:
        file.write(content)
    return path


def through_process(
    words: Sequence[str], first: pa.RecordBatch, rest: Iterator[pa.RecordBatch]
) -> Iterator[pa.RecordBatch]:
    """The batches through one process. RuntimeError with its last words where it fails, or what failed in feeding it."""
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=said)
        assert process.stdin is not None and process.stdout is not None
        feeder = Feeder(process.stdin, first, rest)
        feeder.start()
        try:
            yield from answers_of(process.stdout)
            feeder.join()
            status = process.wait()
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
        if feeder.failure is not None and not isinstance(feeder.failure, BrokenPipeError):
            raise feeder.failure
        if status != 0 or feeder.failure is not None:
            raise RuntimeError(f"tailrec worker ended with status {status}: {last_words(said)}")


class Feeder(threading.Thread):
    """Writes batches to a worker beside the reading of its answers: neither waits for the other's pipe."""

    def __init__(self, sink: IO[bytes], first: pa.RecordBatch, rest: Iterator[pa.RecordBatch]) -> None:
        super().__init__(daemon=True)
        self.failure: BaseException | None = None
        self._sink = sink
        self._first = first
        self._rest = rest

    def run(self) -> None:
        try:
            with self._sink, pa.ipc.new_stream(self._sink, self._first.schema) as writer:
                writer.write_batch(self._first)
                for batch in self._rest:
                    writer.write_batch(batch)
        except BaseException as failure:  # noqa: BLE001 - handed to the task's own thread
            self.failure = failure


def answers_of(source: IO[bytes]) -> Iterator[pa.RecordBatch]:
    """The batches of a stream; none where the worker ended before it began one."""
    try:
        with pa.ipc.open_stream(source) as reader:
            yield from reader
    except (pa.ArrowInvalid, OSError):
        # A worker that died: its status and last words say more.
        return


def last_words(said: IO[bytes]) -> str:
    said.seek(0)
    return said.read().decode(errors="replace")[-SHOWN:].strip() or "it said nothing"
