// All jobs for one instruction set. binding.gyp compiles this file once a set, each time with another TAILREC_TABLE.
#include "eigen.h"
#include "gram.h"
#include "kernel-table.h"
#include "multiply.h"
#include "rbf.h"
#include "resample.h"
#include "row-solve-cg.h"
#include "row-solve.h"
#include "solve-shifted.h"
#include "soundness.h"
#include "sparse-product.h"
#include "top-k.h"
#include "transpose.h"

namespace {

int64_t solveRows(ThreadPool& pool, const RowSolveRequest& q, Control* control) {
  if (q.steps > 0) return solveRowsByCg(pool, q, control);
  return isSound(pool, q) ? solveRowsExactly(pool, q, control) : kUnsound;
}

}  // namespace

extern const KernelTable TAILREC_TABLE;
const KernelTable TAILREC_TABLE = {
    TAILREC_NAME, multiply, gram, topK, solveShifted, factor, solveFactored, eigen, transpose, multiplySparse, multiplyBothSparse, addRbf,
    resample, solveRows};
