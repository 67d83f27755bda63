// The same row systems by a few steps of conjugate gradients in float32, for the half-sweeps of training.
// In the diagonal coordinates (row-solve.h) the shared k x k part is the diagonal d, which is therefore an exact
// preconditioner for it: a step touches the row's own interactions only, r = Z'(c (1 - Z y)) + l q - d y, and two or
// three steps from the last sweep's solution equal Cholesky. Since A = diag(d) + Z'CZ >= diag(d), the excess loss of a
// row is at most r' d^-1 r; a row stops early once that is below 1e-6 of y' d y.
// Z is stored in half precision, scaled by a power of two so that its largest possible entry sqrt(g_1) does not overflow.
#pragma once
#include <cstring>

#include "basis.h"
#include "gathered-rows.h"
#include "kernel-table.h"
#include "parallel.h"

namespace {

constexpr size_t kSweepBlock = 48;
constexpr float kExcessLoss = 1e-6f;

/// A thread's vectors for one row after the other, each `width` long with zeros beyond the rank.
struct CgScratch {
  explicit CgScratch(size_t width)
      : memory(6 * width),
        diagonal(memory.data()),
        inverse(diagonal + width),
        y(inverse + width),
        residual(y + width),
        direction(residual + width),
        image(direction + width),
        rows(width) {}

  Buffer<float> memory;
  float* diagonal;   // d
  float* inverse;    // 1 / d
  float* y;
  float* residual;   // r
  float* direction;  // p
  float* image;      // A p
  GatheredRows rows;
};

/// sum_d a_d b_d c_d over whole vectors.
inline float weightedDot(const float* a, const float* b, const float* c, size_t width) {
  FloatVector sum = {};
  for (size_t d = 0; d < width; d += kLanes<float>) sum += load(a + d) * load(b + d) * load(c + d);
  float total = 0;
  for (size_t lane = 0; lane < kLanes<float>; lane++) total += sum[lane];
  return total;
}

/// Steps of conjugate gradients on row i, from own.y, with own.residual holding l q on entry.
inline void stepRow(size_t steps, size_t width, CgScratch& own) {
  for (size_t d = 0; d < width; d++) own.residual[d] -= own.diagonal[d] * own.y[d];
  own.rows.addResidual(own.y, own.residual);
  float size = weightedDot(own.residual, own.inverse, own.residual, width);
  for (size_t d = 0; d < width; d++) own.direction[d] = own.inverse[d] * own.residual[d];
  for (size_t step = 0; step < steps; step++) {
    if (!(size > kExcessLoss * weightedDot(own.y, own.diagonal, own.y, width))) return;
    for (size_t d = 0; d < width; d++) own.image[d] = own.diagonal[d] * own.direction[d];
    own.rows.addProduct(own.direction, own.image);
    FloatVector sum = {};
    for (size_t d = 0; d < width; d += kLanes<float>) sum += load(own.direction + d) * load(own.image + d);
    float curvature = 0;
    for (size_t lane = 0; lane < kLanes<float>; lane++) curvature += sum[lane];
    const float length = size / curvature;
    for (size_t d = 0; d < width; d++) own.y[d] += length * own.direction[d];
    for (size_t d = 0; d < width; d++) own.residual[d] -= length * own.image[d];
    const float next = weightedDot(own.residual, own.inverse, own.residual, width);
    const float keep = next / size;
    for (size_t d = 0; d < width; d++) own.direction[d] = own.inverse[d] * own.residual[d] + keep * own.direction[d];
    size = next;
  }
}

/// The power of two s for which s sqrt(g_1), a bound on every entry of s Z, is about 2^15.
inline double storageScale(const double* spectrum) {
  if (!(spectrum[0] > 0)) return 1;
  int exponent = 0;
  __builtin_frexp(__builtin_sqrt(spectrum[0]), &exponent);
  return __builtin_ldexp(1.0, 15 - exponent);
}

int64_t solveRowsByCg(ThreadPool& pool, const RowSolveRequest& q, Control* control) {
  const size_t k = q.rank, width = roundUp(k, kPanel<float>);
  const double scale = storageScale(q.spectrum);
  // With T replaced by s T the system is (s^2 diag(d) + Z'CZ) y = Z'c + l q.
  const auto toBasis = BasisPanels<float>::ofColumns(q.toBasis, k, scale);
  const auto fromBasis = BasisPanels<float>::ofRows(q.toBasis, k, scale);
  const auto priorToBasis = BasisPanels<float>::ofColumns(q.priorToBasis, k, scale);
  const auto startToBasis = BasisPanels<float>::ofColumns(q.priorToBasis, k, 1 / scale);
  Buffer<Stored> z(q.fixedRows * width);
  parallel(pool, ceilDivide(q.fixedRows, kSweepBlock), [&](size_t block, unsigned) {
    const size_t first = block * kSweepBlock;
    Stored* to = z.data() + first * width;
    toBasis.turn(q.factors + first * k, min(kSweepBlock, q.fixedRows - first),
                 [&](size_t r, size_t j, FloatVector v0, FloatVector v1) {
                   storeStored(to + r * width + j, v0);
                   storeStored(to + r * width + j + kLanes<float>, v1);
                 });
  });
  parallel(pool, ceilDivide(q.rows, kSweepBlock), [&](size_t block, unsigned) {
    const size_t first = block * kSweepBlock, count = min(kSweepBlock, q.rows - first);
    CgScratch own(width);
    Buffer<float> prior(kSweepBlock * k), y(kSweepBlock * k);
    if (q.prior != nullptr) priorToBasis.turnInto(q.prior + first * k, count, prior.data());
    const float* begin = q.begin != nullptr ? q.begin : q.prior;
    if (begin != nullptr) startToBasis.turnInto(begin + first * k, count, y.data());
    if (begin == nullptr) std::memset(y.data(), 0, count * k * sizeof(float));
    for (size_t r = 0; r < count; r++) {
      const size_t i = first + r;
      const double shared = q.unobservedWeight * (q.exposure == nullptr ? 1 : q.exposure[i]);
      for (size_t d = 0; d < width; d++) {
        const bool real = d < k;
        own.diagonal[d] = real ? static_cast<float>(scale * scale * (shared * q.spectrum[d] + q.rowPrecision[i])) : 1;
        own.inverse[d] = 1 / own.diagonal[d];
        own.y[d] = real ? y[r * k + d] : 0;
        own.residual[d] = real && q.prior != nullptr ? static_cast<float>(q.rowPrecision[i]) * prior[r * k + d] : 0;
      }
      const size_t at = q.start[i];
      own.rows.open(z.data(), q.indices + at, q.confidence + at, q.start[i + 1] - at, q.start[q.rows] - at);
      stepRow(q.steps, width, own);
      std::memcpy(y.data() + r * k, own.y, k * sizeof(float));
    }
    fromBasis.turnInto(y.data(), count, q.out + first * k);
  }, control);
  return kSolved;
}

}  // namespace
