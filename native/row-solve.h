// The one row solve (equation 2 of the design), exactly, in the coordinates where everything shared is diagonal
// (src/math/compute/reference/row-solve.ts derives them): (diag(d) + Z'CZ) y = Z'c + l q with d = e a0 g + l, h = T y.
// A row with n < k interactions is an n x n system by Woodbury, a longer one a k x k system; both Cholesky in float64.
// Z is kept in float32: it is a rotation of float32 factors, so this perturbs the input by its own rounding and no more.
#pragma once
#include <cstring>

#include "basis.h"
#include "cholesky.h"
#include "parallel.h"
#include "soundness.h"

namespace {

constexpr size_t kSolveBlock = 32;    // rows a task
constexpr size_t kGatherDepth = 128;  // interactions added to a k x k matrix at a time

/// A thread's memory for one row after the other.
struct RowScratch {
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

/// n < k: (C^-1 + Z d^-1 Z') a = 1 - Z d^-1 l q, y = d^-1 (l q + Z'a). Gathered: V' = d^-1/2 Z', k x n.
inline bool solveShortRow(const RowSolveRequest& q, const float* z, size_t i, RowScratch& own, double* y) {
  const size_t begin = q.indptr[i], n = q.indptr[i + 1] - begin, k = q.rank, stride = paddedStride(n);
  double* v = own.gathered.data();
  double* a = own.right.data();
  for (size_t d = 0; d < k; d++) std::memset(v + d * stride + n, 0, (stride - n) * sizeof(double));
  for (size_t d = 0; d < k; d++) y[d] = 1 / __builtin_sqrt(own.diagonal[d]);
  for (size_t r = 0; r < n; r++) {
    const float* row = z + indexBelow(q.indices + begin + r, q.fixedRows) * q.rank;
    for (size_t d = 0; d < k; d++) v[d * stride + r] = y[d] * row[d];
  }
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

int64_t solveRowsExactly(ThreadPool& pool, const RowSolveRequest& q, Control* control) {
  const size_t k = q.rank;
  Buffer<float> z(q.fixedRows * k);
  const auto toBasis = BasisPanels<double>::ofColumns(q.toBasis, k);
  const auto fromBasis = BasisPanels<double>::ofRows(q.toBasis, k);
  const auto priorToBasis = BasisPanels<double>::ofColumns(q.priorToBasis, k);
  parallel(pool, ceilDivide(q.fixedRows, kSolveBlock), [&](size_t block, unsigned) {
    const size_t first = block * kSolveBlock, count = min(kSolveBlock, q.fixedRows - first);
    Buffer<double> wide(kSolveBlock * k);
    for (size_t p = 0; p < count * k; p++) wide[p] = q.factors[first * k + p];
    toBasis.turnInto(wide.data(), count, z.data() + first * k);
  });
  int64_t failed = kSolved;
  parallel(pool, ceilDivide(q.rows, kSolveBlock), [&](size_t block, unsigned) {
    const size_t first = block * kSolveBlock, count = min(kSolveBlock, q.rows - first);
    RowScratch own(k);
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
