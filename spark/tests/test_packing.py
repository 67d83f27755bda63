"""Rows and factors as binary cells come back as they were, whatever they are cut into."""

import pyarrow as pa

import pytest

from tailrec_spark import packing
from tailrec_spark.packing import packed_factors, packed_rows, unpacked_rows


def rows_of(count: int) -> pa.RecordBatch:
    lists = [[row * 7 + entry for entry in range(row % 4)] for row in range(count)]
    weights = [[0.5 * value for value in entries] for entries in lists]
    arrays = [pa.array(range(count), pa.int32()), pa.array(lists, pa.list_(pa.int32())), pa.array(weights, pa.list_(pa.float32()))]
    return pa.RecordBatch.from_arrays(arrays, ["id", "indices", "weights"])


@pytest.mark.parametrize(("rows", "entries", "cells"), [(1024, 1 << 22, 5), (1024, 500, 9), (9000, 1 << 22, 2)])
def test_rows_come_back_from_cells_of_few_rows_and_entries_and_from_a_slice(
    monkeypatch: pytest.MonkeyPatch, rows: int, entries: int, cells: int
) -> None:
    monkeypatch.setattr(packing, "ROWS_A_CELL", rows)
    monkeypatch.setattr(packing, "ENTRIES_A_CELL", entries)
    batches = [rows_of(2500), rows_of(90).slice(13, 60)]
    packed = list(packed_rows(batches))
    assert [batch.num_rows for batch in packed] == [1] * cells
    # Spark joins cells to batches of its own.
    together = pa.Table.from_batches(packed).combine_chunks().to_batches()
    assert pa.Table.from_batches(list(unpacked_rows(together))).to_pydict() == pa.Table.from_batches(batches).to_pydict()


def test_factors_come_with_the_first_fault_among_their_rows() -> None:
    lists = pa.array([[1.0, 2.0], None, [3.0, 4.0]], pa.list_(pa.float32()))
    batch = pa.RecordBatch.from_arrays([pa.array(["2", "5", "0"]), lists, pa.array([None, "no", None])], ["id", "factors", "quarantine"])
    (row,) = pa.Table.from_batches(list(packed_factors([batch]))).to_pylist()
    assert pa.array([2, 5, 0], pa.int32()).buffers()[1].to_pybytes()[:12] == row["ids"]
    assert pa.array([1, 2, 3, 4], pa.float32()).buffers()[1].to_pybytes()[:16] == row["factors"]
    assert row["fault"] == "no"
