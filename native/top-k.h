// Exact top-k. Queries lie in vector lanes, items are broadcast from where they are, and each register tile is compared
// with the current k-th score of its queries, so that a score which cannot enter a list costs one comparison. Few queries (a service
// asks one at a time) are plain dot products at the speed of memory instead, or of the items' 8-bit codes (item-codes.h).
// Where a processor multiplies bytes, those score exactly that pass a filter in 8 bits (byte-filter.h).
// Exclusions are looked up for the few scores that pass the comparison. Several views of the items (their flags, their scales, how many
// of their leading numbers count) share one product: each view has lists of its own, and a sum is offered to those that end there.
#pragma once
#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstring>
#include <limits>
#include <optional>
#include <vector>

#include "buffer.h"
#include "byte-filter.h"
#include "item-codes.h"
#include "kernel-table.h"
#include "parallel.h"
#include "ranked-list.h"
#include "tile.h"

namespace {

constexpr size_t kQueryBlock = 8 * kPanel<float>;  // packed queries of a task stay in the second-level cache
constexpr size_t kFewQueries = 4;
constexpr size_t kCodedQueries = 8;  // beyond, tiles of exact scores are quicker than one bound after the other
constexpr size_t kItemGroup = 4 * kTileRows;
constexpr size_t kShareItems = 8192;  // fewer items are not worth another list to merge

inline bool isExcluded(const TopKRequest& q, size_t query, uint32_t item) {
  if (q.excludeIndptr == nullptr) return false;
  uint32_t low = q.excludeIndptr[query], high = q.excludeIndptr[query + 1];
  assert(low <= high);
  while (low < high) {
    const uint32_t middle = low + (high - low) / 2;
    if (q.excludeIndices[middle] < item) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low < q.excludeIndptr[query + 1] && q.excludeIndices[low] == item;
}

inline bool isAsked(const TopKRequest& q, size_t view, size_t query) {
  return q.asked == nullptr || q.asked[view * q.queryCount + query] != 0;
}
inline bool isAllowed(const TopKRequest& q, size_t view, size_t item) {
  return q.allow == nullptr || q.allow[view * q.itemCount + item] != 0;
}
inline float scaleOf(const TopKRequest& q, size_t view, size_t item) {
  return q.itemScale == nullptr ? 1 : q.itemScale[view * q.itemCount + item];
}

/// The lists of a block of queries over one share of the items in one view, and their thresholds side by side.
class BlockLists {
 public:
  BlockLists(const TopKRequest& q, size_t view, size_t firstQuery, size_t queries, float* scores, int32_t* items)
      : q_(q), view_(view), firstQuery_(firstQuery), queries_(queries), lists_(queries), thresholds_(roundUp(queries, kPanel<float>)) {
    for (size_t i = 0; i < queries; i++) lists_[i] = RankedList{scores + i * q.count, items + i * q.count, q.count, 0};
    constexpr float infinity = std::numeric_limits<float>::infinity();
    for (size_t i = 0; i < roundUp(queries, kPanel<float>); i++) {
      thresholds_[i] = i < queries && isAsked(q, view, firstQuery + i) ? -infinity : infinity;
    }
  }

  size_t length() const { return q_.lengths[view_]; }
  bool allows(size_t item) const { return isAllowed(q_, view_, item); }
  float scaleAt(size_t item) const { return scaleOf(q_, view_, item); }

  void offer(size_t i, float score, size_t item) {
    if (!(score > thresholds_[i]) || isExcluded(q_, firstQuery_ + i, static_cast<uint32_t>(item))) return;
    lists_[i].offer(score, static_cast<int32_t>(item));
    thresholds_[i] = std::max(thresholds_[i], lists_[i].threshold());
  }

  /// Takes no score below those in full lists of some of the same items.
  void expectAtLeast(const BlockLists& found) {
    for (size_t i = 0; i < queries_; i++) {
      const float least = std::nextafter(found.lists_.data()[i].threshold(), -std::numeric_limits<float>::infinity());
      thresholds_[i] = std::max(thresholds_[i], least);
    }
  }

  /// Whether no score up to the bound can enter; false where the bound is not a number.
  bool shutsOut(size_t i, float bound) const { return bound <= thresholds_.data()[i]; }

  /// Scores of one item for the queries of the panel that begins at `first`.
  void offerLanes(size_t first, FloatVector v0, FloatVector v1, size_t item) {
    const uint32_t low = lanesAbove(v0, thresholds(first));
    const uint32_t high = lanesAbove(v1, thresholds(first + kLanes<float>));
    if (__builtin_expect((low | high) == 0, 1)) return;
    offerSet(first, v0, low, item);
    offerSet(first + kLanes<float>, v1, high, item);
  }

  /// Of half a panel.
  void offerHalf(size_t first, FloatVector scores, size_t item) {
    const uint32_t lanes = lanesAbove(scores, thresholds(first));
    if (lanes != 0) offerSet(first, scores, lanes, item);
  }

  /// Of the queries from `first` on, as many as a vector holds.
  FloatVector thresholds(size_t first) const { return load(thresholds_.data() + first); }

  void finish(uint32_t* sizes) const {
    for (size_t i = 0; i < queries_; i++) sizes[i] = static_cast<uint32_t>(lists_.data()[i].size);
  }

 private:
  __attribute__((noinline)) void offerSet(size_t first, FloatVector scores, uint32_t lanes, size_t item) {
    float each[kLanes<float>];
    store(each, scores);
    for (; lanes != 0; lanes &= lanes - 1) {
      const size_t lane = static_cast<size_t>(__builtin_ctz(lanes));
      offer(first + lane, each[lane], item);
    }
  }

  const TopKRequest& q_;
  size_t view_, firstQuery_, queries_;
  Buffer<RankedList> lists_;
  Buffer<float> thresholds_;
};

/// The lists of a block of queries, one a view.
using ViewLists = std::vector<BlockLists>;

/// Scores of `count` items for the panel of queries that begins at `firstQuery`.
inline void offerGroup(const float* scores, size_t item, size_t count, size_t firstQuery, BlockLists& lists) {
  for (size_t r = 0; r < count; r++) {
    if (!lists.allows(item + r)) continue;
    const float scale = lists.scaleAt(item + r);
    const float* row = scores + r * kPanel<float>;
    lists.offerLanes(firstQuery, scale * load(row), scale * load(row + kLanes<float>), item + r);
  }
}

/// Through a small buffer: offering from inside the tile made GCC 12 keep the sums in memory, at half the speed.
void addProducts(Left<float> items, size_t count, Right<float> queries, size_t depth, float* scores) {
  const auto start = [=](size_t r, FloatVector& v0, FloatVector& v1) {
    v0 = load(scores + r * kPanel<float>);
    v1 = load(scores + r * kPanel<float> + kLanes<float>);
  };
  tilesFrom(items, count, queries, depth, start, [=](size_t r, FloatVector v0, FloatVector v1) {
    store(scores + r * kPanel<float>, v0);
    store(scores + r * kPanel<float> + kLanes<float>, v1);
  });
}

/// Many queries: panels of queries against groups of items.
void scoreByTiles(const TopKRequest& q, size_t firstQuery, size_t queries, size_t firstItem, size_t lastItem, ViewLists& views) {
  const size_t panels = ceilDivide(queries, kPanel<float>), panelSize = q.dimension * kPanel<float>;
  Buffer<float> packed(panels * panelSize);
  for (size_t panel = 0; panel < panels; panel++) {
    const size_t i = panel * kPanel<float>;
    packRows(q.queries + (firstQuery + i) * q.dimension, q.dimension, min(kPanel<float>, queries - i), q.dimension,
             packed.data() + panel * panelSize);
  }
  alignas(64) float scores[kItemGroup * kPanel<float>];
  for (size_t item = firstItem; item < lastItem; item += kItemGroup) {
    const size_t count = min(kItemGroup, lastItem - item);
    for (size_t panel = 0; panel < panels; panel++) {
      const float* const queriesHere = packed.data() + panel * panelSize;
      std::memset(scores, 0, count * kPanel<float> * sizeof(float));
      size_t summed = 0;
      for (BlockLists& lists : views) {
        if (lists.length() > summed) {
          const Left<float> group{q.items + item * q.dimension + summed, q.dimension, 1};
          const Right<float> right{queriesHere + summed * kPanel<float>, kPanel<float>};
          addProducts(group, count, right, lists.length() - summed, scores);
          summed = lists.length();
        }
        offerGroup(scores, item, count, panel * kPanel<float>, lists);
      }
    }
  }
}

#if defined(__AVX512VNNI__)

constexpr size_t kFilteredItems = 32 * kTileRows;  // between filter and scores; the lists that the filter compares with are so old
constexpr size_t kFilteredQueries = 128;           // fewer are not worth the codes of all items
constexpr size_t kFilteredShare = 64;              // items a place of a list: where the lists take most of them nothing is left out
constexpr size_t kFilteredLength = 16;

/// Whether the filter saves time; it changes no list.
inline bool isWorthFiltering(const TopKRequest& q) {
  const size_t length = q.lengths[0];
  const bool isOne = std::all_of(q.lengths, q.lengths + q.views, [=](uint32_t other) { return other == length; });
  return isOne && length >= kFilteredLength && length <= kMostFiltered && q.queryCount >= kFilteredQueries &&
         q.itemCount >= kFilteredShare * q.count;
}

/// Scores of some rows for half a panel of queries, the sums in the order of `addProducts`.
template <size_t Rows>
inline void sumHalf(const float* rows, const float* queries, size_t depth, float* scores) {
  FloatVector sums[Rows] = {};
  for (size_t p = 0; p < depth; p++) {
    const FloatVector x = load(queries + p * kPanel<float>);
#pragma GCC unroll 16
    for (size_t r = 0; r < Rows; r++) sums[r] += rows[r * depth + p] * x;
  }
  for (size_t r = 0; r < Rows; r++) store(scores + r * kLanes<float>, sums[r]);
}

/// Items that are scored exactly for half a panel, ascending.
struct OpenItems {
  size_t count = 0;
  uint32_t items[max(kFilteredItems, kLongestItems)];
};

/// Their scores for the half that begins at `first`, whose packed queries are given. `rows`: room for kTileRows of them.
void offerOpen(const TopKRequest& q, const OpenItems& open, const float* queries, size_t first, float* rows, ViewLists& views) {
  const size_t depth = q.lengths[0];
  alignas(64) float scores[kTileRows * kLanes<float>];
  for (size_t begin = 0; begin < open.count; begin += kTileRows) {
    const size_t count = min(kTileRows, open.count - begin);
    const uint32_t* const items = open.items + begin;
    for (size_t r = 0; r < count; r++) std::memcpy(rows + r * depth, q.items + items[r] * q.dimension, depth * sizeof(float));
    size_t r = count == kTileRows ? kTileRows : 0;
    if (r > 0) sumHalf<kTileRows>(rows, queries, depth, scores);
    for (; r + 4 <= count; r += 4) sumHalf<4>(rows + r * depth, queries, depth, scores + r * kLanes<float>);
    for (; r < count; r++) sumHalf<1>(rows + r * depth, queries, depth, scores + r * kLanes<float>);
    for (r = 0; r < count; r++) {
      for (BlockLists& lists : views) {
        if (lists.allows(items[r])) lists.offerHalf(first, lists.scaleAt(items[r]) * load(scores + r * kLanes<float>), items[r]);
      }
    }
  }
}

/// Many queries, and items in 8 bits: a group of items is filtered for a panel, then those that are left are scored. What the longest
/// items score comes first: no list takes less than its k-th best of these.
class ByteSearch {
 public:
  ByteSearch(const TopKRequest& q, const ByteItems& coded, size_t firstQuery, size_t queries, ViewLists& views)
      : q_(q), coded_(coded), firstQuery_(firstQuery), queries_(queries), depth_(q.lengths[0]), panels_(ceilDivide(queries, kPanel<float>)),
        bytes_(q.queries + firstQuery * q.dimension, queries, q.dimension, depth_), packed_(panels_ * depth_ * kPanel<float>),
        rows_(kTileRows * depth_), products_(kFilteredItems * kPanel<float>), thresholds_(views.size()), views_(views) {
    for (size_t panel = 0; panel < panels_; panel++) {
      const size_t i = panel * kPanel<float>;
      packRows(q.queries + (firstQuery + i) * q.dimension, q.dimension, min(kPanel<float>, queries - i), depth_, packedFrom(i));
    }
    raiseThresholds();
  }

  void run(size_t firstItem, size_t lastItem) {
    for (size_t group = firstItem; group < lastItem; group += kFilteredItems) {
      const size_t count = min(kFilteredItems, lastItem - group);
      for (size_t panel = 0; panel < panels_; panel++) {
        bytes_.products(coded_, group, count, panel, products_.data());
        eachHalf(panel, [&](size_t first) { offerOpen(q_, openOf(group, count, first), packedFrom(first), first, rows_.data(), views_); });
      }
    }
  }

 private:
  /// Where the packed queries of the half of a panel lie.
  float* packedFrom(size_t first) {
    return packed_.data() + first / kPanel<float> * depth_ * kPanel<float> + first % kPanel<float>;
  }

  template <class F>
  void eachHalf(size_t panel, const F& visit) {
    for (size_t first = panel * kPanel<float>; first < min(queries_, (panel + 1) * kPanel<float>); first += kLanes<float>) visit(first);
  }

  /// What a list of some view may take, by the bounds of the scores. Thresholds stand still meanwhile.
  OpenItems openOf(size_t group, size_t count, size_t first) {
    const ByteQueries::Half half = bytes_.half(first);
    const int32_t* products = products_.data() + first % kPanel<float>;
    for (size_t view = 0; view < views_.size(); view++) thresholds_[view] = views_[view].thresholds(first);
    const FloatVector* const thresholds = thresholds_.data();
    OpenItems open;
    for (size_t item = group; item < group + count; item++, products += kPanel<float>) {
      const FloatVector bound = half.bounds(coded_[item], products);
      uint32_t lanes = 0;
      for (size_t view = 0; view < q_.views; view++) {
        if (!isAllowed(q_, view, item)) continue;
        const float scale = scaleOf(q_, view, item);
        // A scale below 0 turns the bound round.
        lanes |= scale >= 0 ? lanesOpen(scale * bound, thresholds[view]) : 1;
      }
      open.items[open.count] = static_cast<uint32_t>(item);
      open.count += lanes != 0;
    }
    return open;
  }

  void raiseThresholds() {
    const std::vector<uint32_t>& longest = coded_.longest();
    OpenItems open;
    open.count = longest.size();
    std::copy(longest.begin(), longest.end(), open.items);
    const size_t places = queries_ * q_.count;
    Buffer<float> scores(views_.size() * places);
    Buffer<int32_t> items(views_.size() * places);
    ViewLists found;
    found.reserve(views_.size());
    for (size_t view = 0; view < views_.size(); view++) {
      found.emplace_back(q_, view, firstQuery_, queries_, scores.data() + view * places, items.data() + view * places);
    }
    for (size_t panel = 0; panel < panels_; panel++) {
      eachHalf(panel, [&](size_t first) { offerOpen(q_, open, packedFrom(first), first, rows_.data(), found); });
    }
    for (size_t view = 0; view < views_.size(); view++) views_[view].expectAtLeast(found[view]);
  }

  const TopKRequest& q_;
  const ByteItems& coded_;
  size_t firstQuery_, queries_, depth_, panels_;
  ByteQueries bytes_;
  Buffer<float> packed_, rows_;
  Buffer<int32_t> products_;
  Buffer<FloatVector> thresholds_;
  ViewLists& views_;
};

#endif

inline float dotOf(const float* a, const float* b, size_t length) {
  FloatVector sum0 = {}, sum1 = {};
  size_t p = 0;
  for (; p + kPanel<float> <= length; p += kPanel<float>) {
    sum0 += load(a + p) * load(b + p);
    sum1 += load(a + p + kLanes<float>) * load(b + p + kLanes<float>);
  }
  sum0 += sum1;
  float sum = 0;
  for (size_t lane = 0; lane < kLanes<float>; lane++) sum += sum0[lane];
  for (; p < length; p++) sum += a[p] * b[p];
  return sum;
}

void scoreByDots(const TopKRequest& q, size_t firstQuery, size_t queries, size_t firstItem, size_t lastItem, ViewLists& views) {
  for (size_t item = firstItem; item < lastItem; item++) {
    if (std::none_of(views.begin(), views.end(), [&](const BlockLists& lists) { return lists.allows(item); })) continue;
    for (size_t i = 0; i < queries; i++) {
      float score = 0;
      size_t summed = std::numeric_limits<size_t>::max();
      for (BlockLists& lists : views) {
        if (!lists.allows(item)) continue;
        if (lists.length() != summed) {
          summed = lists.length();
          score = dotOf(q.queries + (firstQuery + i) * q.dimension, q.items + item * q.dimension, summed);
        }
        lists.offer(i, lists.scaleAt(item) * score, item);
      }
    }
  }
}

/// Few queries, items in 8 bits: those alone are scored whose bound may enter a list.
void scoreByCodes(const TopKRequest& q, size_t firstQuery, size_t queries, size_t firstItem, size_t lastItem, BlockLists& lists) {
  const CodedQueries coded(q, firstQuery, queries);
  for (size_t item = firstItem; item < lastItem; item++) {
    if (!lists.allows(item)) continue;
    const float scale = lists.scaleAt(item);
    const int8_t* code = q.codes + item * q.dimension;
    for (size_t i = 0; i < queries; i++) {
      const float bound = coded.bound(i, code, q.codeSteps[item], q.codeErrors[item]);
      if (scale >= 0 && lists.shutsOut(i, scale * bound)) continue;
      lists.offer(i, scale * dotOf(q.queries + (firstQuery + i) * q.dimension, q.items + item * q.dimension, q.dimension), item);
    }
  }
}

/// Offers the lists of all shares to one list in the result. `row`: view after view, the queries of each.
void mergeShares(const TopKRequest& q, size_t row, size_t shares, const float* scores, const int32_t* items, const uint32_t* sizes) {
  RankedList list{q.foundScores + row * q.count, q.foundItems + row * q.count, q.count, 0};
  for (size_t share = 0; share < shares; share++) {
    const size_t at = share * q.views * q.queryCount + row;
    assert(sizes[at] <= q.count);
    for (size_t place = 0; place < sizes[at]; place++) list.offer(scores[at * q.count + place], items[at * q.count + place]);
  }
  list.sort();
}

void topK(ThreadPool& pool, const TopKRequest& q) {
  const size_t perThread = roundUp(ceilDivide(q.queryCount, pool.threads()), kPanel<float>);
  const size_t blockQueries = max(1, min(kQueryBlock, perThread));
  const size_t blocks = ceilDivide(q.queryCount, blockQueries);
  // With fewer blocks than threads the items are shared out too; the lists are merged by a total order, so the cut cannot show.
  const size_t wanted = blocks >= 2 * pool.threads() ? 1 : ceilDivide(2 * pool.threads(), max(1, blocks));
  const size_t shares = max(1, min(wanted, q.itemCount / kShareItems));
  const size_t shareItems = ceilDivide(q.itemCount, shares);
  const size_t rows = q.views * q.queryCount;
  Buffer<float> scores(shares * rows * q.count);
  Buffer<int32_t> items(shares * rows * q.count);
  Buffer<uint32_t> sizes(shares * rows);
#if defined(__AVX512VNNI__)
  std::optional<ByteItems> bytes;
  if (isWorthFiltering(q)) bytes.emplace(pool, q.items, q.itemCount, q.dimension, q.lengths[0]);
#endif
  parallel(pool, blocks * shares, [&](size_t task, unsigned) {
    const size_t share = task % shares, first = task / shares * blockQueries;
    const size_t queries = min(blockQueries, q.queryCount - first);
    const size_t firstItem = min(share * shareItems, q.itemCount), lastItem = min(firstItem + shareItems, q.itemCount);
    const auto rowOf = [&](size_t view) { return (share * q.views + view) * q.queryCount + first; };
    ViewLists views;
    views.reserve(q.views);
    for (size_t view = 0; view < q.views; view++) {
      const size_t at = rowOf(view) * q.count;
      views.emplace_back(q, view, first, queries, scores.data() + at, items.data() + at);
    }
#if defined(__AVX512VNNI__)
    if (bytes.has_value()) {
      ByteSearch(q, *bytes, first, queries, views).run(firstItem, lastItem);
    } else
#endif
    if (q.codes != nullptr && q.views == 1 && q.lengths[0] == q.dimension && q.queryCount <= kCodedQueries) {
      scoreByCodes(q, first, queries, firstItem, lastItem, views[0]);
    } else if (q.queryCount <= kFewQueries) {
      scoreByDots(q, first, queries, firstItem, lastItem, views);
    } else {
      scoreByTiles(q, first, queries, firstItem, lastItem, views);
    }
    for (size_t view = 0; view < q.views; view++) views[view].finish(sizes.data() + rowOf(view));
  });
  parallel(pool, rows, [&](size_t row, unsigned) {
    mergeShares(q, row, shares, scores.data(), items.data(), sizes.data());
  });
}

}  // namespace
