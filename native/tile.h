// The register tile under every dense product: C[r, j] = sum_p a(r, p) b(p, j), with the columns j of a tile in vector
// lanes. a is read by broadcasts and may lie either way round; b has its columns side by side.
// Every element is one chain of additions over ascending p, wherever in a tile it lies, so neither the cut into tiles
// nor the number of threads changes a bit of the result.
#pragma once
#include "simd.h"

namespace {

/// a(r, p) = base[r * row + p * step].
template <class T>
struct Left {
  const T* base;
  size_t row;
  size_t step;
};

/// b(p, j) = base[p * step + j], for j below kPanel.
template <class T>
struct Right {
  const T* base;
  size_t step;
};

/// `start(row, v0, v1)` gives the sums that the row begins with.
template <class T, size_t Rows, class Start, class Visit>
__attribute__((always_inline)) inline void tile(Left<T> a, size_t firstRow, Right<T> b, size_t depth, Start&& start, Visit&& visit) {
  Vector<T> sum[Rows][2];
#pragma GCC unroll 16
  for (size_t r = 0; r < Rows; r++) start(firstRow + r, sum[r][0], sum[r][1]);
  const T* left = a.base + firstRow * a.row;
  const T* right = b.base;
  for (size_t p = 0; p < depth; p++) {
    const Vector<T> b0 = load(right);
    const Vector<T> b1 = load(right + kLanes<T>);
#pragma GCC unroll 16
    for (size_t r = 0; r < Rows; r++) {
      const T x = left[r * a.row];
      sum[r][0] += x * b0;
      sum[r][1] += x * b1;
    }
    left += a.step;
    right += b.step;
  }
#pragma GCC unroll 16
  for (size_t r = 0; r < Rows; r++) visit(firstRow + r, sum[r][0], sum[r][1]);
}

/// `rows` rows of `a` against one panel of b, going on from earlier sums; `visit(row, v0, v1)` receives the two vectors of each row.
template <class T, class Start, class Visit>
__attribute__((always_inline)) inline void tilesFrom(Left<T> a, size_t rows, Right<T> b, size_t depth, Start&& start, Visit&& visit) {
  size_t r = 0;
  // Two tiles of four rows take less time than one of six and two of one.
  for (; r + kTileRows <= rows && rows - r != 8; r += kTileRows) tile<T, kTileRows>(a, r, b, depth, start, visit);
  if (kTileRows > 4) {
    for (; r + 4 <= rows; r += 4) tile<T, 4>(a, r, b, depth, start, visit);
  }
  for (; r < rows; r++) tile<T, 1>(a, r, b, depth, start, visit);
}

/// The same from zero.
template <class T, class Visit>
__attribute__((always_inline)) inline void tiles(Left<T> a, size_t rows, Right<T> b, size_t depth, Visit&& visit) {
  tilesFrom(a, rows, b, depth, [](size_t, Vector<T>& v0, Vector<T>& v1) { v0 = v1 = Vector<T>{}; }, visit);
}

/// A packed panel of `count` rows of a row-major matrix: panel[p][j] = from[j * stride + p], zero for j >= count.
template <class T, class S>
void packRows(const S* from, size_t stride, size_t count, size_t depth, T* panel) {
  for (size_t j = 0; j < kPanel<T>; j++) {
    for (size_t p = 0; p < depth; p++) panel[p * kPanel<T> + j] = j < count ? static_cast<T>(from[j * stride + p]) : 0;
  }
}

/// A packed panel of `count` columns: panel[p][j] = from[p * stride + j], zero for j >= count.
template <class T, class S>
void packColumns(const S* from, size_t stride, size_t count, size_t depth, T* panel) {
  for (size_t p = 0; p < depth; p++) {
    for (size_t j = 0; j < kPanel<T>; j++) panel[p * kPanel<T> + j] = j < count ? static_cast<T>(from[p * stride + j]) : 0;
  }
}

/// The first `count` lanes of a tile's row, added to memory.
template <class T>
inline void addRow(T* to, Vector<T> v0, Vector<T> v1, size_t count = kPanel<T>) {
  if (count == kPanel<T>) {
    store(to, load(to) + v0);
    store(to + kLanes<T>, load(to + kLanes<T>) + v1);
    return;
  }
  for (size_t j = 0; j < count; j++) to[j] += j < kLanes<T> ? v0[j] : v1[j - kLanes<T>];
}

/// The same, of float32 lanes into float64.
inline void addRow(double* to, FloatVector v0, FloatVector v1, size_t count) {
  float row[kPanel<float>];
  store(row, v0);
  store(row + kLanes<float>, v1);
  for (size_t j = 0; j < count; j++) to[j] += row[j];
}

}  // namespace
