// Sums over units that are drawn with replacement, resample after resample (Efron 1979). One thread walks through the random numbers
// (sfc32, Doty-Humphrey) and keeps the state where each resample begins. Then every task draws a few resamples, which lie side by side
// in vector lanes. A sum takes its units in ascending order and rounds every product, as TypeScript does.
#pragma once
#include <cstring>
#include <vector>

#include "buffer.h"
#include "kernel-table.h"
#include "parallel.h"
#include "simd.h"

namespace {

constexpr size_t kResamples = 8;  // of a task
constexpr size_t kResampleVectors = kResamples / kLanes<double>;

class Sfc32 {
 public:
  explicit Sfc32(uint32_t seed) {
    for (uint32_t* word : {&a_, &b_, &c_}) *word = splitMix(seed);
    for (size_t i = 0; i < 12; i++) next();
  }
  uint32_t next() {
    const uint32_t sum = a_ + b_ + counter_++;
    a_ = b_ ^ (b_ >> 9);
    b_ = c_ + (c_ << 3);
    c_ = ((c_ << 21) | (c_ >> 11)) + sum;
    return sum;
  }

 private:
  static uint32_t splitMix(uint32_t& state) {
    state += 0x9e3779b9;
    uint32_t z = state;
    z = (z ^ (z >> 16)) * 0x21f0aaad;
    z = (z ^ (z >> 15)) * 0x735a2d97;
    return z ^ (z >> 15);
  }

  uint32_t a_ = 0, b_ = 0, c_ = 0, counter_ = 1;
};

/// Keeps the compiler from joining a product and the sum that follows into one rounding.
inline DoubleVector rounded(DoubleVector product) {
#if defined(__SSE2__)
  __asm__("" : "+x"(product));
#elif defined(__ARM_NEON)
  __asm__("" : "+w"(product));
#else
  __asm__("" : "+m"(product));
#endif
  return product;
}

/// The values of a series that are not zero, and their units.
struct SparseSeries {
  std::vector<uint32_t> units;
  std::vector<double> values;
};

inline SparseSeries sparseOf(const double* values, size_t units) {
  SparseSeries series;
  for (size_t i = 0; i < units; i++) {
    const double value = values[i];
    if (value == 0) continue;
    series.units.push_back(static_cast<uint32_t>(i));
    series.values.push_back(value);
  }
  return series;
}

/// counts (units x kResamples) of the resamples from `first` on.
inline void drawCounts(const ResampleRequest& q, const std::vector<Sfc32>& begins, size_t first, double* counts) {
  std::memset(counts, 0, q.units * kResamples * sizeof(double));
  for (size_t b = first; b < min(q.resamples, first + kResamples); b++) {
    Sfc32 random = begins[b];
    for (size_t draw = 0; draw < q.units; draw++) {
      const double share = random.next() / 4294967296.0;
      counts[static_cast<size_t>(share * static_cast<double>(q.units)) * kResamples + b - first] += 1;
    }
  }
}

inline void addSeries(const SparseSeries& series, const double* counts, double* sums) {
  DoubleVector sum[kResampleVectors] = {};
  for (size_t p = 0; p < series.units.size(); p++) {
    const double* drawn = counts + series.units[p] * kResamples;
    for (size_t v = 0; v < kResampleVectors; v++) sum[v] += rounded(load(drawn + v * kLanes<double>) * series.values[p]);
  }
  for (size_t v = 0; v < kResampleVectors; v++) store(sums + v * kLanes<double>, sum[v]);
}

void resample(ThreadPool& pool, const ResampleRequest& q) {
  std::vector<Sfc32> begins;
  begins.reserve(q.resamples);
  Sfc32 random(static_cast<uint32_t>(q.seed));
  for (size_t b = 0; b < q.resamples; b++) {
    begins.push_back(random);
    for (size_t draw = 0; draw < q.units; draw++) random.next();
  }
  std::vector<SparseSeries> series(q.series);
  parallel(pool, q.series, [&](size_t s, unsigned) { series[s] = sparseOf(q.values + s * q.units, q.units); });
  Buffer<double> counts(pool.threads() * q.units * kResamples);
  parallel(pool, ceilDivide(q.resamples, kResamples), [&](size_t task, unsigned thread) {
    const size_t first = task * kResamples;
    double* const drawn = counts.data() + thread * q.units * kResamples;
    drawCounts(q, begins, first, drawn);
    for (size_t s = 0; s < q.series; s++) {
      double sums[kResamples];
      addSeries(series[s], drawn, sums);
      std::memcpy(q.out + s * q.resamples + first, sums, min(kResamples, q.resamples - first) * sizeof(double));
    }
  });
}

}  // namespace
