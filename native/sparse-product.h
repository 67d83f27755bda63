// Products of compressed sparse rows, with a dense matrix and with sparse rows. Every row of the result is summed by one thread, in
// the order of the row's entries, in float32. Indices are looked over first; those that change afterwards stay within bounds.
#pragma once
#include <cstring>

#include "soundness.h"

namespace {

constexpr size_t kSparseRows = 16;  // rows a task

/// Adds scale times `from` to `to`.
inline void addScaled(float* __restrict to, const float* __restrict from, size_t length, float scale) {
  for (size_t j = 0; j < length; j++) to[j] += scale * from[j];
}

/// kSolved, or kUnsound where an index is out of range.
int64_t multiplySparse(ThreadPool& pool, const SparseDenseRequest& q) {
  if (!holds(pool, isBelow(q.depth), q.indices, q.indptr[q.rows])) return kUnsound;
  if (q.columns == 0) return kSolved;
  parallel(pool, ceilDivide(q.rows, kSparseRows), [&](size_t block, unsigned) {
    for (size_t i = block * kSparseRows; i < min(q.rows, (block + 1) * kSparseRows); i++) {
      float* to = q.out + i * q.columns;
      std::memset(to, 0, q.columns * sizeof(float));
      for (size_t p = q.indptr[i]; p < q.indptr[i + 1]; p++) {
        addScaled(to, q.b + indexBelow(q.indices + p, q.depth) * q.columns, q.columns, q.values[p]);
      }
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
