// C = A B' in float32 (Goto and van de Geijn 2008, cut down): B is packed into panels once a chunk, and every thread takes
// blocks of rows of A. The depth is summed in chunks of 256, which keeps a panel in the first-level cache and the
// rounding of long sums small.
#pragma once
#include <cstring>

#include "buffer.h"
#include "kernel-table.h"
#include "parallel.h"
#include "tile.h"

namespace {

constexpr size_t kDepthChunk = 256;
constexpr size_t kPackedBytes = 4 << 20;  // of packed B: a share of the last-level cache
constexpr size_t kRowBlock = 48;

void multiply(ThreadPool& pool, const MultiplyRequest& q) {
  if (q.rows == 0 || q.columns == 0) return;
  const size_t deepest = max(1, min(q.depth, kDepthChunk));
  const size_t chunkColumns = roundUp(max(kPanel<float>, kPackedBytes / (4 * deepest)), kPanel<float>);
  Buffer<float> packed(min(chunkColumns, roundUp(q.columns, kPanel<float>)) * deepest);
  std::memset(q.out, 0, q.rows * q.columns * sizeof(float));
  for (size_t p0 = 0; p0 < q.depth; p0 += kDepthChunk) {
    const size_t depth = min(kDepthChunk, q.depth - p0);
    for (size_t j0 = 0; j0 < q.columns; j0 += chunkColumns) {
      const size_t columns = min(chunkColumns, q.columns - j0);
      const size_t panels = ceilDivide(columns, kPanel<float>);
      const auto widthOf = [&](size_t panel) { return min(kPanel<float>, columns - panel * kPanel<float>); };
      parallel(pool, panels, [&](size_t panel, unsigned) {
        const float* from = q.b + (j0 + panel * kPanel<float>) * q.depth + p0;
        packRows(from, q.depth, widthOf(panel), depth, packed.data() + panel * kPanel<float> * depth);
      });
      parallel(pool, ceilDivide(q.rows, kRowBlock), [&](size_t block, unsigned) {
        const size_t i0 = block * kRowBlock;
        const Left<float> a{q.a + i0 * q.depth + p0, q.depth, 1};
        for (size_t panel = 0; panel < panels; panel++) {
          float* to = q.out + i0 * q.columns + j0 + panel * kPanel<float>;
          const size_t width = widthOf(panel);
          const Right<float> b{packed.data() + panel * kPanel<float> * depth, kPanel<float>};
          tiles(a, min(kRowBlock, q.rows - i0), b, depth,
                [&](size_t r, FloatVector v0, FloatVector v1) { addRow(to + r * q.columns, v0, v1, width); });
        }
      });
    }
  }
}

}  // namespace
