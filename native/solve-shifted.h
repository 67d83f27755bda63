// X_s = (A + s I)^-1 B for each shift: ridge solutions along a path of regularisations. One Cholesky factorisation a shift,
// float64 throughout, rounded once at the end. A factor may be kept, for right sides that come one after the other.
#pragma once
#include <cstring>

#include "cholesky.h"

namespace {

/// Row i of A from the diagonal on.
inline void upperRow(const SymmetricInput& a, size_t n, size_t i, double* row) {
  if (a.a != nullptr) return static_cast<void>(std::memcpy(row + i, a.a + i * n + i, (n - i) * sizeof(double)));
  const float* kernel = a.kernel + i * n;
  const double root = a.roots[i], centre = a.mean - a.means[i];
  for (size_t j = i; j < n; j++) row[j] = root * a.roots[j] * (kernel[j] - a.means[j] + centre);
}

/// Rows of A a task.
constexpr size_t kUpperRows = 64;

/// The factor of A + shift I into `factor`, whose rows are `stride` apart: kSolved, or the first pivot that is not positive.
inline int64_t factorShifted(ThreadPool& pool, const SymmetricInput& a, size_t n, double shift, double* factor, size_t stride) {
  parallel(pool, ceilDivide(n, kUpperRows), [&](size_t task, unsigned) {
    const size_t first = task * kUpperRows, last = min(n, first + kUpperRows);
    std::memset(factor + first * stride, 0, (last - first) * stride * sizeof(double));
    for (size_t i = first; i < last; i++) {
      upperRow(a, n, i, factor + i * stride);
      factor[i * stride + i] += shift;
    }
  });
  return factorCholesky(&pool, factor, n, stride);
}

/// Panels of right sides a task, 4 at most, so that the threads have about as much to do.
inline size_t panelsOfTask(size_t panels, size_t threads) {
  return ceilDivide(panels, threads * ceilDivide(panels, 4 * threads));
}

/// out = (U'U)^-1 B, both n x columns.
inline void solveFactor(ThreadPool& pool, const double* u, size_t n, size_t stride, const double* b, size_t columns, float* out) {
  if (columns == 0) return;
  constexpr size_t width = kPanel<double>;
  const size_t panels = ceilDivide(columns, width), most = panelsOfTask(panels, pool.threads());
  parallel(pool, ceilDivide(panels, most), [&](size_t task, unsigned) {
    const size_t first = task * most, count = min(most, panels - first);
    Buffer<double> x(n * width * count);
    const auto eachPanel = [&](auto&& visit) {
      for (size_t p = 0; p < count; p++) {
        const size_t j = (first + p) * width;
        visit(j, min(width, columns - j), x.data() + p * n * width);
      }
    };
    eachPanel([&](size_t j, size_t lanes, double* panel) { packColumns(b + j, columns, lanes, n, panel); });
    solveCholeskyPanels(u, n, stride, x.data(), count);
    eachPanel([&](size_t j, size_t lanes, const double* panel) {
      for (size_t i = 0; i < n; i++) {
        for (size_t c = 0; c < lanes; c++) out[i * columns + j + c] = static_cast<float>(panel[i * width + c]);
      }
    });
  });
}

int64_t solveShifted(ThreadPool& pool, const ShiftedRequest& q) {
  if (q.n == 0) return kSolved;
  const size_t stride = paddedStride(q.n);
  Buffer<double> factor(roundUp(q.n, kPanel<double>) * stride);
  for (size_t s = 0; s < q.shiftCount; s++) {
    const int64_t pivot = factorShifted(pool, q.a, q.n, q.shifts[s], factor.data(), stride);
    if (pivot != kSolved) return pivot;
    solveFactor(pool, factor.data(), q.n, stride, q.b, q.columns, q.out + s * q.n * q.columns);
  }
  return kSolved;
}

/// The upper factor U, n x n, zeros below.
int64_t factor(ThreadPool& pool, const FactorRequest& q) {
  if (q.n == 0) return kSolved;
  const size_t stride = paddedStride(q.n);
  Buffer<double> padded(roundUp(q.n, kPanel<double>) * stride);
  const int64_t pivot = factorShifted(pool, q.a, q.n, q.shift, padded.data(), stride);
  if (pivot != kSolved) return pivot;
  for (size_t i = 0; i < q.n; i++) {
    std::memset(q.out + i * q.n, 0, i * sizeof(double));
    std::memcpy(q.out + i * q.n + i, padded.data() + i * stride + i, (q.n - i) * sizeof(double));
  }
  return kSolved;
}

void solveFactored(ThreadPool& pool, const FactoredRequest& q) {
  if (q.n > 0) solveFactor(pool, q.factor, q.n, q.n, q.b, q.columns, q.out);
}

}  // namespace
