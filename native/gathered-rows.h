// The rows z_u of one system's interactions and the two products that conjugate gradients need with them:
// out += Z'(c (1 - Z y)) and out += Z' c Z p. Rows are fetched from the whole of memory, so they are converted into a buffer
// once while they fit in the second-level cache, and prefetched two panels ahead. They are used in panels of eight: eight
// dots with one shared reduction, then one pass that adds all eight to the result.
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
    if (count <= capacity_) gather(0);
  }

  /// out += sum_u c_u (1 - z_u y) z_u
  void addResidual(const float* y, float* out) { add<true>(y, out); }

  /// out += sum_u c_u (z_u p) z_u
  void addProduct(const float* p, float* out) { add<false>(p, out); }

 private:
  template <bool Residual>
  void add(const float* x, float* out) {
    for (size_t first = 0; first < count_; first += capacity_) {
      if (count_ > capacity_) gather(first);
      // The usual ranks have loops of known length: measured 1.3 times faster at rank 64.
      switch (width_ / kLanes<float>) {
        case 2: addPanels<Residual, 2>(x, out); break;
        case 4: addPanels<Residual, 4>(x, out); break;
        case 8: addPanels<Residual, 8>(x, out); break;
        case 16: addPanels<Residual, 16>(x, out); break;
        default: addPanels<Residual, 0>(x, out);
      }
    }
  }

  /// `Vectors` is the width in vectors, 0 when it is known at run time only.
  template <bool Residual, size_t Vectors>
  __attribute__((noinline)) void addPanels(const float* x, float* out) const {
    const size_t vectors = Vectors == 0 ? width_ / kLanes<float> : Vectors, width = vectors * kLanes<float>;
    for (size_t r = 0; r < gathered_; r += kPanelRows) {
      const float* rows = rows_.data() + r * width;
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

  /// Fills the buffer from interaction `first` on; the last panel is completed by rows of weight 0.
  void gather(size_t first) {
    const size_t count = min(capacity_, count_ - first);
    gathered_ = roundUp(count, kPanelRows);
    for (size_t r = 0; r < count; r++) {
      if (first + r + kPrefetchRows < ahead_) prefetch(z_ + indices_[first + r + kPrefetchRows] * width_);
      assert(indices_[first + r] < tableRows_);
      const Stored* from = z_ + indices_[first + r] * width_;
      float* to = rows_.data() + r * width_;
      for (size_t d = 0; d < width_; d += kLanes<float>) store(to + d, loadStored(from + d));
      weights_[r] = confidence_[first + r];
    }
    for (size_t r = count; r < gathered_; r++) {
      for (size_t d = 0; d < width_; d += kLanes<float>) store(rows_.data() + r * width_ + d, FloatVector{});
      weights_[r] = 0;
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
  size_t gathered_ = 0;
};

}  // namespace
