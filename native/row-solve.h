// The one row solve (equation 2 of the design), exactly, in the coordinates where everything shared is diagonal
// (src/math/compute/reference/row-solve.ts derives them): (diag(d) + Z'CZ) y = Z'c + l q with d = e a0 g + l, h = T y.
// A row with n < k interactions is an n x n system by Woodbury, a longer one a k x k system; both Cholesky in float64.
// Z is kept in float32: it is a rotation of float32 factors, so this perturbs the input by its own rounding and no more.
#pragma once
#include <cstring>
#include <vector>

#include "basis.h"
#include "cholesky.h"
#include "parallel.h"
#include "soundness.h"

namespace {

constexpr size_t kSolveBlock = 32;    // rows a task
constexpr size_t kGatherDepth = 128;  // interactions added to a k x k matrix at a time
constexpr size_t kAhead = 8;          // rows that are asked for before their turn
constexpr size_t kLine = 64;          // bytes of a line of memory

/// A thread's memory for one row after the other; no other thread writes to its cache lines.
struct alignas(64) RowScratch {
  explicit RowScratch(size_t rank)
      : stride(paddedStride(rank)),
        matrix(roundUp(rank, kPanel<double>) * stride),
        gathered(max(kGatherDepth, rank) * stride),
        diagonal(rank),
        pull(rank),
        right(stride) {}

  const size_t stride;
  Buffer<double> matrix;
  Buffer<double> gathered;
  Buffer<double> diagonal;  // d
  Buffer<double> pull;      // l q
  Buffer<double> right;
};

/// Adds X'X (X depth x size, `stride` apart) to the upper triangle of the matrix, in whole panels.
inline void addOuterProducts(const double* x, size_t depth, size_t size, size_t stride, double* matrix) {
  for (size_t j = 0; j < size; j += kPanel<double>) {
    tiles(Left<double>{x, 1, stride}, min(size, j + kPanel<double>), Right<double>{x + j, stride}, depth,
          [&](size_t r, DoubleVector v0, DoubleVector v1) { addRow(matrix + r * stride + j, v0, v1); });
  }
}

/// Asks for the row of an interaction that comes soon, the last one where there are no more.
inline void prefetchRow(const RowSolveRequest& q, const float* z, size_t p) {
  const float* row = z + indexBelow(q.indices + min(p, q.indptr[q.rows] - 1), q.fixedRows) * q.rank;
  for (size_t d = 0; d < q.rank; d += kLine / sizeof(float)) __builtin_prefetch(row + d, 0, 2);
}

/// V' = diag(scale) Z' of the interactions from `begin` on, k x n, `stride` apart. As many rows of Z side by side as a line of V'
/// has places: row by row every number would touch a line of its own.
inline void gatherScaled(const RowSolveRequest& q, const float* z, size_t begin, size_t n, const double* scale, double* v, size_t stride) {
  constexpr size_t together = kLine / sizeof(double);
  for (size_t first = 0; first < n; first += together) {
    const float* rows[together];
    for (size_t s = 0; s < together; s++) {
      rows[s] = z + indexBelow(q.indices + begin + min(first + s, n - 1), q.fixedRows) * q.rank;
      prefetchRow(q, z, begin + first + together + s);
    }
    for (size_t d = 0; d < q.rank; d++) {
      double* to = v + d * stride + first;
#pragma GCC unroll 8
      for (size_t s = 0; s < together; s++) to[s] = scale[d] * rows[s][d];
    }
  }
  for (size_t d = 0; d < q.rank; d++) std::memset(v + d * stride + n, 0, (stride - n) * sizeof(double));
}

/// n < k: (C^-1 + Z d^-1 Z') a = 1 - Z d^-1 l q, y = d^-1 (l q + Z'a). Gathered: V' = d^-1/2 Z', k x n.
inline bool solveShortRow(const RowSolveRequest& q, const float* z, size_t i, RowScratch& own, double* y) {
  const size_t begin = q.indptr[i], n = q.indptr[i + 1] - begin, k = q.rank, stride = paddedStride(n);
  double* v = own.gathered.data();
  double* a = own.right.data();
  for (size_t d = 0; d < k; d++) y[d] = 1 / __builtin_sqrt(own.diagonal[d]);
  gatherScaled(q, z, begin, n, y, v, stride);
  for (size_t r = 0; r < n; r++) a[r] = 1;
  for (size_t d = 0; d < k; d++) {
    const double x = own.pull[d] * y[d];
    for (size_t r = 0; r < n; r++) a[r] -= x * v[d * stride + r];
  }
  std::memset(own.matrix.data(), 0, roundUp(n, kPanel<double>) * stride * sizeof(double));
  addOuterProducts(v, k, n, stride, own.matrix.data());
  for (size_t r = 0; r < n; r++) own.matrix[r * stride + r] += 1 / static_cast<double>(q.confidence[begin + r]);
  if (factorCholesky(nullptr, own.matrix.data(), n, stride) != kSolved) return false;
  solveCholesky(own.matrix.data(), n, stride, a);
  for (size_t d = 0; d < k; d++) {
    double sum = 0;
    for (size_t r = 0; r < n; r++) sum += v[d * stride + r] * a[r];
    y[d] = own.pull[d] / own.diagonal[d] + y[d] * sum;
  }
  return true;
}

/// n >= k: (diag(d) + Z'CZ) y = Z'c + l q. Gathered: C^1/2 Z, some rows at a time.
inline bool solveLongRow(const RowSolveRequest& q, const float* z, size_t i, RowScratch& own, double* y) {
  const size_t k = q.rank, stride = own.stride;
  double* matrix = own.matrix.data();
  std::memset(matrix, 0, roundUp(k, kPanel<double>) * stride * sizeof(double));
  std::memcpy(y, own.pull.data(), k * sizeof(double));
  for (size_t begin = q.indptr[i]; begin < q.indptr[i + 1]; begin += kGatherDepth) {
    const size_t depth = min(kGatherDepth, q.indptr[i + 1] - begin);
    for (size_t p = 0; p < depth; p++) {
      const float* row = z + indexBelow(q.indices + begin + p, q.fixedRows) * q.rank;
      prefetchRow(q, z, begin + p + kAhead);
      const double root = __builtin_sqrt(static_cast<double>(q.confidence[begin + p]));
      double* to = own.gathered.data() + p * stride;
      for (size_t d = 0; d < k; d++) to[d] = root * row[d];
      for (size_t d = k; d < stride; d++) to[d] = 0;
      for (size_t d = 0; d < k; d++) y[d] += root * to[d];
    }
    addOuterProducts(own.gathered.data(), depth, k, stride, matrix);
  }
  for (size_t d = 0; d < k; d++) matrix[d * stride + d] += own.diagonal[d];
  if (factorCholesky(nullptr, matrix, k, stride) != kSolved) return false;
  solveCholesky(matrix, k, stride, y);
  return true;
}

/// d and l q of row i; `qRow` is null without a prior.
inline void setDiagonal(const RowSolveRequest& q, size_t i, const double* qRow, double* diagonal, double* pull) {
  const double precision = q.rowPrecision[i];
  const double shared = q.unobservedWeight * (q.exposure == nullptr ? 1 : q.exposure[i]);
  for (size_t d = 0; d < q.rank; d++) diagonal[d] = shared * q.spectrum[d] + precision;
  for (size_t d = 0; d < q.rank; d++) pull[d] = qRow == nullptr ? 0 : precision * qRow[d];
}

/// Lowers `lowest` to `row`; the lowest failing row is reported whichever thread met it first.
inline void reportRow(int64_t& lowest, int64_t row) {
  int64_t seen = __atomic_load_n(&lowest, __ATOMIC_RELAXED);
  while ((seen == kSolved || row < seen) &&
         !__atomic_compare_exchange_n(&lowest, &seen, row, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED)) {
  }
}

/// Z of the rows that some interaction names, zeros in place of the others: a sample of users meets few of many items.
void turnMet(ThreadPool& pool, const RowSolveRequest& q, const BasisPanels<double>& toBasis, float* z) {
  const size_t k = q.rank;
  Buffer<uint8_t> isMet(q.fixedRows);
  std::memset(isMet.data(), 0, q.fixedRows);
  for (size_t p = 0; p < q.indptr[q.rows]; p++) isMet[indexBelow(q.indices + p, q.fixedRows)] = 1;
  parallel(pool, ceilDivide(q.fixedRows, kSolveBlock), [&](size_t block, unsigned) {
    const size_t first = block * kSolveBlock, last = min(first + kSolveBlock, q.fixedRows);
    Buffer<double> wide(kSolveBlock * k);
    Buffer<float> turned(kSolveBlock * k);
    size_t met = 0;
    for (size_t j = first; j < last; j++) {
      if (!isMet[j]) continue;
      for (size_t d = 0; d < k; d++) wide[met * k + d] = q.factors[j * k + d];
      met++;
    }
    toBasis.turnInto(wide.data(), met, turned.data());
    const float* next = turned.data();
    for (size_t j = first; j < last; j++) {
      if (!isMet[j]) {
        std::memset(z + j * k, 0, k * sizeof(float));
        continue;
      }
      std::memcpy(z + j * k, next, k * sizeof(float));
      next += k;
    }
  });
}

int64_t solveRowsExactly(ThreadPool& pool, const RowSolveRequest& q, Control* control) {
  const size_t k = q.rank;
  Buffer<float> z(q.fixedRows * k);
  const auto toBasis = BasisPanels<double>::ofColumns(q.toBasis, k);
  const auto fromBasis = BasisPanels<double>::ofRows(q.toBasis, k);
  const auto priorToBasis = BasisPanels<double>::ofColumns(q.priorToBasis, k);
  turnMet(pool, q, toBasis, z.data());
  int64_t failed = kSolved;
  // One for each thread: made anew for every block, its pages were cleared again and again.
  std::vector<RowScratch> scratch;
  scratch.reserve(pool.threads());
  for (size_t thread = 0; thread < pool.threads(); thread++) scratch.emplace_back(k);
  parallel(pool, ceilDivide(q.rows, kSolveBlock), [&](size_t block, unsigned thread) {
    const size_t first = block * kSolveBlock, count = min(kSolveBlock, q.rows - first);
    RowScratch& own = scratch[thread];
    Buffer<double> y(kSolveBlock * k), prior(kSolveBlock * k), turned(kSolveBlock * k);
    if (q.prior != nullptr) {
      for (size_t p = 0; p < count * k; p++) prior[p] = q.prior[first * k + p];
      priorToBasis.turnInto(prior.data(), count, turned.data());
    }
    for (size_t r = 0; r < count; r++) {
      const size_t i = first + r;
      setDiagonal(q, i, q.prior == nullptr ? nullptr : turned.data() + r * k, own.diagonal.data(), own.pull.data());
      const bool isShort = q.indptr[i + 1] - q.indptr[i] < k;
      const bool solved = isShort ? solveShortRow(q, z.data(), i, own, y.data() + r * k)
                                  : solveLongRow(q, z.data(), i, own, y.data() + r * k);
      if (!solved) reportRow(failed, static_cast<int64_t>(i));
    }
    fromBasis.turnInto(y.data(), count, q.out + first * k);
  }, control);
  return failed;
}

}  // namespace
