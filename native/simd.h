// Vectors of the instruction set that this translation unit is compiled for: 64 bytes with AVX-512, 32 with AVX, else 16 (NEON, SSE).
// Written with the vector extensions of GCC and Clang, so one source serves x86-64 and arm64. Everything sits in an
// anonymous namespace: the units for different instruction sets must share no inline function, or the linker could
// keep the AVX-512 copy of one and run it on a machine without.
#pragma once
#include <cstddef>
#include <cstdint>
#if defined(__SSE2__)
#include <immintrin.h>
#elif defined(__ARM_NEON)
#include <arm_neon.h>
#endif

namespace {

#if defined(__AVX512F__)
constexpr int kVectorBytes = 64;
constexpr size_t kTileRows = 12;  // 12 x 2 accumulators, 2 operands: 26 of 32 registers
#elif defined(__AVX__)
constexpr int kVectorBytes = 32;
constexpr size_t kTileRows = 6;  // 6 x 2 + 2: 14 of 16 registers
#elif defined(__ARM_NEON)
constexpr int kVectorBytes = 16;
constexpr size_t kTileRows = 12;  // as AVX-512: 32 registers
#else
constexpr int kVectorBytes = 16;
constexpr size_t kTileRows = 4;
#endif

typedef float FloatVector __attribute__((vector_size(kVectorBytes)));
typedef double DoubleVector __attribute__((vector_size(kVectorBytes)));
typedef float FloatUnaligned __attribute__((vector_size(kVectorBytes), aligned(4), may_alias));
typedef double DoubleUnaligned __attribute__((vector_size(kVectorBytes), aligned(8), may_alias));

template <class T>
struct Simd;
template <>
struct Simd<float> {
  using Vector = FloatVector;
  using Unaligned = FloatUnaligned;
};
template <>
struct Simd<double> {
  using Vector = DoubleVector;
  using Unaligned = DoubleUnaligned;
};

template <class T>
using Vector = typename Simd<T>::Vector;

template <class T>
constexpr size_t kLanes = kVectorBytes / sizeof(T);

/// Columns of a register tile and of a packed panel: two vectors.
template <class T>
constexpr size_t kPanel = 2 * kLanes<T>;

template <class T>
inline Vector<T> load(const T* from) {
  return *reinterpret_cast<const typename Simd<T>::Unaligned*>(from);
}

template <class T>
inline void store(T* to, Vector<T> value) {
  *reinterpret_cast<typename Simd<T>::Unaligned*>(to) = value;
}

/// One bit for each lane in which a > b. The generic comparison took GCC 12 an extraction a lane: top-k ran at half speed.
inline uint32_t lanesAbove(FloatVector a, FloatVector b) {
#if defined(__AVX512F__)
  return _mm512_cmp_ps_mask(reinterpret_cast<__m512>(a), reinterpret_cast<__m512>(b), _CMP_GT_OQ);
#elif defined(__AVX__)
  return static_cast<uint32_t>(_mm256_movemask_ps(_mm256_cmp_ps(reinterpret_cast<__m256>(a), reinterpret_cast<__m256>(b), _CMP_GT_OQ)));
#elif defined(__SSE2__)
  return static_cast<uint32_t>(_mm_movemask_ps(_mm_cmpgt_ps(reinterpret_cast<__m128>(a), reinterpret_cast<__m128>(b))));
#elif defined(__ARM_NEON)
  const uint32x4_t bits = {1, 2, 4, 8};
  return vaddvq_u32(vandq_u32(vcgtq_f32(reinterpret_cast<float32x4_t>(a), reinterpret_cast<float32x4_t>(b)), bits));
#else
  uint32_t lanes = 0;
  for (size_t lane = 0; lane < kLanes<float>; lane++) lanes |= static_cast<uint32_t>(a[lane] > b[lane]) << lane;
  return lanes;
#endif
}

constexpr size_t min(size_t a, size_t b) { return a < b ? a : b; }
constexpr size_t max(size_t a, size_t b) { return a < b ? b : a; }
constexpr size_t ceilDivide(size_t a, size_t b) { return (a + b - 1) / b; }
constexpr size_t roundUp(size_t a, size_t b) { return ceilDivide(a, b) * b; }

}  // namespace
