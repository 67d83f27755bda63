"""Rows of numbers in few binary cells. Spark copies a cell of bytes as it is, where it walks through a list number by number, at every
crossing between the JVM and Python. Half-sweeps cross four times."""

import sys
from collections.abc import Iterable, Iterator

import pyarrow as pa
import pyarrow.compute as pc
from pyspark import cloudpickle
from pyspark.sql.types import BinaryType, StringType, StructField, StructType

# Tasks get this code with them, as that of workers.py.
cloudpickle.register_pickle_by_value(sys.modules[__name__])

#: Rows and entries of a cell. A worker solves a cell at once, and turns the other side's factors for it: few rows would not pay for that.
#: Popular items have millions of entries each.
ROWS_A_CELL = 8192
ENTRIES_A_CELL = 1 << 22

PACKED_ROWS = StructType([StructField(name, BinaryType()) for name in ("ids", "offsets", "indices", "weights")])
PACKED_FACTORS = StructType([StructField("ids", BinaryType()), StructField("factors", BinaryType()), StructField("fault", StringType())])


def packed_rows(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """id (int32), indices and weights (lists of one length): a row for every cell of them."""
    for batch in batches:
        for cell in cells_of(batch):
            ids, indices, weights = cell.columns
            offsets = pc.subtract(indices.offsets, indices.offsets[0])
            yield one_row(PACKED_ROWS, ids, offsets, indices.flatten(), weights.flatten())


def cells_of(batch: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
    """Parts of a batch that make a cell each: halves of halves, until they are small enough or one row."""
    entries = len(batch.column("indices").flatten())
    if batch.num_rows <= 1 or (batch.num_rows <= ROWS_A_CELL and entries <= ENTRIES_A_CELL):
        yield from [batch] if batch.num_rows > 0 else []
        return
    half = batch.num_rows // 2
    yield from cells_of(batch.slice(0, half))
    yield from cells_of(batch.slice(half))


def unpacked_rows(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """The rows of `packed_rows`, as a worker takes them; nothing is copied."""
    for batch in batches:
        for ids, offsets, indices, weights in zip(*batch.columns):
            begins = numbers(offsets, pa.int32())
            lists = [pa.ListArray.from_arrays(begins, numbers(*pair)) for pair in ((indices, pa.int32()), (weights, pa.float32()))]
            yield pa.RecordBatch.from_arrays([numbers(ids, pa.int32()), *lists], ["id", "indices", "weights"])


def packed_factors(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """What the job `solve` answers: a row for every batch, with the first fault among its rows."""
    for batch in batches:
        faults = batch.column("quarantine").drop_null()
        fault = faults[0].as_py() if len(faults) > 0 else None
        row = one_row(PACKED_FACTORS, pc.cast(batch.column("id"), pa.int32()), batch.column("factors").flatten())
        yield row.append_column("fault", pa.array([fault], pa.string()))


def one_row(schema: StructType, *arrays: pa.Array) -> pa.RecordBatch:
    cells = [pa.array([bytes_of(array)], pa.binary()) for array in arrays]
    return pa.RecordBatch.from_arrays(cells, schema.fieldNames()[: len(cells)])


def bytes_of(array: pa.Array) -> bytes:
    """The numbers of an array without nulls. Executors need not have numpy."""
    width = array.type.bit_width // 8
    content: bytes = array.buffers()[1].slice(array.offset * width, len(array) * width).to_pybytes()
    return content


def numbers(cell: pa.Scalar, kind: pa.DataType) -> pa.Array:
    buffer = cell.as_buffer()
    return pa.Array.from_buffers(kind, buffer.size // (kind.bit_width // 8), [None, buffer])
