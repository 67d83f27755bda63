// A = V diag(values) V' for a symmetric A: Householder reduction to tridiagonal form, then implicit QL (EISPACK tred2 and tql2),
// with vectors kept as rows so that every inner loop is contiguous. QL's rotations are recorded and applied afterwards to
// blocks of columns, which stay in cache and are shared out over the threads. At rank 128 the TypeScript version took
// longer than the half-sweep that it prepares.
#pragma once
#include <cstring>

#include "buffer.h"
#include "kernel-table.h"
#include "parallel.h"
#include "simd.h"

namespace {

constexpr size_t kEigenBlock = 64;   // rows or columns a task
constexpr size_t kEigenLook = 4096;  // rotations between looks whether the pool is stopped

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
      : n_(q.n), a_(q.n * q.n), v_(q.n * q.n), rows_(q.n * q.n), beta_(q.n), d_(q.n), e_(q.n), p_(q.n) {
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
        for (size_t t = some; t < min(some + kEigenLook, count); t++) rotate(rotations[t], first, width);
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
  /// A = Q T Q', Q = H_0 H_1 ..., H_j = I - beta_j v_j v_j' with v_j zero up to j; T in d and e (e_j beside d_j).
  void reduce(const ThreadPool& pool) {
    for (size_t j = 0; j + 1 < n_; j++) {
      pool.throwIfStopped();
      double* row = a_.data() + j * n_;
      double* v = v_.data() + j * n_;
      const size_t first = j + 1, count = n_ - first;
      d_[j] = row[j];
      std::memcpy(v + first, row + first, count * sizeof(double));
      const double norm = __builtin_sqrt(dot(v + first, v + first, count));
      const bool done = norm == 0 || count == 1;
      e_[j] = done ? row[first] : (v[first] > 0 ? -norm : norm);
      beta_[j] = 0;
      if (done) continue;
      v[first] -= e_[j];
      beta_[j] = 2 / dot(v + first, v + first, count);
      for (size_t i = first; i < n_; i++) p_[i] = beta_[j] * dot(a_.data() + i * n_ + first, v + first, count);
      const double half = beta_[j] / 2 * dot(p_.data() + first, v + first, count);
      for (size_t i = first; i < n_; i++) p_[i] -= half * v[i];
      for (size_t i = first; i < n_; i++) {
        double* to = a_.data() + i * n_;
        const double vi = v[i], pi = p_[i];
        for (size_t s = first; s < n_; s++) to[s] -= vi * p_[s] + pi * v[s];
      }
    }
    d_[n_ - 1] = a_[n_ * n_ - 1];
    e_[n_ - 1] = 0;
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

  void rotate(const Rotation& t, size_t first, size_t width) {
    double* x = rows_.data() + t.row * n_ + first;
    double* y = x + n_;
    for (size_t p = 0; p < width; p++) {
      const double a = x[p], b = y[p];
      x[p] = t.c * a - t.s * b;
      y[p] = t.s * a + t.c * b;
    }
  }

  size_t n_;
  Buffer<double> a_, v_, rows_, beta_, d_, e_, p_;
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
