// A first look over the large arrays of a row-solve request: is every number finite, every confidence positive, every index in
// range? What exactly is wrong, and where, TypeScript then finds out and says. Conjugate gradients look at some rows' numbers
// just before they solve them: that brings them into the caches, and no thread waits for another in between. Memory that is shared
// with JavaScript may change after the look: a number then spoils the result, an index goes through `indexBelow`.
#pragma once
#include <cassert>

#include "kernel-table.h"
#include "parallel.h"
#include "simd.h"

namespace {

constexpr size_t kLookBlock = 1 << 16;
constexpr uint32_t kInfinity = 0x7f800000;

typedef uint32_t Bits __attribute__((may_alias));

/// A claim about 32-bit patterns: key(x) < limit. In this form a loop keeps the largest key and compares once.
template <class Key>
struct Claim {
  Key key;
  uint32_t limit;
};
template <class Key>
Claim(Key, uint32_t) -> Claim<Key>;

constexpr Claim isFinite{[](uint32_t x) { return x & 0x7fffffff; }, kInfinity};
constexpr Claim isPositive{[](uint32_t x) { return x - 1; }, kInfinity - 1};
inline auto isBelow(size_t limit) {
  return Claim{[](uint32_t x) { return x; }, static_cast<uint32_t>(min(limit, UINT32_MAX))};
}

/// The index as it is now, or the last one allowed where it is out of range; `limit` is at least 1.
inline size_t indexBelow(const uint32_t* index, size_t limit) {
  const size_t value = __atomic_load_n(index, __ATOMIC_RELAXED);
  return min(value, limit - 1);
}

template <class Key>
bool holdsHere(const Claim<Key>& claim, const void* values, size_t count) {
  const Bits* bits = static_cast<const Bits*>(values);
  uint32_t largest = 0;
  for (size_t p = 0; p < count; p++) {
    const uint32_t key = claim.key(bits[p]);
    largest = largest < key ? key : largest;
  }
  return count == 0 || largest < claim.limit;
}

/// Of a whole array, shared out over the threads; of null anything holds.
template <class Key>
bool holds(ThreadPool& pool, const Claim<Key>& claim, const void* values, size_t count) {
  if (values == nullptr) return true;
  Flag isBroken;
  parallel(pool, ceilDivide(count, kLookBlock), [&](size_t block, unsigned) {
    const size_t first = block * kLookBlock;
    if (!holdsHere(claim, static_cast<const Bits*>(values) + first, min(kLookBlock, count - first))) isBroken.raise();
  });
  return !isBroken.isRaised();
}

/// Everything at once, before anything is done.
bool isSound(ThreadPool& pool, const RowSolveRequest& q) {
  for (size_t i = 0; i < q.rows; i++) assert(q.indptr[i] <= q.indptr[i + 1]);
  const size_t interactions = q.indptr[q.rows], size = q.rows * q.rank;
  return holds(pool, isFinite, q.factors, q.fixedRows * q.rank) && holds(pool, isFinite, q.prior, size) &&
         holds(pool, isFinite, q.start, size) && holds(pool, isPositive, q.confidence, interactions) &&
         holds(pool, isBelow(q.fixedRows), q.indices, interactions);
}

/// The interactions of some rows alone, with a copy of their indices: what was looked at is what will be used. The copy goes on
/// to `end`, unseen, for what only prefetches.
inline bool areSoundRows(const RowSolveRequest& q, size_t first, size_t count, size_t end, uint32_t* indices) {
  const size_t begin = q.indptr[first], interactions = q.indptr[first + count] - begin;
  uint32_t largest = 0;
  for (size_t p = 0; p < interactions; p++) {
    const uint32_t index = q.indices[begin + p];
    indices[p] = index;
    largest = largest < index ? index : largest;
  }
  for (size_t p = begin + interactions; p < end; p++) indices[p - begin] = q.indices[p];
  return holdsHere(isPositive, q.confidence + begin, interactions) && (interactions == 0 || largest < q.fixedRows);
}

}  // namespace
