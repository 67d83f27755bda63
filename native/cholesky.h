// A = U'U in float64, U upper triangular and row-major, by block rows: with p running over the finished rows,
//   U_bj = U_bb^-T (A_bj - sum_p U_pb' U_pj).
// In this orientation both sides of the sum lie in memory as the register tile wants them, so nothing is packed.
// Storage has `stride` >= the size rounded up to whole panels; what lies beyond the size is scratch and must be finite.
#pragma once
#include <cstring>

#include "buffer.h"
#include "kernel-table.h"
#include "parallel.h"
#include "tile.h"

namespace {

/// Rows of a block: those of a factor that one thread makes, and of the diagonal blocks of a large one; a block's own rows are solved slowly.
constexpr size_t kCholeskyBlock = 32;
/// Rows of a block of a factor that a pool makes: every finished row is read once a block. 96 in place of 32 halved the time of 5,890 rows.
constexpr size_t kLargeBlock = 96;

/// Not a multiple of a page, so that a column of tiles does not fall on one cache set.
inline size_t paddedStride(size_t size) { return roundUp(size, kPanel<double>) + kPanel<double>; }

inline void subtractRow(double* from, DoubleVector v0, DoubleVector v1) {
  store(from, load(from) - v0);
  store(from + kLanes<double>, load(from + kLanes<double>) - v1);
}

/// Rows that are asked for before they are copied.
constexpr size_t kReadAhead = 8;

/// One row of a panel; `ahead` is how far the row lies that is copied some rows later. It may lie beyond the factor: nothing is read there.
inline void copyRow(double* to, const double* from, size_t ahead) {
  __builtin_prefetch(from + ahead);
  __builtin_prefetch(from + ahead + kLanes<double>);
  store(to, load(from));
  store(to + kLanes<double>, load(from + kLanes<double>));
}

/// Finished rows a pass: their part of the block's columns stays in the cache from panel to panel.
constexpr size_t kCholeskyDepth = 128;
/// Columns a task; a whole block at least.
constexpr size_t kCholeskyColumns = 128;

/// What a pass reads, side by side: in the factor itself two rows lie pages apart. And the sums that go on from pass to pass.
template <size_t Block>
struct CholeskyPass {
  static_assert(Block <= kCholeskyColumns && kCholeskyColumns % kPanel<double> == 0);
  double left[kCholeskyDepth * Block];
  double panel[kCholeskyDepth * kPanel<double>];
  double sums[Block * kCholeskyColumns];
};

/// Columns j to `end` of block row b: subtracts the finished rows. A sum goes on from pass to pass, so their number changes no bit.
template <size_t Block>
void reducePanels(double* u, size_t stride, size_t b, size_t height, size_t j, size_t end, CholeskyPass<Block>& pass) {
  for (size_t p = 0; p < b; p += kCholeskyDepth) {
    const size_t depth = min(kCholeskyDepth, b - p);
    for (size_t q = 0; q < depth; q++) std::memcpy(pass.left + q * Block, u + (p + q) * stride + b, height * sizeof(double));
    for (size_t k = j; k < end; k += kPanel<double>) {
      for (size_t q = 0; q < depth; q++) copyRow(pass.panel + q * kPanel<double>, u + (p + q) * stride + k, kReadAhead * stride);
      const auto sum = [&](size_t r) { return pass.sums + r * kCholeskyColumns + (k - j); };
      const auto start = [&](size_t r, DoubleVector& v0, DoubleVector& v1) {
        v0 = p == 0 ? DoubleVector{} : load(sum(r));
        v1 = p == 0 ? DoubleVector{} : load(sum(r) + kLanes<double>);
      };
      const auto visit = [&](size_t r, DoubleVector v0, DoubleVector v1) {
        if (p + depth == b) return subtractRow(u + (b + r) * stride + k, v0, v1);
        store(sum(r), v0);
        store(sum(r) + kLanes<double>, v1);
      };
      tilesFrom(Left<double>{pass.left, 1, Block}, height, Right<double>{pass.panel, kPanel<double>}, depth, start, visit);
    }
  }
}

/// X := U_bb^-T X for one panel of right sides X (height x kPanel, `step` apart).
inline void solveBlockForward(const double* block, size_t stride, size_t height, double* x, size_t step) {
  for (size_t r = 0; r < height; r++) {
    const double inverse = 1 / block[r * stride + r];
    const DoubleVector x0 = inverse * load(x + r * step);
    const DoubleVector x1 = inverse * load(x + r * step + kLanes<double>);
    store(x + r * step, x0);
    store(x + r * step + kLanes<double>, x1);
    for (size_t s = r + 1; s < height; s++) subtractRow(x + s * step, block[r * stride + s] * x0, block[r * stride + s] * x1);
  }
}

/// X := U_bb^-1 X.
inline void solveBlockBackward(const double* block, size_t stride, size_t height, double* x, size_t step) {
  for (size_t r = height; r-- > 0;) {
    const double inverse = 1 / block[r * stride + r];
    const DoubleVector x0 = inverse * load(x + r * step);
    const DoubleVector x1 = inverse * load(x + r * step + kLanes<double>);
    store(x + r * step, x0);
    store(x + r * step + kLanes<double>, x1);
    for (size_t s = 0; s < r; s++) subtractRow(x + s * step, block[s * stride + r] * x0, block[s * stride + r] * x1);
  }
}

/// The diagonal block itself, row by row. False at a pivot that is not positive; `pivot` then names it.
inline bool factorBlock(double* block, size_t stride, size_t height, size_t& pivot) {
  for (size_t r = 0; r < height; r++) {
    double* row = block + r * stride;
    if (!(row[r] > 0) || !__builtin_isfinite(row[r])) {
      pivot = r;
      return false;
    }
    const double root = __builtin_sqrt(row[r]);
    const double inverse = 1 / root;
    for (size_t j = r + 1; j < height; j++) row[j] *= inverse;
    row[r] = root;
    for (size_t i = r + 1; i < height; i++) {
      const double x = row[i];
      double* below = block + i * stride;
      for (size_t j = i; j < height; j++) below[j] -= x * row[j];
    }
  }
  return true;
}

/// The same for a block of more rows than are solved at once.
inline void solveLargeForward(const double* block, size_t stride, size_t height, double* x, size_t step) {
  for (size_t c = 0; c < height; c += kCholeskyBlock) {
    const size_t rows = min(kCholeskyBlock, height - c);
    tiles(Left<double>{block + c, 1, stride}, rows, Right<double>{x, step}, c,
          [&](size_t r, DoubleVector v0, DoubleVector v1) { subtractRow(x + (c + r) * step, v0, v1); });
    solveBlockForward(block + c * stride + c, stride, rows, x + c * step, step);
  }
}

/// By blocks of so many rows, the panels of a block row shared out among the pool, where there is one.
template <size_t Block>
int64_t factorBlocks(ThreadPool* pool, double* u, size_t n, size_t stride) {
  // One a thread, and not on its stack, which is small in some systems. A system of one block has none.
  Buffer<CholeskyPass<Block>> passes(n <= Block ? 0 : pool == nullptr ? 1 : pool->threads());
  for (size_t b = 0; b < n; b += Block) {
    const size_t height = min(Block, n - b);
    if (b > 0) reducePanels<Block>(u, stride, b, height, b, b + height, passes[0]);
    double* block = u + b * stride + b;
    size_t pivot = 0;
    if constexpr (Block == kCholeskyBlock) {
      if (!factorBlock(block, stride, height, pivot)) return static_cast<int64_t>(b + pivot);
    } else {
      const int64_t failed = factorBlocks<kCholeskyBlock>(nullptr, block, height, stride);
      if (failed != kSolved) return static_cast<int64_t>(b) + failed;
    }
    if (b + height >= n) break;
    const size_t first = b + height;
    const auto finish = [&](size_t task, unsigned thread) {
      const size_t j = first + task * kCholeskyColumns, end = min(n, j + kCholeskyColumns);
      if (b > 0) reducePanels<Block>(u, stride, b, height, j, end, passes[thread]);
      for (size_t k = j; k < end; k += kPanel<double>) solveLargeForward(block, stride, height, u + b * stride + k, stride);
    };
    const size_t tasks = ceilDivide(n - first, kCholeskyColumns);
    if (pool != nullptr) {
      parallel(*pool, tasks, finish);
    } else {
      for (size_t task = 0; task < tasks; task++) finish(task, 0);
    }
  }
  return kSolved;
}

/// Factors in place; kSolved, or the first pivot that is not positive.
inline int64_t factorCholesky(ThreadPool* pool, double* u, size_t n, size_t stride) {
  return pool == nullptr ? factorBlocks<kCholeskyBlock>(pool, u, n, stride) : factorBlocks<kLargeBlock>(pool, u, n, stride);
}

/// Solves U'U x = b in place for one right side.
inline void solveCholesky(const double* u, size_t n, size_t stride, double* x) {
  for (size_t i = 0; i < n; i++) {
    const double* row = u + i * stride;
    const double value = x[i] / row[i];
    x[i] = value;
    for (size_t j = i + 1; j < n; j++) x[j] -= row[j] * value;
  }
  for (size_t i = n; i-- > 0;) {
    const double* row = u + i * stride;
    double sum = x[i];
    for (size_t j = i + 1; j < n; j++) sum -= row[j] * x[j];
    x[i] = sum / row[i];
  }
}

/// Solves U'U X = B in place for some panels of right sides, one behind the other (n x kPanel each): U is read once for all of them.
inline void solveCholeskyPanels(const double* u, size_t n, size_t stride, double* x, size_t panels) {
  constexpr size_t step = kPanel<double>;
  const size_t last = (n - 1) / kCholeskyBlock * kCholeskyBlock;
  for (size_t b = 0; b < n; b += kCholeskyBlock) {
    const size_t height = min(kCholeskyBlock, n - b);
    for (double* y = x; y < x + panels * n * step; y += n * step) {
      tiles(Left<double>{u + b, 1, stride}, height, Right<double>{y, step}, b,
            [&](size_t r, DoubleVector v0, DoubleVector v1) { subtractRow(y + (b + r) * step, v0, v1); });
      solveBlockForward(u + b * stride + b, stride, height, y + b * step, step);
    }
  }
  for (size_t b = last + kCholeskyBlock; b > 0;) {
    b -= kCholeskyBlock;
    const size_t height = min(kCholeskyBlock, n - b), next = b + height;
    for (double* y = x; y < x + panels * n * step; y += n * step) {
      tiles(Left<double>{u + b * stride + next, stride, 1}, height, Right<double>{y + next * step, step}, n - next,
            [&](size_t r, DoubleVector v0, DoubleVector v1) { subtractRow(y + (b + r) * step, v0, v1); });
      solveBlockBackward(u + b * stride + b, stride, height, y + b * step, step);
    }
  }
}

}  // namespace
