// What a kernel is asked, as plain pointers, and the table of entry points that each instruction set fills. Sizes and row
// offsets hold when a kernel begins (arguments.h). Everything else may lie in memory that JavaScript shares and changes while
// the kernel runs: an index is read once and checked there, wherever it becomes an address.
#pragma once
#include <cstddef>
#include <cstdint>

#include "thread-pool.h"

/// out (rows x columns) = A B', A rows x depth, B columns x depth.
struct MultiplyRequest {
  const float* a;
  const float* b;
  float* out;
  size_t rows, columns, depth;
};

/// out (columns x columns) = A' diag(weights) A, A rows x columns; weights may be null (ones).
struct GramRequest {
  const float* a;
  const double* weights;
  double* out;
  size_t rows, columns;
  bool single;  // products of some rows are added in float32, their sums in float64
};

/// The best `count` items for every query, once a view; see src/math/compute/compute-backend.ts. Null pointers where nothing is asked.
struct TopKRequest {
  const float* queries;
  const float* items;
  size_t queryCount, itemCount, dimension, count;
  const uint32_t* excludeIndptr;
  const uint32_t* excludeIndices;
  size_t views;            // at least 1
  const uint32_t* lengths;  // views, ascending, at most `dimension`: the leading numbers that count
  const uint8_t* allow;    // views x itemCount
  const float* itemScale;  // views x itemCount
  const uint8_t* asked;    // views x queryCount
  const int8_t* codes;  // itemCount x dimension, steps and errors itemCount; see item-codes.h
  const float* codeSteps;
  const float* codeErrors;
  int32_t* foundItems;  // views x queryCount x count
  float* foundScores;
};

/// A, n x n and symmetric: a_ij, or without `a` roots_i roots_j (kernel_ij - means_i - means_j + mean). Its upper half is read.
struct SymmetricInput {
  const double* a;
  const float* kernel;
  const double* roots;
  const double* means;
  double mean;
};

/// X_s = (A + shift_s I)^-1 B in float64, A n x n, B n x columns, out shifts x n x columns.
struct ShiftedRequest {
  SymmetricInput a;
  const double* b;
  const double* shifts;
  float* out;
  size_t n, columns, shiftCount;
};

/// out: the Cholesky factor of A + shift I, A and out n x n.
struct FactorRequest {
  SymmetricInput a;
  double shift;
  double* out;
  size_t n;
};

/// X = (U'U)^-1 B for such a factor U, B and out n x columns.
struct FactoredRequest {
  const double* factor;
  const double* b;
  float* out;
  size_t n, columns;
};

/// The row systems in diagonal coordinates; see src/math/compute/reference/row-solve.ts.
struct RowSolveRequest {
  size_t rank, rows, fixedRows;
  const float* factors;        // fixedRows x rank
  const double* spectrum;      // g: rank
  const double* toBasis;       // T: rank x rank, h = T y, z = w T
  const double* priorToBasis;  // D T: q = p D T
  const uint32_t* indptr;      // rows + 1
  const uint32_t* indices;
  const float* confidence;
  double unobservedWeight;
  const double* rowPrecision;  // rows
  const double* exposure;      // rows, or null: ones
  const float* prior;          // rows x rank, or null: zero
  const float* start;          // rows x rank, where conjugate gradients start; null: the prior
  size_t steps;                // of conjugate gradients at most; 0: exact
  float* out;                  // rows x rank
  float* turned;               // fixedRows x rank: takes z, and the solution stays y; or null. May be `factors`.
};

/// a: n x n symmetric; values: n, descending; vectors: n x n, one a column.
struct EigenRequest {
  const double* a;
  double* values;
  double* vectors;
  size_t n;
};

/// rows x columns in compressed sparse rows, and the memory of its transpose.
struct TransposeRequest {
  size_t rows, columns;
  const uint32_t* indptr;  // rows + 1
  const uint32_t* indices;
  const float* values;
  uint32_t* outIndptr;  // columns + 1
  uint32_t* outIndices;
  float* outValues;
};

/// out (rows x columns) = A B, A rows x depth in compressed sparse rows, B depth x columns.
struct SparseDenseRequest {
  size_t rows, depth, columns;
  const uint32_t* indptr;  // rows + 1
  const uint32_t* indices;
  const float* values;
  const float* b;
  float* out;
};

/// out (rows x columns) = start + A B, the columns from `first` on; A rows x depth and B depth x (first + columns) in compressed
/// sparse rows, those of B ascending.
struct SparseSparseRequest {
  size_t rows, depth, first, columns;
  const uint32_t* indptr;  // rows + 1
  const uint32_t* indices;
  const float* values;
  const uint32_t* bIndptr;  // depth + 1
  const uint32_t* bIndices;
  const float* bValues;
  const float* start;  // rows x columns, `out` itself, or null: zero
  float* out;
};

/// sums (rows x columns), the columns from `first` on, += scale exp(-(x_i + y_j - 2 products_ij) / width).
struct RbfRequest {
  float* sums;
  const float* products;  // rows x (columns - first)
  float* productSums;     // the same shape, or null: the products are added to it
  const float* x;         // rows: squared lengths
  const float* y;         // columns
  float scale, width;
  size_t rows, first, columns;
};

/// out (series x resamples): sums of each series over units drawn with replacement; see src/math/compute/reference/resampling.ts.
struct ResampleRequest {
  const double* values;  // series x units
  double* out;
  size_t series, units, resamples;
  int32_t seed;
};

/// What a solver returns when every system was solved.
constexpr int64_t kSolved = -1;
/// What it returns when an input is not finite, not positive or out of range; its output is then of no use.
constexpr int64_t kUnsound = -2;

struct KernelTable {
  const char* name;
  void (*multiply)(ThreadPool&, const MultiplyRequest&);
  /// kSolved, or kUnsound.
  int64_t (*gram)(ThreadPool&, const GramRequest&);
  void (*topK)(ThreadPool&, const TopKRequest&);
  /// kSolved, or the first pivot that was not positive.
  int64_t (*solveShifted)(ThreadPool&, const ShiftedRequest&);
  /// kSolved, or the first pivot that was not positive.
  int64_t (*factor)(ThreadPool&, const FactorRequest&);
  void (*solveFactored)(ThreadPool&, const FactoredRequest&);
  /// kSolved, or 0 if the iteration did not converge.
  int64_t (*eigen)(ThreadPool&, const EigenRequest&);
  /// kSolved, or kUnsound.
  int64_t (*transpose)(ThreadPool&, const TransposeRequest&);
  /// kSolved, or kUnsound.
  int64_t (*multiplySparse)(ThreadPool&, const SparseDenseRequest&);
  /// kSolved, or kUnsound.
  int64_t (*multiplyBothSparse)(ThreadPool&, const SparseSparseRequest&);
  void (*addRbf)(ThreadPool&, const RbfRequest&);
  void (*resample)(ThreadPool&, const ResampleRequest&);
  /// kSolved, kUnsound, or the first row whose system was not positive definite.
  int64_t (*solveRows)(ThreadPool&, const RowSolveRequest&, Control*);
};

extern const KernelTable kBaselineKernels;
#ifdef TAILREC_X86
extern const KernelTable kAvx2Kernels;
extern const KernelTable kAvx512Kernels;
extern const KernelTable kAvx512VnniKernels;
#endif
