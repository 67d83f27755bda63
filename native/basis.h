// Turning rows into another basis: x -> x M for a k x k matrix M, packed once into panels of T.
#pragma once
#include "buffer.h"
#include "tile.h"

namespace {

template <class T>
class BasisPanels {
 public:
  /// For x -> x M.
  static BasisPanels ofColumns(const double* m, size_t k) {
    BasisPanels panels(k);
    for (size_t p = 0; p < k * k; p++) panels.square_[p] = static_cast<T>(m[p]);
    for (size_t j = 0; j < k; j += kPanel<T>) {
      packColumns(panels.square_.data() + j, k, min(kPanel<T>, k - j), k, panels.packed_.data() + j * k);
    }
    return panels;
  }

  /// For x -> x M'.
  static BasisPanels ofRows(const double* m, size_t k) {
    BasisPanels panels(k);
    for (size_t p = 0; p < k * k; p++) panels.square_[p] = static_cast<T>(m[p]);
    for (size_t j = 0; j < k; j += kPanel<T>) {
      packRows(panels.square_.data() + j * k, k, min(kPanel<T>, k - j), k, panels.packed_.data() + j * k);
    }
    return panels;
  }

  /// `visit(row, column, v0, v1)` receives kPanel results of a row at a time, zeros beyond k.
  template <class Visit>
  void turn(const T* rows, size_t count, Visit&& visit) const {
    for (size_t j = 0; j < k_; j += kPanel<T>) {
      tiles(Left<T>{rows, k_, 1}, count, Right<T>{packed_.data() + j * k_, kPanel<T>}, k_,
            [&](size_t r, Vector<T> v0, Vector<T> v1) { visit(r, j, v0, v1); });
    }
  }

  /// The same into rows of k numbers without padding.
  template <class S>
  void turnInto(const T* rows, size_t count, S* out) const {
    turn(rows, count, [&](size_t r, size_t j, Vector<T> v0, Vector<T> v1) {
      T row[kPanel<T>];
      store(row, v0);
      store(row + kLanes<T>, v1);
      const size_t width = min(kPanel<T>, k_ - j);
      for (size_t s = 0; s < width; s++) out[r * k_ + j + s] = static_cast<S>(row[s]);
    });
  }

 private:
  explicit BasisPanels(size_t k) : k_(k), square_(k * k), packed_(roundUp(k, kPanel<T>) * k) {}

  size_t k_;
  Buffer<T> square_;
  Buffer<T> packed_;
};

}  // namespace
