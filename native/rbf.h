// sums += s exp(-|x_i - y_j|^2 / w), from inner products and squared lengths: |x - y|^2 = |x|^2 + |y|^2 - 2 x'y, at least 0. A row
// without the block has an infinite length and adds nothing.
#pragma once
#include <cstring>

#include "kernel-table.h"
#include "parallel.h"
#include "simd.h"

namespace {

constexpr size_t kRbfRows = 8;       // rows a task
constexpr float kFarthest = 88;      // exp(-88) is below the smallest normal float32: 0
constexpr float kLog2E = 1.44269504f;

/// exp(-t) for t >= 0 as 2^k 2^f, |f| <= 1/2: the Taylor sum of 2^f to the sixth power is off by less than 2e-7.
inline float decay(float t) {
  const float y = -kLog2E * (t < kFarthest ? t : kFarthest);
  const float k = __builtin_floorf(y + 0.5f), f = y - k;
  const float power = 1 + f * (0.69314718f + f * (0.24022651f + f * (0.05550411f + f * (0.00961813f + f * (0.00133336f + f * 0.00015404f)))));
  const uint32_t bits = static_cast<uint32_t>(static_cast<int32_t>(k) + 127) << 23;
  float scale;
  std::memcpy(&scale, &bits, sizeof scale);
  return scale * power;
}

void addRbf(ThreadPool& pool, const RbfRequest& q) {
  const size_t width = q.columns - q.first;
  const float inverse = 1 / q.width;
  parallel(pool, ceilDivide(q.rows, kRbfRows), [&](size_t block, unsigned) {
    for (size_t i = block * kRbfRows; i < min(q.rows, (block + 1) * kRbfRows); i++) {
      float* __restrict to = q.sums + i * q.columns + q.first;
      const float* __restrict products = q.products + i * width;
      const float* __restrict y = q.y + q.first;
      const float x = q.x[i];
      for (size_t j = 0; j < width; j++) {
        const float distance = x + y[j] - 2 * products[j];
        to[j] += q.scale * decay((distance > 0 ? distance : 0) * inverse);
      }
      if (q.productSums == nullptr) continue;
      float* __restrict productSums = q.productSums + i * width;
      for (size_t j = 0; j < width; j++) productSums[j] += products[j];
    }
  });
}

}  // namespace
