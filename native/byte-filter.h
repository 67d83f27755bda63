// Queries and items in 8 bits, as a filter before tiles of exact scores: h = step c + r with |r| <= error, w = t u + e. So
//   w.h = t step u.c + e.(step c) + w.r <= t step u.c + |e| |step c| + |w| error.
// Four products of a pair are one instruction where a processor has VNNI. An item that no query of a vector can list is not scored, and
// the lists stay the exact ones. item-codes.h is the same for few queries, whose items somebody keeps in 8 bits.
#pragma once
#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <utility>
#include <vector>

#include "buffer.h"
#include "kernel-table.h"
#include "parallel.h"
#include "tile.h"

#if defined(__AVX512VNNI__)

namespace {

constexpr float kByteLimit = 127;
/// A margin for the rounding of the lengths themselves.
constexpr float kLengthMargin = 1.001f;
/// With largest numbers below this the bound runs out of digits, and nothing is said.
constexpr float kLeastNumber = 1e-15f;
constexpr float kInfinite = std::numeric_limits<float>::infinity();
constexpr size_t kLongestItems = 128;
constexpr size_t kQuad = 4;  // products an instruction
constexpr size_t kCodedItems = 512;  // a task
/// u.c stays below 2^31.
constexpr size_t kMostFiltered = 1 << 15;

/// A vector in 8 bits: the step of its code, the length of what is coded, of what is left, and of the whole.
struct ByteCode {
  float step, coded, error, length;
};

/// Numbers that are not finite make lengths that are not, and the bound is no number.
inline ByteCode encodeBytes(const float* values, size_t length, int8_t* code) {
  const auto each = [=](auto&& visit) {
    for (size_t p = 0; p < length; p += kLanes<float>) {
      const __mmask16 mask = static_cast<__mmask16>(length - p >= kLanes<float> ? 0xffff : (1u << (length - p)) - 1);
      visit(p, mask, _mm512_maskz_loadu_ps(mask, values + p));
    }
  };
  __m512 most = _mm512_setzero_ps();
  each([&](size_t, __mmask16, __m512 x) { most = _mm512_max_ps(_mm512_abs_ps(x), most); });
  float largest = 0;
  for (size_t lane = 0; lane < kLanes<float>; lane++) largest = std::max(largest, reinterpret_cast<FloatVector>(most)[lane]);
  const float step = largest / kByteLimit, inverse = step > 0 ? 1 / step : 0;
  __m512 coded = _mm512_setzero_ps(), lost = coded, square = coded;
  each([&](size_t p, __mmask16 mask, __m512 x) {
    // Within bounds whatever JavaScript does to the vector meanwhile.
    const __m512 near = _mm512_roundscale_ps(_mm512_mul_ps(x, _mm512_set1_ps(inverse)), _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
    const __m512 word = _mm512_max_ps(_mm512_min_ps(near, _mm512_set1_ps(kByteLimit)), _mm512_set1_ps(-kByteLimit));
    _mm512_mask_cvtepi32_storeu_epi8(code + p, mask, _mm512_cvtps_epi32(word));
    const __m512 rest = _mm512_fnmadd_ps(_mm512_set1_ps(step), word, x);
    coded = _mm512_fmadd_ps(word, word, coded);
    lost = _mm512_fmadd_ps(rest, rest, lost);
    square = _mm512_fmadd_ps(x, x, square);
  });
  const auto root = [](__m512 sums) {
    float sum = 0;
    for (size_t lane = 0; lane < kLanes<float>; lane++) sum += reinterpret_cast<FloatVector>(sums)[lane];
    return kLengthMargin * std::sqrt(sum);
  };
  const bool isSmall = largest > 0 && !(largest >= kLeastNumber);
  return ByteCode{step, step * root(coded), isSmall ? std::numeric_limits<float>::quiet_NaN() : root(lost), root(square)};
}

/// Items, row by row, whole quads each.
class ByteItems {
 public:
  ByteItems(ThreadPool& pool, const float* items, size_t count, size_t dimension, size_t length)
      : stride_(roundUp(length, kQuad)), codes_(count * stride_), items_(count), longest_(min(count, kLongestItems)) {
    // Of an exact score in float32, however it is summed, and of the bound itself.
    const float rounding = static_cast<float>(length + 32) * std::numeric_limits<float>::epsilon();
    parallel(pool, ceilDivide(count, kCodedItems), [&](size_t task, unsigned) {
      for (size_t i = task * kCodedItems; i < min(count, (task + 1) * kCodedItems); i++) {
        int8_t* code = codes_.data() + i * stride_;
        const ByteCode found = encodeBytes(items + i * dimension, length, code);
        std::memset(code + length, 0, stride_ - length);
        int32_t sum = 0;
        for (size_t p = 0; p < length; p++) sum += code[p];
        items_[i] = Item{found.step, found.coded, found.error + rounding * found.length, -128 * sum};
      }
    });
    std::vector<std::pair<float, uint32_t>> order(count);
    for (size_t i = 0; i < count; i++) order[i] = {items_[i].coded < kInfinite ? -items_[i].coded : 0, static_cast<uint32_t>(i)};
    std::nth_element(order.begin(), order.begin() + static_cast<ptrdiff_t>(longest_.size()), order.end());
    for (size_t i = 0; i < longest_.size(); i++) longest_[i] = order[i].second;
    std::sort(longest_.begin(), longest_.end());
  }

  struct Item {
    float step, coded, error;
    int32_t start;  // what the queries' offset of 128 adds to u.c, taken away
  };

  size_t stride() const { return stride_; }
  const int8_t* codes(size_t item) const { return codes_.data() + item * stride_; }
  const Item& operator[](size_t item) const { return items_.data()[item]; }
  /// The longest, ascending: with the scores of a few of these a query knows what most others do not reach.
  const std::vector<uint32_t>& longest() const { return longest_; }

 private:
  size_t stride_;
  Buffer<int8_t> codes_;
  Buffer<Item> items_;
  std::vector<uint32_t> longest_;
};

/// Queries in panels, four numbers of every query side by side, 128 added to each.
class ByteQueries {
 public:
  ByteQueries(const float* queries, size_t count, size_t dimension, size_t length)
      : quads_(ceilDivide(length, kQuad)), panels_(ceilDivide(count, kPanel<float>)), codes_(panels_ * panelBytes()),
        steps_(panels_ * kPanel<float>), errors_(panels_ * kPanel<float>), lengths_(panels_ * kPanel<float>) {
    std::memset(codes_.data(), 128, panels_ * panelBytes());
    Buffer<int8_t> code(length);
    for (size_t i = 0; i < panels_ * kPanel<float>; i++) {
      const ByteCode found = i < count ? encodeBytes(queries + i * dimension, length, code.data()) : ByteCode{};
      steps_[i] = found.step;
      errors_[i] = found.error;
      lengths_[i] = found.length;
      if (i >= count) continue;
      uint8_t* const panel = codes_.data() + i / kPanel<float> * panelBytes() + i % kPanel<float> * kQuad;
      for (size_t p = 0; p < length; p++) panel[p / kQuad * kPanel<float> * kQuad + p % kQuad] = static_cast<uint8_t>(code[p] + 128);
    }
  }

  /// u.c of `count` items, for one panel: kPanel of them an item.
  void products(const ByteItems& items, size_t first, size_t count, size_t panel, int32_t* to) const {
    const uint8_t* queries = codes_.data() + panel * panelBytes();
    size_t r = 0;
    for (; r + kTileRows <= count; r += kTileRows) dotRows<kTileRows>(items, first + r, queries, to + r * kPanel<float>);
    for (; r + 4 <= count; r += 4) dotRows<4>(items, first + r, queries, to + r * kPanel<float>);
    for (; r < count; r++) dotRows<1>(items, first + r, queries, to + r * kPanel<float>);
  }

  /// What turns u.c into a bound, for the half of a panel that begins at `first`.
  struct Half {
    FloatVector step, error, length;

    /// At least the exact scores of an item, or not numbers.
    FloatVector bounds(const ByteItems::Item& item, const int32_t* products) const {
      const FloatVector product = reinterpret_cast<FloatVector>(_mm512_cvtepi32_ps(_mm512_loadu_si512(products)));
      return item.step * step * product + (item.coded * error + item.error * length);
    }
  };
  Half half(size_t first) const { return Half{load(steps_.data() + first), load(errors_.data() + first), load(lengths_.data() + first)}; }

 private:
  size_t panelBytes() const { return quads_ * kQuad * kPanel<float>; }

  /// Through memory: bounds that are made where the sums are keep those out of registers.
  template <size_t Rows>
  __attribute__((noinline)) void dotRows(const ByteItems& items, size_t first, const uint8_t* queries, int32_t* to) const {
    __m512i sums[Rows][2];
#pragma GCC unroll 16
    for (size_t r = 0; r < Rows; r++) sums[r][0] = sums[r][1] = _mm512_set1_epi32(items[first + r].start);
    const int8_t* codes = items.codes(first);
    const size_t stride = items.stride();
    for (size_t p = 0; p < quads_; p++) {
      const __m512i q0 = _mm512_loadu_si512(queries), q1 = _mm512_loadu_si512(queries + 64);
#pragma GCC unroll 16
      for (size_t r = 0; r < Rows; r++) {
        int32_t quad;
        std::memcpy(&quad, codes + r * stride, sizeof(quad));
        const __m512i item = _mm512_set1_epi32(quad);
        sums[r][0] = _mm512_dpbusd_epi32(sums[r][0], q0, item);
        sums[r][1] = _mm512_dpbusd_epi32(sums[r][1], q1, item);
      }
      codes += kQuad;
      queries += kPanel<float> * kQuad;
    }
#pragma GCC unroll 16
    for (size_t r = 0; r < Rows; r++) {
      _mm512_storeu_si512(to + r * kPanel<float>, sums[r][0]);
      _mm512_storeu_si512(to + r * kPanel<float> + kLanes<float>, sums[r][1]);
    }
  }

  size_t quads_, panels_;
  Buffer<uint8_t> codes_;
  Buffer<float> steps_, errors_, lengths_;
};

/// One bit for each lane whose bound does not rule the item out: not at or below the threshold, or not a number.
inline uint32_t lanesOpen(FloatVector bound, FloatVector threshold) {
  return _mm512_cmp_ps_mask(reinterpret_cast<__m512>(bound), reinterpret_cast<__m512>(threshold), _CMP_NLE_UQ);
}

}  // namespace

#endif
