// The rows z_u of one system's interactions and the products that conjugate gradients need with them:
// out += Z'(c (1 - Z y)), out += Z' c Z p, and p'Z' c Z p, which alone costs half. A row is read where it lies, in half precision:
// after the first product it waits in the caches, in half the room that it would take converted, and nothing is written (with a
// buffer of converted rows an epoch of M/64 took 1.25 times as long at best). Rows go in panels of four: four dots that share one reduction,
// then the panel's sum, from registers where four rows fit into half of them, else converted once more.
#pragma once
#include <cassert>

#include "buffer.h"
#include "half.h"

namespace {

constexpr size_t kPanelRows = 4;
constexpr size_t kPrefetchRows = 24;
constexpr size_t kCachedBytes = 512 << 10;  // of rows that are still in the second-level cache for the next product
constexpr size_t kVectorRegisters = kVectorBytes == 64 ? 32 : 16;

typedef float Four __attribute__((vector_size(16), aligned(4), may_alias));

/// The sums over the lanes of four vectors.
inline Four reduceFour(const FloatVector* sums) {
#if defined(__AVX__)
  __m256 half[kPanelRows];
#pragma GCC unroll 4
  for (size_t r = 0; r < kPanelRows; r++) {
#if defined(__AVX512F__)
    const __m512 wide = reinterpret_cast<__m512>(sums[r]);
    half[r] = _mm256_add_ps(_mm512_castps512_ps256(wide), _mm512_extractf32x8_ps(wide, 1));
#else
    half[r] = reinterpret_cast<__m256>(sums[r]);
#endif
  }
  const __m256 both = _mm256_hadd_ps(_mm256_hadd_ps(half[0], half[1]), _mm256_hadd_ps(half[2], half[3]));
  return reinterpret_cast<Four>(_mm_add_ps(_mm256_castps256_ps128(both), _mm256_extractf128_ps(both, 1)));
#else
  Four totals = {};
  for (size_t r = 0; r < kPanelRows; r++) {
    for (size_t lane = 0; lane < kLanes<float>; lane++) totals[r] += sums[r][lane];
  }
  return totals;
#endif
}

/// out += parts of a row, kept in registers where they fit into a quarter of them. `Vectors` is the width in vectors, 0 when
/// it is known at run time only.
template <size_t Vectors>
class RowSum {
 public:
  __attribute__((always_inline)) explicit RowSum(float* out) : out_(out) {
    if constexpr (kLocal) {
      for (size_t v = 0; v < Vectors; v++) parts_[v] = load(out + v * kLanes<float>);
    }
  }
  __attribute__((always_inline)) FloatVector get(size_t v) const {
    if constexpr (kLocal) return parts_[v];
    return load(out_ + v * kLanes<float>);
  }
  __attribute__((always_inline)) void set(size_t v, FloatVector part) {
    if constexpr (kLocal) parts_[v] = part;
    else store(out_ + v * kLanes<float>, part);
  }
  __attribute__((always_inline)) void finish() const {
    if constexpr (kLocal) {
      for (size_t v = 0; v < Vectors; v++) store(out_ + v * kLanes<float>, parts_[v]);
    }
  }

 private:
  static constexpr bool kLocal = Vectors > 0 && Vectors <= kVectorRegisters / 4;
  float* out_;
  FloatVector parts_[kLocal ? Vectors : 1];
};

class GatheredRows {
 public:
  /// `width` is the distance of rows in z, whole vectors; `tableRows` how many there are.
  GatheredRows(size_t width, size_t tableRows) : width_(width), tableRows_(tableRows) {}

  /// `ahead` is how many indices there are from here on, this row's and later ones': prefetching runs into the next row.
  void open(const Stored* z, const uint32_t* indices, const float* confidence, size_t count, size_t ahead) {
    z_ = z;
    indices_ = indices;
    confidence_ = confidence;
    count_ = count;
    ahead_ = ahead;
  }

  /// out += sum_u c_u (1 - z_u y) z_u; the first product after `open`.
  void addResidual(const float* y, float* out) const { visit<Product::residual>(y, out); }

  /// out += sum_u c_u (z_u p) z_u; returns sum_u c_u (z_u p)^2.
  float addImage(const float* p, float* out) const { return visit<Product::image>(p, out); }

  /// sum_u c_u (z_u p)^2 alone.
  float energy(const float* p) const { return visit<Product::energy>(p, nullptr); }

 private:
  enum class Product { residual, image, energy };

  /// The usual ranks have loops of known length.
  template <Product P>
  float visit(const float* x, float* out) const {
    switch (width_ / kLanes<float>) {
      case 2: return visitRows<P, 2>(x, out);
      case 4: return visitRows<P, 4>(x, out);
      case 8: return visitRows<P, 8>(x, out);
      case 16: return visitRows<P, 16>(x, out);
      default: return visitRows<P, 0>(x, out);
    }
  }

  template <Product P, size_t Vectors>
  __attribute__((noinline)) float visitRows(const float* x, float* out) const {
    const bool fetches = P == Product::residual || count_ * width_ * sizeof(Stored) > kCachedBytes;
    RowSum<P == Product::energy ? 0 : Vectors> sum(out);
    Four energy = {};
    for (size_t r = 0; r < count_; r += kPanelRows) {
      if (fetches) prefetchPanel<Vectors>(r);
      const size_t live = min(kPanelRows, count_ - r);
      Four c = {};
      if (live == kPanelRows) c = *reinterpret_cast<const Four*>(confidence_ + r);
      else for (size_t s = 0; s < live; s++) c[s] = confidence_[r + s];
      energy += visitPanel<P, Vectors>(r, live, c, x, sum);
    }
    sum.finish();
    return energy[0] + energy[1] + energy[2] + energy[3];
  }

  /// Four rows from interaction r on, of which `live` there are: the last stands in for the others, at weight 0.
  template <Product P, size_t Vectors, class Sum>
  __attribute__((always_inline)) Four visitPanel(size_t r, size_t live, Four c, const float* x, Sum& sum) const {
    constexpr bool kKeeps = Vectors > 0 && Vectors * kPanelRows <= kVectorRegisters / 2;
    const size_t vectors = Vectors == 0 ? width_ / kLanes<float> : Vectors;
    const Stored* rows[kPanelRows];
    FloatVector kept[kPanelRows][kKeeps ? Vectors : 1], sums[kPanelRows] = {};
#pragma GCC unroll 4
    for (size_t s = 0; s < kPanelRows; s++) {
      const uint32_t index = indices_[r + min(s, live - 1)];
      assert(index < tableRows_);
      rows[s] = z_ + index * vectors * kLanes<float>;
    }
#pragma GCC unroll 16
    for (size_t v = 0; v < vectors; v++) {
      const FloatVector part = load(x + v * kLanes<float>);
#pragma GCC unroll 4
      for (size_t s = 0; s < kPanelRows; s++) {
        const FloatVector value = loadStored(rows[s] + v * kLanes<float>);
        if constexpr (kKeeps) kept[s][v] = value;
        sums[s] += value * part;
      }
    }
    const Four dots = reduceFour(sums), weighted = c * dots;
    if constexpr (P == Product::energy) return weighted * dots;
    float factors[kPanelRows];
    *reinterpret_cast<Four*>(factors) = P == Product::residual ? c - weighted : weighted;
    // Read back from memory, a broadcast is a load; from the register they come in GCC makes it two shuffles.
    asm("" : "+m"(*reinterpret_cast<float(*)[kPanelRows]>(factors)));
#pragma GCC unroll 16
    for (size_t v = 0; v < vectors; v++) {
      FloatVector total = sum.get(v);
#pragma GCC unroll 4
      for (size_t s = 0; s < kPanelRows; s++) {
        if constexpr (kKeeps) total += factors[s] * kept[s][v];
        else total += factors[s] * loadStored(rows[s] + v * kLanes<float>);
      }
      sum.set(v, total);
    }
    return weighted * dots;
  }

  template <size_t Vectors>
  __attribute__((always_inline)) void prefetchPanel(size_t r) const {
    const size_t width = Vectors == 0 ? width_ : Vectors * kLanes<float>;
    if (r + kPrefetchRows + kPanelRows > ahead_) return;
#pragma GCC unroll 4
    for (size_t s = 0; s < kPanelRows; s++) {
      const Stored* row = z_ + indices_[r + kPrefetchRows + s] * width;
#pragma GCC unroll 16
      for (size_t d = 0; d < width; d += 64 / sizeof(Stored)) __builtin_prefetch(row + d);
    }
  }

  size_t width_;
  [[maybe_unused]] size_t tableRows_;
  const Stored* z_ = nullptr;
  const uint32_t* indices_ = nullptr;
  const float* confidence_ = nullptr;
  size_t count_ = 0;
  size_t ahead_ = 0;
};

}  // namespace
