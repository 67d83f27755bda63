// Item vectors in 8 bits, as a filter before exact scores: h = step c + r with |r| <= error. A query is w = t u + e with u in 16 bits.
// By Cauchy-Schwarz, w.h <= step (t u.c + |e| |c|) + |w| error. An item whose bound does not pass the k-th best score so far is left
// out unread. So a search reads a quarter of the memory, and its lists stay the exact ones.
#pragma once
#include <cmath>
#include <limits>

#include "buffer.h"
#include "kernel-table.h"
#include "simd.h"

namespace {

constexpr double kCodeLimit = 128;
constexpr double kWordLimit = 32767;
/// Below this float32 runs out of digits, and nothing is said.
constexpr double kSmallest = 1e-30;

/// u.c in whole numbers.
inline int32_t dotWords(const int8_t* code, const int16_t* word, size_t length) {
  int32_t sum = 0;
  for (size_t p = 0; p < length; p++) sum += static_cast<int16_t>(code[p]) * word[p];
  return sum;
}

/// Queries in 16 bits, and what turns u.c into a bound.
class CodedQueries {
 public:
  CodedQueries(const TopKRequest& q, size_t first, size_t count)
      : dimension_(q.dimension), words_(count * q.dimension), queries_(count) {
    for (size_t i = 0; i < count; i++) encode(q.queries + (first + i) * q.dimension, i);
  }

  /// At least the exact score in float32, however that is summed; not a number where nothing can be said.
  float bound(size_t i, const int8_t* code, float step, float error) const {
    const Query& query = queries_.data()[i];
    const float product = static_cast<float>(dotWords(code, words_.data() + i * dimension_, dimension_));
    return step * (query.unit * product + query.spill) + query.length * error;
  }

 private:
  struct Query {
    float unit, spill, length;
  };

  void encode(const float* w, size_t i) {
    double largest = 0, square = 0, lost = 0;
    for (size_t p = 0; p < dimension_; p++) {
      largest = std::fmax(largest, std::fabs(w[p]));
      square += static_cast<double>(w[p]) * w[p];
    }
    const double depth = static_cast<double>(max(1, dimension_));
    // u.c stays below 2^31.
    const double limit = std::fmin(kWordLimit, std::floor(INT32_MAX / (kCodeLimit * depth)));
    const double unit = largest / limit;
    for (size_t p = 0; p < dimension_; p++) {
      // Within bounds whatever JavaScript does to the query meanwhile.
      const double word = unit > 0 ? std::fmax(-limit, std::fmin(limit, std::nearbyint(w[p] / unit))) : 0;
      words_.data()[i * dimension_ + p] = static_cast<int16_t>(word);
      lost += (w[p] - unit * word) * (w[p] - unit * word);
    }
    // Rounding of an exact score and of the bound itself: |c| is at most 128 sqrt(d), and |h| at most step |c| + error.
    const double length = std::sqrt(square), longest = kCodeLimit * std::sqrt(depth);
    const double rounding = (depth + 16) * std::numeric_limits<float>::epsilon();
    Query& query = queries_.data()[i];
    query.unit = static_cast<float>(unit);
    query.spill = static_cast<float>((1.001 * std::sqrt(lost) + rounding * length) * longest);
    const bool isSmall = largest > 0 && largest < kSmallest;
    query.length = isSmall ? std::numeric_limits<float>::quiet_NaN() : static_cast<float>((1.001 + rounding) * length);
  }

  size_t dimension_;
  Buffer<int16_t> words_;
  Buffer<Query> queries_;
};

}  // namespace
