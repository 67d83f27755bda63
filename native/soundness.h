// A first look over the large arrays of a row-solve request, at the speed of memory: is every number finite, every
// confidence positive, every index in range? What exactly is wrong, and where, TypeScript then finds out and says.
#pragma once
#include <cassert>

#include "kernel-table.h"
#include "parallel.h"
#include "simd.h"

namespace {

constexpr size_t kLookBlock = 1 << 16;

typedef uint32_t Bits __attribute__((may_alias));

/// True if `isBad` holds for none of the 32-bit patterns.
template <class F>
bool noneOf(ThreadPool& pool, const void* values, size_t count, F&& isBad) {
  if (values == nullptr) return true;
  const Bits* bits = static_cast<const Bits*>(values);
  uint32_t found = 0;
  parallel(pool, ceilDivide(count, kLookBlock), [&](size_t block, unsigned) {
    const size_t last = min(count, (block + 1) * kLookBlock);
    uint32_t bad = 0;
    for (size_t p = block * kLookBlock; p < last; p++) bad |= isBad(bits[p]);
    if (bad != 0) __atomic_store_n(&found, 1u, __ATOMIC_RELAXED);
  });
  return found == 0;
}

bool isSound(ThreadPool& pool, const RowSolveRequest& q) {
  for (size_t i = 0; i < q.rows; i++) assert(q.start[i] <= q.start[i + 1]);
  constexpr uint32_t infinity = 0x7f800000;
  const auto isInfinite = [](uint32_t x) { return static_cast<uint32_t>((x & infinity) == infinity); };
  const auto isNotPositive = [](uint32_t x) { return static_cast<uint32_t>(x - 1 >= infinity - 1); };
  const auto isOutside = [limit = q.fixedRows](uint32_t x) { return static_cast<uint32_t>(x >= limit); };
  const size_t interactions = q.start[q.rows];
  return noneOf(pool, q.factors, q.fixedRows * q.rank, isInfinite) && noneOf(pool, q.prior, q.rows * q.rank, isInfinite) &&
         noneOf(pool, q.begin, q.rows * q.rank, isInfinite) && noneOf(pool, q.confidence, interactions, isNotPositive) &&
         noneOf(pool, q.indices, interactions, isOutside);
}

}  // namespace
