// The best `count` (score, item) pairs seen so far, in the caller's own arrays: a binary heap with the worst on top.
// Order: higher score first, ties by lower item; a total order, so the result does not depend on who offers when.
#pragma once
#include <cstddef>
#include <cstdint>

struct RankedList {
  float* scores;
  int32_t* items;
  size_t capacity;
  size_t size;

  /// Scores at or below this cannot enter, if items are offered in ascending order.
  float threshold() const;
  void offer(float score, int32_t item);
  /// Best first; places beyond the last candidate get item -1 and score -Infinity.
  void sort();
};
