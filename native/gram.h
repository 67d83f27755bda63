// G = A' diag(w) A in float64, from A in float32; where it only prepares a step of training, products are added in float32 over a
// hundred rows or so before they are added in float64. The rows are cut into shares and the columns into blocks by sizes that
// depend on the matrix only; each (share, block pair) is one task, and the shares are added in order.
#pragma once
#include <cstring>

#include "buffer.h"
#include "kernel-table.h"
#include "parallel.h"
#include "tile.h"

namespace {

constexpr size_t kGramBlock = 96;
constexpr size_t kGramDepth = 128;  // rows packed at a time: 96 KB a side, second-level cache
constexpr size_t kGramBytes = 16 << 20;

struct GramBlock {
  size_t row, rows, column, columns;
};

/// Adds rows `begin` to `end` of the matrix to one block of a share's sum (d x d, row-major).
template <class T>
void addGramBlock(const GramRequest& q, size_t begin, size_t end, GramBlock block, double* sum) {
  const size_t d = q.columns;
  const bool isSquare = block.row == block.column, isOneSided = isSquare && q.weights == nullptr;
  Buffer<T> left(kGramDepth * kGramBlock), other(isOneSided ? 0 : kGramDepth * kGramBlock);
  T* const right = isOneSided ? left.data() : other.data();
  for (size_t u = begin; u < end; u += kGramDepth) {
    const size_t depth = min(kGramDepth, end - u);
    for (size_t p = 0; p < depth; p++) {
      const float* row = q.a + (u + p) * d;
      const T w = q.weights == nullptr ? 1 : static_cast<T>(q.weights[u + p]);
      for (size_t i = 0; i < block.rows; i++) left[p * kGramBlock + i] = w * row[block.row + i];
      if (isOneSided) continue;
      for (size_t j = 0; j < block.columns; j++) right[p * kGramBlock + j] = row[block.column + j];
    }
    for (size_t j = 0; j < block.columns; j += kPanel<T>) {
      double* to = sum + block.row * d + block.column + j;
      // In a diagonal block, only rows up to the panel's last column are above the diagonal.
      const size_t height = isSquare ? min(block.rows, j + kPanel<T>) : block.rows;
      const size_t count = min(kPanel<T>, block.columns - j);
      tiles(Left<T>{left.data(), 1, kGramBlock}, height, Right<T>{right + j, kGramBlock}, depth,
            [&](size_t r, Vector<T> v0, Vector<T> v1) { addRow(to + r * d, v0, v1, count); });
    }
  }
}

/// kSolved, or kUnsound where the sums are not finite.
int64_t gram(ThreadPool& pool, const GramRequest& q) {
  const size_t d = q.columns;
  if (d == 0) return kSolved;
  const size_t blocks = ceilDivide(d, kGramBlock);
  const size_t pairs = blocks * (blocks + 1) / 2;
  const size_t shares = max(1, min(min(64, kGramBytes / (d * d * 8)), ceilDivide(q.rows, 1024)));
  const size_t shareRows = roundUp(ceilDivide(q.rows, shares), kGramDepth);
  Buffer<double> sums(shares * d * d);
  std::memset(sums.data(), 0, shares * d * d * sizeof(double));
  parallel(pool, shares * pairs, [&](size_t task, unsigned) {
    const size_t share = task / pairs;
    size_t pair = task % pairs, row = 0;
    while (pair >= blocks - row) pair -= blocks - row++;
    const size_t i = row * kGramBlock, j = (row + pair) * kGramBlock;
    const GramBlock block{i, min(kGramBlock, d - i), j, min(kGramBlock, d - j)};
    const size_t begin = min(share * shareRows, q.rows), end = min(begin + shareRows, q.rows);
    const auto add = q.single ? addGramBlock<float> : addGramBlock<double>;
    add(q, begin, end, block, sums.data() + share * d * d);
  });
  Flag isUnsound;
  parallel(pool, ceilDivide(d, kGramBlock), [&](size_t block, unsigned) {
    for (size_t i = block * kGramBlock; i < min(d, (block + 1) * kGramBlock); i++) {
      for (size_t j = i; j < d; j++) {
        double sum = 0;
        for (size_t share = 0; share < shares; share++) sum += sums[(share * d + i) * d + j];
        if (!__builtin_isfinite(sum)) isUnsound.raise();
        q.out[i * d + j] = sum;
        q.out[j * d + i] = sum;
      }
    }
  });
  return isUnsound.isRaised() ? kUnsound : kSolved;
}

}  // namespace
