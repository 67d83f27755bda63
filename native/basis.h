// Turning rows into another basis: X M for a k x k matrix M packed once into panels. Float64 inside.
#pragma once
#include "buffer.h"
#include "parallel.h"
#include "tile.h"

namespace {

constexpr size_t kTurnBlock = 48;

class BasisPanels {
 public:
  /// For x -> x M.
  static BasisPanels ofColumns(const double* m, size_t k) {
    BasisPanels panels(k);
    for (size_t j = 0; j < k; j += kPanel<double>) packColumns(m + j, k, min(kPanel<double>, k - j), k, panels.at(j));
    return panels;
  }

  /// For x -> x M'.
  static BasisPanels ofRows(const double* m, size_t k) {
    BasisPanels panels(k);
    for (size_t j = 0; j < k; j += kPanel<double>) packRows(m + j * k, k, min(kPanel<double>, k - j), k, panels.at(j));
    return panels;
  }

  /// Turns `count` rows of k numbers; the results lie `stride` apart.
  template <class S>
  void turn(const double* rows, size_t count, S* out, size_t stride) const {
    for (size_t j = 0; j < k_; j += kPanel<double>) {
      const size_t width = min(kPanel<double>, k_ - j);
      tiles(Left<double>{rows, k_, 1}, count, Right<double>{packed_.data() + j * k_, kPanel<double>}, k_,
            [&](size_t r, DoubleVector v0, DoubleVector v1) { putRow(out + r * stride + j, v0, v1, width); });
    }
  }

  /// The same for a whole float32 matrix, shared out over the pool; the results' padding up to `stride` is zeroed.
  void turnRows(ThreadPool& pool, const float* rows, size_t count, float* out, size_t stride) const {
    parallel(pool, ceilDivide(count, kTurnBlock), [&](size_t block, unsigned) {
      const size_t first = block * kTurnBlock, height = min(kTurnBlock, count - first);
      Buffer<double> wide(kTurnBlock * k_);
      for (size_t p = 0; p < height * k_; p++) wide[p] = rows[first * k_ + p];
      turn(wide.data(), height, out + first * stride, stride);
      for (size_t r = first; r < first + height; r++) {
        for (size_t d = k_; d < stride; d++) out[r * stride + d] = 0;
      }
    });
  }

 private:
  explicit BasisPanels(size_t k) : k_(k), packed_(roundUp(k, kPanel<double>) * k) {}
  double* at(size_t column) { return packed_.data() + column * k_; }

  size_t k_;
  Buffer<double> packed_;
};

}  // namespace
