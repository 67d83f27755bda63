// The same row systems by a few steps of conjugate gradients in float32, for the half-sweeps of training.
// In the diagonal coordinates (row-solve.h) the shared k x k part is the diagonal d, which is therefore an exact
// preconditioner for it: a step touches the row's own interactions only, r = Z'(c (1 - Z y)) + l q - d y, and two or
// three steps from the last sweep's solution equal Cholesky. Since A = diag(d) + Z'CZ >= diag(d), the excess loss of a row is
// at most b r' d^-1 r, where b is 1 at first and then follows from the lengths of the steps, and after a step of length a at most
// (b - a) r' d^-1 r with the r before it (Gauss-Radau quadrature with 1 as the least eigenvalue: Meurant and Tichy, Numerical
// Algorithms 62, 2013). A row stops once that is below 1e-4 of y' d y, so a sweep is within 1e-4 of its least loss. The length of
// a step takes half of the work of the residual after it, which a step that is likely to be the last one does without.
// Z is stored in 16 bits a number (bfloat16.h). Where both sides are to stay in the coordinates, the factors become Z in float32
// and y is the solution: two changes of basis instead of three.
#pragma once
#include <cstring>

#include "basis.h"
#include "gathered-rows.h"
#include "kernel-table.h"
#include "parallel.h"
#include "soundness.h"

namespace {

constexpr size_t kSweepBlock = 48;
constexpr float kExcessLoss = 1e-4f;

/// A thread's vectors for one row after the other, each `width` long with zeros beyond the rank.
struct CgScratch {
  CgScratch(size_t width, size_t tableRows)
      : memory(6 * width),
        diagonal(memory.data()),
        inverse(diagonal + width),
        y(inverse + width),
        residual(y + width),
        direction(residual + width),
        image(direction + width),
        rows(width, tableRows) {}

  Buffer<float> memory;
  float* diagonal;   // d
  float* inverse;    // 1 / d
  float* y;
  float* residual;   // r
  float* direction;  // p
  float* image;      // A p
  GatheredRows rows;
};

/// sum_d a_d b_d c_d over whole vectors.
inline float weightedDot(const float* a, const float* b, const float* c, size_t width) {
  FloatVector sum = {};
  for (size_t d = 0; d < width; d += kLanes<float>) sum += load(a + d) * load(b + d) * load(c + d);
  float total = 0;
  for (size_t lane = 0; lane < kLanes<float>; lane++) total += sum[lane];
  return total;
}

/// Steps of conjugate gradients on row i, from own.y, with own.residual holding l q on entry.
inline void stepRow(size_t steps, size_t width, CgScratch& own) {
  for (size_t d = 0; d < width; d++) own.residual[d] -= own.diagonal[d] * own.y[d];
  own.rows.addResidual(own.y, own.residual);
  for (size_t d = 0; d < width; d++) own.direction[d] = own.inverse[d] * own.residual[d];
  float size = weightedDot(own.residual, own.inverse, own.residual, width), bound = 1, shrinkage = 1;
  for (size_t step = 1; step <= steps; step++) {
    const float enough = kExcessLoss * weightedDot(own.y, own.diagonal, own.y, width);
    if (!(bound * size > enough)) return;
    const bool isLast = step == steps, mayBeLast = isLast || bound * size * shrinkage < enough;
    for (size_t d = 0; d < width; d++) own.image[d] = own.diagonal[d] * own.direction[d];
    const float shared = weightedDot(own.direction, own.diagonal, own.direction, width);
    const float energy = mayBeLast ? own.rows.energy(own.direction) : own.rows.addImage(own.direction, own.image);
    const float length = size / (shared + energy), rest = bound - length;
    for (size_t d = 0; d < width; d++) own.y[d] += length * own.direction[d];
    if (isLast || !(rest * size > enough)) return;
    if (mayBeLast) own.rows.addImage(own.direction, own.image);
    for (size_t d = 0; d < width; d++) own.residual[d] -= length * own.image[d];
    const float next = weightedDot(own.residual, own.inverse, own.residual, width);
    shrinkage = next / size;
    bound = rest / (rest + shrinkage);
    size = next;
    for (size_t d = 0; d < width; d++) own.direction[d] = own.inverse[d] * own.residual[d] + shrinkage * own.direction[d];
  }
}

/// The changes of coordinates of one call.
struct SweepBases {
  explicit SweepBases(const RowSolveRequest& q)
      : toBasis(BasisPanels<float>::ofColumns(q.toBasis, q.rank)),
        fromBasis(BasisPanels<float>::ofRows(q.toBasis, q.rank)),
        priorToBasis(BasisPanels<float>::ofColumns(q.priorToBasis, q.rank)) {}

  const BasisPanels<float> toBasis, fromBasis, priorToBasis;
};

/// Z, `width` apart, and in place of the factors where they are to be turned; false if a factor is not finite.
bool storeFactors(ThreadPool& pool, const RowSolveRequest& q, const SweepBases& bases, size_t width, Stored* z) {
  Flag isUnsound;
  parallel(pool, ceilDivide(q.fixedRows, kSweepBlock), [&](size_t block, unsigned) {
    const size_t first = block * kSweepBlock, count = min(kSweepBlock, q.fixedRows - first);
    const float* rows = q.factors + first * q.rank;
    if (!holdsHere(isFinite, rows, count * q.rank)) isUnsound.raise();
    Buffer<float> turned(kSweepBlock * width);
    Stored* to = z + first * width;
    bases.toBasis.turn(rows, count, [&](size_t r, size_t j, FloatVector v0, FloatVector v1) {
      storeWords(to + r * width + j, v0, v1);
      store(turned.data() + r * width + j, v0);
      store(turned.data() + r * width + j + kLanes<float>, v1);
    });
    if (q.turned == nullptr) return;
    for (size_t r = 0; r < count; r++) {
      std::memcpy(q.turned + (first + r) * q.rank, turned.data() + r * width, q.rank * sizeof(float));
    }
  });
  return !isUnsound.isRaised();
}

/// Rows of `from` (null: zeros) turned into `to`; false if one is not finite.
bool turnRows(const BasisPanels<float>& panels, const float* from, size_t first, size_t count, size_t rank, float* to) {
  if (from == nullptr) {
    std::memset(to, 0, count * rank * sizeof(float));
    return true;
  }
  panels.turnInto(from + first * rank, count, to);
  return holdsHere(isFinite, from + first * rank, count * rank);
}

/// Where the indices end that a block from row `first` on takes: its own, and some after them to prefetch.
inline size_t endOfIndices(const RowSolveRequest& q, size_t first) {
  const size_t end = q.indptr[min(first + kSweepBlock, q.rows)];
  return min(end + kPrefetchRows + kPanelRows, q.indptr[q.rows]);
}

/// The largest number of indices that a block takes.
size_t mostIndices(const RowSolveRequest& q) {
  size_t most = 0;
  for (size_t first = 0; first < q.rows; first += kSweepBlock) most = max(most, endOfIndices(q, first) - q.indptr[first]);
  return most;
}

/// A thread's memory for one block of rows after the other; no other thread writes to its cache lines.
struct alignas(64) BlockScratch {
  BlockScratch(const RowSolveRequest& q, size_t width, size_t indexCount)
      : row(width, q.fixedRows), prior(kSweepBlock * q.rank), y(kSweepBlock * q.rank), indices(indexCount) {}

  CgScratch row;
  Buffer<float> prior, y;
  Buffer<uint32_t> indices;
};

/// Row i ready for stepRow; `prior` (q) and `y` are its vectors in the basis, `indices` those from its block's first on.
void openRow(const RowSolveRequest& q, size_t first, size_t i, const float* prior, const float* y, const Stored* z, size_t width,
             const uint32_t* indices, CgScratch& own) {
  const double shared = q.unobservedWeight * (q.exposure == nullptr ? 1 : q.exposure[i]), precision = q.rowPrecision[i];
  for (size_t d = 0; d < q.rank; d++) {
    own.diagonal[d] = static_cast<float>(shared * q.spectrum[d] + precision);
    own.y[d] = y[d];
    own.residual[d] = static_cast<float>(precision) * prior[d];
  }
  for (size_t d = q.rank; d < width; d++) {
    own.diagonal[d] = 1;
    own.y[d] = own.residual[d] = 0;
  }
  for (size_t d = 0; d < width; d++) own.inverse[d] = 1 / own.diagonal[d];
  const size_t at = q.indptr[i];
  own.rows.open(z, indices + (at - q.indptr[first]), q.confidence + at, q.indptr[i + 1] - at, endOfIndices(q, first) - at);
}

int64_t solveRowsByCg(ThreadPool& pool, const RowSolveRequest& q, Control* control) {
  const size_t k = q.rank, width = roundUp(k, kPanel<float>);
  const SweepBases bases(q);
  Buffer<Stored> z(q.fixedRows * width);
  if (!storeFactors(pool, q, bases, width, z.data())) return kUnsound;
  Flag isUnsound;
  const float* begin = q.start != nullptr ? q.start : q.prior;
  std::vector<BlockScratch> scratch;
  scratch.reserve(pool.threads());
  for (size_t thread = 0; thread < pool.threads(); thread++) scratch.emplace_back(q, width, mostIndices(q));
  parallel(pool, ceilDivide(q.rows, kSweepBlock), [&](size_t block, unsigned thread) {
    const size_t first = block * kSweepBlock, count = min(kSweepBlock, q.rows - first);
    BlockScratch& own = scratch[thread];
    float* const y = own.y.data();
    float* const prior = own.prior.data();
    bool isSound = turnRows(bases.priorToBasis, begin, first, count, k, y);
    isSound &= areSoundRows(q, first, count, endOfIndices(q, first), own.indices.data());
    isSound &= turnRows(bases.priorToBasis, q.prior, first, count, k, prior);
    if (!isSound) return isUnsound.raise();
    for (size_t r = 0; r < count; r++) {
      openRow(q, first, first + r, prior + r * k, y + r * k, z.data(), width, own.indices.data(), own.row);
      stepRow(q.steps, width, own.row);
      std::memcpy(y + r * k, own.row.y, k * sizeof(float));
    }
    if (q.turned == nullptr) bases.fromBasis.turnInto(y, count, q.out + first * k);
    else std::memcpy(q.out + first * k, y, count * k * sizeof(float));
  }, control);
  return isUnsound.isRaised() ? kUnsound : kSolved;
}

}  // namespace
