// X_s = (A + s I)^-1 B for each shift: ridge solutions along a path of regularisations. One Cholesky factorisation a shift,
// float64 throughout, rounded once at the end.
#pragma once
#include <cstring>

#include "cholesky.h"

namespace {

int64_t solveShifted(ThreadPool& pool, const ShiftedRequest& q) {
  if (q.n == 0) return kSolved;
  const size_t stride = paddedStride(q.n);
  Buffer<double> factor(roundUp(q.n, kPanel<double>) * stride);
  const size_t panels = ceilDivide(q.columns, kPanel<double>);
  for (size_t s = 0; s < q.shiftCount; s++) {
    std::memset(factor.data(), 0, q.n * stride * sizeof(double));
    for (size_t i = 0; i < q.n; i++) {
      std::memcpy(factor.data() + i * stride + i, q.a + i * q.n + i, (q.n - i) * sizeof(double));
      factor[i * stride + i] += q.shifts[s];
    }
    const int64_t pivot = factorCholesky(&pool, factor.data(), q.n, stride);
    if (pivot != kSolved) return pivot;
    float* out = q.out + s * q.n * q.columns;
    parallel(pool, panels, [&](size_t panel, unsigned) {
      Buffer<double> x(q.n * kPanel<double>);
      const size_t j = panel * kPanel<double>, count = min(kPanel<double>, q.columns - j);
      packColumns(q.b + j, q.columns, count, q.n, x.data());
      solveCholeskyPanel(factor.data(), q.n, stride, x.data());
      for (size_t i = 0; i < q.n; i++) {
        for (size_t c = 0; c < count; c++) out[i * q.columns + j + c] = static_cast<float>(x[i * kPanel<double> + c]);
      }
    });
  }
  return kSolved;
}

}  // namespace
