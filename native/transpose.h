// The transpose of compressed sparse rows. The rows are cut into shares of about as many entries; each counts its entries of
// every column, which tells where in the result its own begin, and then every share places its own. Within a column
// entries come by share and by row, so they ascend, whatever the number of shares.
#pragma once
#include <cstring>

#include "soundness.h"

namespace {

/// The first row of a share: the one in which entry `share / shares` of all lies.
inline size_t firstRowOf(const TransposeRequest& q, size_t share, size_t shares) {
  const size_t entry = q.indptr[q.rows] / shares * share;
  size_t low = 0, high = q.rows;
  while (low < high) {
    const size_t middle = low + (high - low) / 2;
    if (q.indptr[middle] < entry) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return share == shares ? q.rows : low;
}

/// Turns counts (shares x columns) into the places where each share's entries of a column begin, and fills outIndptr.
inline void placeShares(const TransposeRequest& q, size_t shares, uint32_t* counts) {
  uint32_t place = 0;
  for (size_t j = 0; j < q.columns; j++) {
    q.outIndptr[j] = place;
    for (size_t share = 0; share < shares; share++) {
      const uint32_t count = counts[share * q.columns + j];
      counts[share * q.columns + j] = place;
      place += count;
    }
  }
  q.outIndptr[q.columns] = place;
}

int64_t transpose(ThreadPool& pool, const TransposeRequest& q) {
  const size_t entries = q.indptr[q.rows], shares = pool.threads();
  if (!holds(pool, isBelow(q.columns), q.indices, entries)) return kUnsound;
  Buffer<uint32_t> counts(shares * q.columns);
  parallel(pool, shares, [&](size_t share, unsigned) {
    uint32_t* own = counts.data() + share * q.columns;
    std::memset(own, 0, q.columns * sizeof(uint32_t));
    const size_t last = q.indptr[firstRowOf(q, share + 1, shares)];
    for (size_t p = q.indptr[firstRowOf(q, share, shares)]; p < last; p++) own[indexBelow(q.indices + p, q.columns)]++;
  });
  placeShares(q, shares, counts.data());
  Flag hasChanged;
  parallel(pool, shares, [&](size_t share, unsigned) {
    uint32_t* next = counts.data() + share * q.columns;
    const size_t last = firstRowOf(q, share + 1, shares);
    for (size_t i = firstRowOf(q, share, shares); i < last; i++) {
      for (size_t p = q.indptr[i]; p < q.indptr[i + 1]; p++) {
        const uint32_t to = next[indexBelow(q.indices + p, q.columns)]++;
        if (to >= entries) return hasChanged.raise();
        q.outIndices[to] = static_cast<uint32_t>(i);
        q.outValues[to] = q.values[p];
      }
    }
  });
  return hasChanged.isRaised() ? kUnsound : kSolved;
}

}  // namespace
