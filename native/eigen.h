// A = V diag(values) V' for a symmetric A: Householder reduction to tridiagonal form, then implicit QL (EISPACK tred2 and tql2),
// with vectors kept as rows so that every inner loop is contiguous. QL's rotations are recorded and applied afterwards to
// blocks of columns, which stay in cache and are shared out over the threads. At rank 128 the TypeScript version took
// longer than the half-sweep that it prepares.
#pragma once
#include <cstring>
#include <utility>

#include "buffer.h"
#include "kernel-table.h"
#include "parallel.h"
#include "simd.h"

namespace {

constexpr size_t kEigenBlock = 64;   // rows or columns a task
constexpr size_t kEigenLook = 4096;  // rotations between looks whether the pool is stopped
constexpr size_t kEigenShared = 1 << 16;  // numbers of a step of the reduction that are worth a second thread
constexpr size_t kRotatedVectors = 4;     // of a row that stay in registers from one rotation to the next

inline double dot(const double* a, const double* b, size_t n) {
  DoubleVector sum = {};
  size_t p = 0;
  for (; p + kLanes<double> <= n; p += kLanes<double>) sum += load(a + p) * load(b + p);
  double total = 0;
  for (size_t lane = 0; lane < kLanes<double>; lane++) total += sum[lane];
  for (; p < n; p++) total += a[p] * b[p];
  return total;
}

/// Rows i and i + 1 become (c x - s y, s x + c y).
struct Rotation {
  size_t row;
  double c, s;
};

class SymmetricEigen {
 public:
  explicit SymmetricEigen(const EigenRequest& q)
      : n_(q.n), a_(q.n * q.n), v_(q.n * q.n), rows_(q.n * q.n), beta_(q.n), d_(q.n), e_(q.n), steps_(2 * q.n),
        p_(steps_.data()), ahead_(p_ + q.n) {
    std::memcpy(a_.data(), q.a, n_ * n_ * sizeof(double));
  }

  bool run(ThreadPool& pool) {
    reduce(pool);
    // Of a few dozen rows the calling thread is done before another one is awake.
    parallel(pool, ceilDivide(n_, kEigenBlock), [&](size_t b, unsigned) {
      for (size_t r = b * kEigenBlock; r < min(n_, (b + 1) * kEigenBlock); r++) expandRow(r);
    });
    size_t capacity = 2 * n_ * n_ + 64 * n_, count = 0;
    Buffer<Rotation> rotations(capacity);
    if (!iterate(pool, rotations, capacity, count)) return false;
    parallel(pool, ceilDivide(n_, kEigenBlock), [&](size_t b, unsigned) {
      const size_t first = b * kEigenBlock, width = min(kEigenBlock, n_ - first);
      for (size_t some = 0; some < count && !pool.isStopped(); some += kEigenLook) {
        rotateAll(rotations.data() + some, rotations.data() + min(some + kEigenLook, count), first, width);
      }
    });
    return true;
  }

  /// Eigenvalues descending, negatives from rounding set to 0; eigenvector j in column j, its largest component positive.
  void write(double* values, double* vectors) {
    Buffer<size_t> order(n_);
    for (size_t j = 0; j < n_; j++) {
      size_t place = j;
      for (; place > 0 && d_[order[place - 1]] < d_[j]; place--) order[place] = order[place - 1];
      order[place] = j;
    }
    for (size_t j = 0; j < n_; j++) {
      const double* row = rows_.data() + order[j] * n_;
      size_t largest = 0;
      for (size_t i = 1; i < n_; i++) largest = __builtin_fabs(row[i]) > __builtin_fabs(row[largest]) ? i : largest;
      const double sign = row[largest] < 0 ? -1 : 1;
      values[j] = d_[order[j]] > 0 ? d_[order[j]] : 0;
      for (size_t i = 0; i < n_; i++) vectors[i * n_ + j] = sign * row[i];
    }
  }

 private:
  /// A = Q T Q', Q = H_0 H_1 ..., H_j = I - beta_j v_j v_j' with v_j zero up to j; T in d and e (e_j beside d_j). H_j turns A into
  /// A - v_j p_j' - p_j v_j'. The row that gives v_{j+1} is turned first, so that the others are read once for both.
  void reduce(ThreadPool& pool) {
    if (n_ > 1) {
      reflect(0);
      eachRow(pool, 1, [&](size_t i) { p_[i] = beta_[0] * dot(rowOf(i) + 1, v_.data() + 1, n_ - 1); });
    }
    for (size_t j = 0; j + 2 < n_; j++) {
      pool.throwIfStopped();
      const size_t first = j + 1, second = j + 2;
      const double *v = v_.data() + j * n_, *next = v_.data() + first * n_;
      if (beta_[j] != 0) {
        const double half = beta_[j] / 2 * dot(p_ + first, v + first, n_ - first);
        for (size_t i = first; i < n_; i++) p_[i] -= half * v[i];
        turnRow(first, first, v);
      }
      reflect(first);
      eachRow(pool, second, [&](size_t i) {
        if (beta_[j] != 0) turnRow(i, first, v);
        ahead_[i] = beta_[first] * dot(rowOf(i) + second, next + second, n_ - second);
      });
      std::swap(p_, ahead_);
    }
    d_[n_ - 1] = a_[n_ * n_ - 1];
    e_[n_ - 1] = 0;
  }

  double* rowOf(size_t i) { return a_.data() + i * n_; }

  /// H_j from row j, from its diagonal on; beta_j is 0 where nothing is to be turned.
  void reflect(size_t j) {
    const double* row = rowOf(j);
    double* v = v_.data() + j * n_;
    const size_t first = j + 1, count = n_ - first;
    d_[j] = row[j];
    std::memcpy(v + first, row + first, count * sizeof(double));
    const double norm = __builtin_sqrt(dot(v + first, v + first, count));
    const bool isDone = norm == 0 || count == 1;
    e_[j] = isDone ? row[first] : (v[first] > 0 ? -norm : norm);
    beta_[j] = 0;
    if (isDone) return;
    v[first] -= e_[j];
    beta_[j] = 2 / dot(v + first, v + first, count);
  }

  void turnRow(size_t i, size_t first, const double* v) {
    double* to = rowOf(i);
    const double vi = v[i], pi = p_[i];
    for (size_t s = first; s < n_; s++) to[s] -= vi * p_[s] + pi * v[s];
  }

  /// Of the rows from `first` on; a few are done before another thread is awake.
  template <class F>
  void eachRow(ThreadPool& pool, size_t first, const F& visit) {
    const size_t rows = n_ - first, tasks = rows * rows < kEigenShared ? 1 : ceilDivide(rows, kEigenBlock);
    parallel(pool, tasks, [&](size_t task, unsigned) {
      const size_t end = tasks == 1 ? n_ : min(n_, first + (task + 1) * kEigenBlock);
      for (size_t i = first + task * kEigenBlock; i < end; i++) visit(i);
    });
  }

  /// Row r of Q' = ... H_1 H_0: reflections that do not reach e_r are skipped.
  void expandRow(size_t r) {
    double* row = rows_.data() + r * n_;
    std::memset(row, 0, n_ * sizeof(double));
    row[r] = 1;
    for (size_t j = min(r, n_ - 1); j-- > 0;) {
      const double* v = v_.data() + j * n_;
      const double along = beta_[j] * dot(row + j + 1, v + j + 1, n_ - j - 1);
      if (along == 0) continue;
      for (size_t s = j + 1; s < n_; s++) row[s] -= along * v[s];
    }
  }

  /// tql2: d becomes the eigenvalues; false if it does not converge (the input was not finite).
  bool iterate(const ThreadPool& pool, Buffer<Rotation>& rotations, size_t capacity, size_t& count) {
    constexpr double epsilon = 0x1p-52;
    double shift = 0, largest = 0;
    for (size_t l = 0; l < n_; l++) {
      largest = __builtin_fmax(largest, __builtin_fabs(d_[l]) + __builtin_fabs(e_[l]));
      size_t m = l;
      while (m + 1 < n_ && __builtin_fabs(e_[m]) > epsilon * largest) m++;
      while (m > l && __builtin_fabs(e_[l]) > epsilon * largest) {
        pool.throwIfStopped();
        if (count + n_ > capacity) return false;
        shift += shiftBy(l);
        sweep(l, m, rotations, count);
      }
      d_[l] += shift;
      e_[l] = 0;
    }
    return true;
  }

  /// Subtracts the implicit shift from the diagonal and returns it; leaves in p_[0] what the sweep needs of d_{l+1}.
  double shiftBy(size_t l) {
    const double g = d_[l], p = (d_[l + 1] - g) / (2 * e_[l]);
    const double r = p < 0 ? -__builtin_hypot(p, 1) : __builtin_hypot(p, 1);
    d_[l] = e_[l] / (p + r);
    d_[l + 1] = e_[l] * (p + r);
    p_[0] = d_[l + 1];
    const double h = g - d_[l];
    for (size_t i = l + 2; i < n_; i++) d_[i] -= h;
    return h;
  }

  void sweep(size_t l, size_t m, Buffer<Rotation>& rotations, size_t& count) {
    const double next = e_[l + 1];
    double p = d_[m], c = 1, c2 = 1, c3 = 1, s = 0, s2 = 0;
    for (size_t i = m; i-- > l;) {
      c3 = c2;
      c2 = c;
      s2 = s;
      const double g = c * e_[i], h = c * p, r = __builtin_hypot(p, e_[i]);
      e_[i + 1] = s * r;
      s = e_[i] / r;
      c = p / r;
      p = c * d_[i] - s * g;
      d_[i + 1] = h + s * (c * g + s * d_[i]);
      rotations[count++] = Rotation{i, c, s};
    }
    p = -s * s2 * c3 * next * e_[l] / p_[0];
    e_[l] = s * p;
    d_[l] = c * p;
  }

  /// Rotations of columns `first` to first + width. One after the other moves up a row as a rule: the row that two share is carried
  /// in registers, so that each reads a row and writes one.
  void rotateAll(const Rotation* begin, const Rotation* end, size_t first, size_t width) {
    constexpr size_t step = kRotatedVectors * kLanes<double>;
    size_t p = 0;
    for (; p + step <= width; p += step) carry<kRotatedVectors>(begin, end, first + p);
    for (; p + kLanes<double> <= width; p += kLanes<double>) carry<1>(begin, end, first + p);
    if (p == width) return;
    for (const Rotation* t = begin; t < end; t++) {
      double* x = rows_.data() + t->row * n_ + first;
      double* y = x + n_;
      for (size_t s = p; s < width; s++) {
        const double a = x[s], b = y[s];
        x[s] = t->c * a - t->s * b;
        y[s] = t->s * a + t->c * b;
      }
    }
  }

  template <size_t Vectors>
  void carry(const Rotation* begin, const Rotation* end, size_t column) {
    if (begin == end) return;
    const auto at = [&](size_t row, size_t v) { return rows_.data() + row * n_ + column + v * kLanes<double>; };
    DoubleVector held[Vectors];
    size_t row = begin->row + 1;
    for (size_t v = 0; v < Vectors; v++) held[v] = load(at(row, v));
    for (const Rotation* t = begin; t < end; t++) {
      if (t->row + 1 != row) {
        for (size_t v = 0; v < Vectors; v++) store(at(row, v), held[v]);
        row = t->row + 1;
        for (size_t v = 0; v < Vectors; v++) held[v] = load(at(row, v));
      }
      for (size_t v = 0; v < Vectors; v++) {
        const DoubleVector a = load(at(t->row, v)), b = held[v];
        held[v] = t->c * a - t->s * b;
        store(at(row, v), t->s * a + t->c * b);
      }
      row = t->row;
    }
    for (size_t v = 0; v < Vectors; v++) store(at(row, v), held[v]);
  }

  size_t n_;
  Buffer<double> a_, v_, rows_, beta_, d_, e_, steps_;
  double *p_, *ahead_;  // of this step of the reduction and of the next: n each
};

/// kSolved, or 0 when the iteration does not converge.
int64_t eigen(ThreadPool& pool, const EigenRequest& q) {
  if (q.n == 0) return kSolved;
  SymmetricEigen solver(q);
  if (!solver.run(pool)) return 0;
  solver.write(q.values, q.vectors);
  return kSolved;
}

}  // namespace
