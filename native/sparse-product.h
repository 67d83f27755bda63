// Products of compressed sparse rows, with a dense matrix and with sparse rows. Every row of the result is summed by one thread, in
// the order of the row's entries, in float32. Indices are looked over first; those that change afterwards stay within bounds.
#pragma once
#include <cstring>

#include "simd.h"
#include "soundness.h"

namespace {

constexpr size_t kSparseRows = 16;  // rows a task

/// Vectors of a row of the product that stay in registers while the row's entries are added.
constexpr size_t kSparseVectors = 8;
/// Entries between the row that is added and the row that is asked for.
constexpr size_t kEntriesAhead = 4;

/// The columns from j on of row i, `Vectors` vectors of them.
template <size_t Vectors>
inline void sumEntries(const SparseDenseRequest& q, size_t i, size_t j) {
  FloatVector sums[Vectors] = {};
  const size_t end = q.indptr[i + 1], last = q.indptr[q.rows];
  for (size_t p = q.indptr[i]; p < end; p++) {
    if (p + kEntriesAhead < last) {
      const float* ahead = q.b + indexBelow(q.indices + p + kEntriesAhead, q.depth) * q.columns + j;
      for (size_t v = 0; v < Vectors; v++) __builtin_prefetch(ahead + v * kLanes<float>);
    }
    const float* from = q.b + indexBelow(q.indices + p, q.depth) * q.columns + j;
    const float scale = q.values[p];
    for (size_t v = 0; v < Vectors; v++) sums[v] += scale * load(from + v * kLanes<float>);
  }
  for (size_t v = 0; v < Vectors; v++) store(q.out + i * q.columns + j + v * kLanes<float>, sums[v]);
}

template <size_t Vectors = kSparseVectors>
inline void sumVectors(const SparseDenseRequest& q, size_t i, size_t j, size_t vectors) {
  if (vectors == Vectors) return sumEntries<Vectors>(q, i, j);
  if constexpr (Vectors > 1) sumVectors<Vectors - 1>(q, i, j, vectors);
}

/// The columns from j on, fewer than a vector holds.
inline void sumLast(const SparseDenseRequest& q, size_t i, size_t j) {
  float* to = q.out + i * q.columns;
  std::memset(to + j, 0, (q.columns - j) * sizeof(float));
  for (size_t p = q.indptr[i]; p < q.indptr[i + 1]; p++) {
    const float* from = q.b + indexBelow(q.indices + p, q.depth) * q.columns;
    for (size_t c = j; c < q.columns; c++) to[c] += q.values[p] * from[c];
  }
}

/// kSolved, or kUnsound where an index is out of range.
int64_t multiplySparse(ThreadPool& pool, const SparseDenseRequest& q) {
  if (!holds(pool, isBelow(q.depth), q.indices, q.indptr[q.rows])) return kUnsound;
  if (q.columns == 0) return kSolved;
  parallel(pool, ceilDivide(q.rows, kSparseRows), [&](size_t block, unsigned) {
    for (size_t i = block * kSparseRows; i < min(q.rows, (block + 1) * kSparseRows); i++) {
      size_t j = 0;
      while (q.columns - j >= kLanes<float>) {
        const size_t vectors = min(kSparseVectors, (q.columns - j) / kLanes<float>);
        sumVectors(q, i, j, vectors);
        j += vectors * kLanes<float>;
      }
      if (j < q.columns) sumLast(q, i, j);
    }
  });
  return kSolved;
}

/// The first entry of a row whose index is not below `first`; rows ascend.
inline size_t entryFrom(const uint32_t* indices, size_t begin, size_t end, size_t first) {
  if (first == 0) return begin;
  while (begin < end) {
    const size_t middle = begin + (end - begin) / 2;
    if (indices[middle] < first) {
      begin = middle + 1;
    } else {
      end = middle;
    }
  }
  return begin;
}

/// kSolved, or kUnsound where an index is out of range.
int64_t multiplyBothSparse(ThreadPool& pool, const SparseSparseRequest& q) {
  if (!holds(pool, isBelow(q.depth), q.indices, q.indptr[q.rows])) return kUnsound;
  if (!holds(pool, isBelow(q.first + q.columns), q.bIndices, q.bIndptr[q.depth])) return kUnsound;
  if (q.columns == 0) return kSolved;
  parallel(pool, ceilDivide(q.rows, kSparseRows), [&](size_t block, unsigned) {
    for (size_t i = block * kSparseRows; i < min(q.rows, (block + 1) * kSparseRows); i++) {
      float* to = q.out + i * q.columns;
      if (q.start == nullptr) {
        std::memset(to, 0, q.columns * sizeof(float));
      } else if (q.start != q.out) {
        std::memcpy(to, q.start + i * q.columns, q.columns * sizeof(float));
      }
      for (size_t p = q.indptr[i]; p < q.indptr[i + 1]; p++) {
        const size_t row = indexBelow(q.indices + p, q.depth), end = q.bIndptr[row + 1];
        const float scale = q.values[p];
        for (size_t e = entryFrom(q.bIndices, q.bIndptr[row], end, q.first); e < end; e++) {
          const size_t column = indexBelow(q.bIndices + e, q.first + q.columns);
          if (column >= q.first) to[column - q.first] += scale * q.bValues[e];
        }
      }
    }
  });
  return kSolved;
}

}  // namespace
