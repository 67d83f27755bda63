// The rows z_u of one system's interactions and the products that conjugate gradients need with them:
// out += Z'(c (1 - Z y)), out += Z' c Z p, and p'Z' c Z p, which alone costs half. A row is read where it lies, 16 bits a number:
// after the first product it waits in the caches, in half the room that it would take converted, and nothing is written (with a
// buffer of converted rows an epoch of M/64 took 1.25 times as long at best). Dots are taken four rows at a time, with one
// reduction for the four; then a chunk of rows is summed, some columns of all of them before the next, so that the sum stays in
// registers (read and written for every four rows, it made an epoch of M/256 a twentieth longer).
#pragma once
#include <cassert>

#include "bfloat16.h"
#include "buffer.h"

namespace {

constexpr size_t kPanelRows = 4;
constexpr size_t kChunkRows = 64;
// Pairs of vectors that are summed at a time: as many chains of additions as the latency of one takes to fill.
constexpr size_t kColumnPairs = kVectorBytes == 64 ? 2 : 4;
constexpr size_t kPrefetchRows = 40;
constexpr size_t kCachedBytes = 512 << 10;  // of rows that are still in the second-level cache for the next product

typedef float Four __attribute__((vector_size(16), aligned(4), may_alias));

/// The sums over the lanes of four vectors: within quarters first, where sums of four vectors take the place of four of one
/// (horizontal additions of halves took an epoch of S/64 or M/64 4 or 5 % longer).
__attribute__((always_inline)) inline Four reduceFour(const FloatVector* sums) {
#if defined(__AVX512F__)
  const auto at = [&](size_t r) { return reinterpret_cast<__m512>(sums[r]); };
  const __m512 front = _mm512_add_ps(_mm512_unpacklo_ps(at(0), at(1)), _mm512_unpackhi_ps(at(0), at(1)));
  const __m512 back = _mm512_add_ps(_mm512_unpacklo_ps(at(2), at(3)), _mm512_unpackhi_ps(at(2), at(3)));
  const __m512 all = _mm512_add_ps(_mm512_shuffle_ps(front, back, 0x44), _mm512_shuffle_ps(front, back, 0xee));
  const __m256 half = _mm256_add_ps(_mm512_castps512_ps256(all), _mm512_extractf32x8_ps(all, 1));
#elif defined(__AVX__)
  const auto at = [&](size_t r) { return reinterpret_cast<__m256>(sums[r]); };
  const __m256 front = _mm256_add_ps(_mm256_unpacklo_ps(at(0), at(1)), _mm256_unpackhi_ps(at(0), at(1)));
  const __m256 back = _mm256_add_ps(_mm256_unpacklo_ps(at(2), at(3)), _mm256_unpackhi_ps(at(2), at(3)));
  const __m256 half = _mm256_add_ps(_mm256_shuffle_ps(front, back, 0x44), _mm256_shuffle_ps(front, back, 0xee));
#endif
#if defined(__AVX__)
  return reinterpret_cast<Four>(_mm_add_ps(_mm256_castps256_ps128(half), _mm256_extractf128_ps(half, 1)));
#else
  Four totals = {};
  for (size_t r = 0; r < kPanelRows; r++) {
    for (size_t lane = 0; lane < kLanes<float>; lane++) totals[r] += sums[r][lane];
  }
  return totals;
#endif
}

class GatheredRows {
 public:
  /// `width` is the distance of rows in z, whole pairs of vectors; `tableRows` how many there are.
  GatheredRows(size_t width, size_t tableRows) : width_(width), tableRows_(tableRows) {}

  /// `indices` are the thread's own copy, looked over, so that nobody changes them into addresses elsewhere; `ahead` is how many
  /// there are from here on, this row's and later ones': prefetching runs into the next row.
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
    switch (width_ / kPanel<float>) {
      case 1: return visitRows<P, 1>(x, out);
      case 2: return visitRows<P, 2>(x, out);
      case 4: return visitRows<P, 4>(x, out);
      case 8: return visitRows<P, 8>(x, out);
      default: return visitRows<P, 0>(x, out);
    }
  }

  /// `Pairs` is the width in pairs of vectors, 0 when it is known at run time only.
  template <Product P, size_t Pairs>
  float visitRows(const float* x, float* out) const {
    const bool fetches = P == Product::residual || count_ * width_ * sizeof(Stored) > kCachedBytes;
    float factors[kChunkRows];
    Four energy = {};
    for (size_t first = 0; first < count_; first += kChunkRows) {
      const size_t count = min(kChunkRows, count_ - first);
      for (size_t r = 0; r < count; r += kPanelRows) {
        const size_t at = first + r, live = min(kPanelRows, count - r);
        const bool isAhead = fetches && at + kPrefetchRows + kPanelRows <= ahead_;
        const Four dots = isAhead ? dotsOf<Pairs, true>(at, live, x) : dotsOf<Pairs, false>(at, live, x);
        Four c = {};
        if (live == kPanelRows) c = *reinterpret_cast<const Four*>(confidence_ + at);
        else for (size_t s = 0; s < live; s++) c[s] = confidence_[at + s];
        const Four weighted = c * dots;
        energy += weighted * dots;
        if (P != Product::energy) *reinterpret_cast<Four*>(factors + r) = P == Product::residual ? c - weighted : weighted;
      }
      if (P != Product::energy) addChunk(first, count, factors, out);
    }
    return energy[0] + energy[1] + energy[2] + energy[3];
  }

  /// z_u x of four rows from interaction r on, of which `live` there are: the last stands in for the others. Lines of four rows
  /// further on are asked for in between, into the second-level cache: all at once, or into the first level, they hold up the
  /// loads (M/128: a tenth longer).
  template <size_t Pairs, bool Fetches>
  __attribute__((always_inline)) Four dotsOf(size_t r, size_t live, const float* x) const {
    const size_t width = Pairs == 0 ? width_ : Pairs * kPanel<float>;
    const Stored *rows[kPanelRows], *next[kPanelRows];
    FloatVector sums[kPanelRows] = {};
#pragma GCC unroll 4
    for (size_t s = 0; s < kPanelRows; s++) {
      rows[s] = rowAt(r + min(s, live - 1), width);
      // Of a later row, whose indices nobody has looked at yet: a place that is not there is not fetched.
      if (Fetches) next[s] = z_ + indices_[r + kPrefetchRows + s] * width;
    }
#pragma GCC unroll 16
    for (size_t column = 0; column < width; column += kPanel<float>) {
      const FloatVector part0 = load(x + column), part1 = load(x + column + kLanes<float>);
#pragma GCC unroll 4
      for (size_t s = 0; s < kPanelRows; s++) {
        const WordVector words = loadWords(rows[s] + column);
        if (Fetches && column % (64 / sizeof(Stored)) == 0) __builtin_prefetch(next[s] + column, 0, 2);
        sums[s] += firstOf(words) * part0;
        sums[s] += secondOf(words) * part1;
      }
    }
    return reduceFour(sums);
  }

  const Stored* rowAt(size_t r, size_t width) const {
    assert(indices_[r] < tableRows_);
    return z_ + indices_[r] * width;
  }

  /// out += the rows of a chunk, each times its factor.
  void addChunk(size_t first, size_t count, const float* factors, float* out) const {
    size_t column = 0;
    for (; column + kColumnPairs * kPanel<float> <= width_; column += kColumnPairs * kPanel<float>) {
      addColumns<kColumnPairs>(first, count, column, factors, out + column);
    }
    for (; column < width_; column += kPanel<float>) addColumns<1>(first, count, column, factors, out + column);
  }

  template <size_t Pairs>
  __attribute__((noinline)) void addColumns(size_t first, size_t count, size_t column, const float* factors, float* out) const {
    FloatVector sums[2 * Pairs];
#pragma GCC unroll 16
    for (size_t v = 0; v < 2 * Pairs; v++) sums[v] = load(out + v * kLanes<float>);
    for (size_t r = 0; r < count; r++) {
      const Stored* row = rowAt(first + r, width_) + column;
      const float factor = factors[r];
#pragma GCC unroll 4
      for (size_t v = 0; v < Pairs; v++) {
        const WordVector words = loadWords(row + v * kPanel<float>);
        sums[2 * v] += factor * firstOf(words);
        sums[2 * v + 1] += factor * secondOf(words);
      }
    }
#pragma GCC unroll 16
    for (size_t v = 0; v < 2 * Pairs; v++) store(out + v * kLanes<float>, sums[v]);
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
