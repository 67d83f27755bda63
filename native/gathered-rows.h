// The rows z_u of one system's interactions and the two products that conjugate gradients need with them:
// out += Z'(c (1 - Z y)) and out += Z' c Z p. Rows are fetched from the whole of memory, so the first product converts them
// into a buffer, where they stay while they fit in the second-level cache. They are used in panels of eight: eight dots with
// one shared reduction, then one pass that adds all eight to the result. A panel is gathered right before its use and
// prefetched two panels earlier, so that memory works while the processor computes (gathering all rows first: a fifth slower).
#pragma once
#include <cassert>

#include "buffer.h"
#include "half.h"

namespace {

constexpr size_t kPanelRows = 8;
constexpr size_t kGatherBytes = 512 << 10;
constexpr size_t kPrefetchRows = 2 * kPanelRows;

/// The sums over the lanes of eight vectors.
inline void reduceEight(const FloatVector* sums, float* totals) {
#if defined(__AVX__)
  __m256 half[8];
#pragma GCC unroll 8
  for (size_t r = 0; r < 8; r++) {
#if defined(__AVX512F__)
    const __m512 wide = reinterpret_cast<__m512>(sums[r]);
    half[r] = _mm256_add_ps(_mm512_castps512_ps256(wide), _mm512_extractf32x8_ps(wide, 1));
#else
    half[r] = reinterpret_cast<__m256>(sums[r]);
#endif
  }
  const __m256 low = _mm256_hadd_ps(_mm256_hadd_ps(half[0], half[1]), _mm256_hadd_ps(half[2], half[3]));
  const __m256 high = _mm256_hadd_ps(_mm256_hadd_ps(half[4], half[5]), _mm256_hadd_ps(half[6], half[7]));
  _mm256_storeu_ps(totals, _mm256_add_ps(_mm256_permute2f128_ps(low, high, 0x20), _mm256_permute2f128_ps(low, high, 0x31)));
#else
  for (size_t r = 0; r < 8; r++) {
    totals[r] = 0;
    for (size_t lane = 0; lane < kLanes<float>; lane++) totals[r] += sums[r][lane];
  }
#endif
}

class GatheredRows {
 public:
  /// `width` is the distance of rows in z, whole vectors; `tableRows` how many there are.
  GatheredRows(size_t width, size_t tableRows)
      : width_(width),
        tableRows_(tableRows),
        capacity_(max(kPanelRows, kGatherBytes / (width * sizeof(float)) / kPanelRows * kPanelRows)),
        rows_(capacity_ * width),
        weights_(capacity_) {}

  /// `ahead` is how many indices there are from here on, this row's and later ones': prefetching runs into the next row.
  void open(const Stored* z, const uint32_t* indices, const float* confidence, size_t count, size_t ahead) {
    z_ = z;
    indices_ = indices;
    confidence_ = confidence;
    count_ = count;
    ahead_ = ahead;
  }

  /// out += sum_u c_u (1 - z_u y) z_u; the first product after `open`.
  void addResidual(const float* y, float* out) { add<true>(y, out); }

  /// out += sum_u c_u (z_u p) z_u
  void addProduct(const float* p, float* out) { add<false>(p, out); }

 private:
  template <bool Residual>
  void add(const float* x, float* out) {
    for (size_t first = 0; first < count_; first += capacity_) {
      const bool fresh = Residual || count_ > capacity_;
      // The usual ranks have loops of known length: measured 1.3 times faster at rank 64.
      switch (width_ / kLanes<float>) {
        case 2: addPanels<Residual, 2>(first, fresh, x, out); break;
        case 4: addPanels<Residual, 4>(first, fresh, x, out); break;
        case 8: addPanels<Residual, 8>(first, fresh, x, out); break;
        case 16: addPanels<Residual, 16>(first, fresh, x, out); break;
        default: addPanels<Residual, 0>(first, fresh, x, out);
      }
    }
  }

  /// The rows from interaction `first` on, as many as the buffer holds; `fresh` ones are gathered into it.
  /// `Vectors` is the width in vectors, 0 when it is known at run time only.
  template <bool Residual, size_t Vectors>
  __attribute__((noinline)) void addPanels(size_t first, bool fresh, const float* x, float* out) {
    const size_t vectors = Vectors == 0 ? width_ / kLanes<float> : Vectors, width = vectors * kLanes<float>;
    const size_t last = min(capacity_, count_ - first);
    for (size_t r = 0; r < last; r += kPanelRows) {
      const float* rows = rows_.data() + r * width;
      if (fresh) gatherPanel<Vectors>(first, r, min(kPanelRows, last - r));
      FloatVector sums[kPanelRows] = {};
#pragma GCC unroll 16
      for (size_t v = 0; v < vectors; v++) {
        const FloatVector part = load(x + v * kLanes<float>);
#pragma GCC unroll 8
        for (size_t s = 0; s < kPanelRows; s++) sums[s] += load(rows + s * width + v * kLanes<float>) * part;
      }
      float factors[kPanelRows];
      reduceEight(sums, factors);
      weigh<Residual>(weights_.data() + r, factors);
      // Read back from memory, a broadcast is a load; from the register they come in GCC makes it two shuffles.
      asm("" : "+m"(*reinterpret_cast<float(*)[kPanelRows]>(factors)));
#pragma GCC unroll 16
      for (size_t v = 0; v < vectors; v++) {
        FloatVector even = load(out + v * kLanes<float>), odd = {};
#pragma GCC unroll 4
        for (size_t s = 0; s < kPanelRows; s += 2) {
          even += factors[s] * load(rows + s * width + v * kLanes<float>);
          odd += factors[s + 1] * load(rows + (s + 1) * width + v * kLanes<float>);
        }
        store(out + v * kLanes<float>, even + odd);
      }
    }
  }

  /// The factors of the eight rows from their dots: c (1 - z y) or c z p.
  template <bool Residual>
  static void weigh(const float* weights, float* dots) {
    typedef float Eight __attribute__((vector_size(32), aligned(4), may_alias));
    const Eight c = *reinterpret_cast<const Eight*>(weights), fit = *reinterpret_cast<const Eight*>(dots);
    *reinterpret_cast<Eight*>(dots) = Residual ? c - c * fit : c * fit;
  }

  /// Buffer rows `r` to r + 8 from the interactions from first + r on; those beyond `count` are zeros of weight 0.
  template <size_t Vectors>
  void gatherPanel(size_t first, size_t r, size_t count) {
    const size_t vectors = Vectors == 0 ? width_ / kLanes<float> : Vectors, width = vectors * kLanes<float>;
    const uint32_t* indices = indices_ + first + r;
    const size_t known = min(kPrefetchRows + kPanelRows, ahead_ - first - r);
    for (size_t s = kPrefetchRows; s < known; s++) prefetch(z_ + indices[s] * width);
    for (size_t s = 0; s < kPanelRows; s++) {
      float* to = rows_.data() + (r + s) * width;
      if (s >= count) {
        for (size_t v = 0; v < vectors; v++) store(to + v * kLanes<float>, FloatVector{});
        weights_[r + s] = 0;
        continue;
      }
      assert(indices[s] < tableRows_);
      const Stored* from = z_ + indices[s] * width;
#pragma GCC unroll 16
      for (size_t v = 0; v < vectors; v++) store(to + v * kLanes<float>, loadStored(from + v * kLanes<float>));
      weights_[r + s] = confidence_[first + r + s];
    }
  }

  void prefetch(const Stored* row) const {
    for (size_t d = 0; d < width_; d += 64 / sizeof(Stored)) __builtin_prefetch(row + d);
  }

  size_t width_;
  [[maybe_unused]] size_t tableRows_;
  size_t capacity_;
  Buffer<float> rows_;
  Buffer<float> weights_;
  const Stored* z_ = nullptr;
  const uint32_t* indices_ = nullptr;
  const float* confidence_ = nullptr;
  size_t count_ = 0;
  size_t ahead_ = 0;
};

}  // namespace
