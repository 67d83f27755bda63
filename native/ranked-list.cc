#include "ranked-list.h"

#include <cassert>
#include <limits>
#include <utility>

namespace {

constexpr float kNothing = -std::numeric_limits<float>::infinity();

bool isWorse(const RankedList& list, size_t a, size_t b) {
  return list.scores[a] < list.scores[b] || (list.scores[a] == list.scores[b] && list.items[a] > list.items[b]);
}

void swapPlaces(RankedList& list, size_t a, size_t b) {
  std::swap(list.scores[a], list.scores[b]);
  std::swap(list.items[a], list.items[b]);
}

void siftUp(RankedList& list, size_t place) {
  while (place > 0 && isWorse(list, place, (place - 1) / 2)) {
    swapPlaces(list, place, (place - 1) / 2);
    place = (place - 1) / 2;
  }
}

void siftDown(RankedList& list, size_t size) {
  for (size_t place = 0;;) {
    size_t worst = place;
    for (size_t child = 2 * place + 1; child <= 2 * place + 2; child++) {
      if (child < size && isWorse(list, child, worst)) worst = child;
    }
    if (worst == place) return;
    swapPlaces(list, place, worst);
    place = worst;
  }
}

}  // namespace

float RankedList::threshold() const { return size < capacity ? kNothing : scores[0]; }

void RankedList::offer(float score, int32_t item) {
  assert(size <= capacity && capacity > 0);
  if (size < capacity) {
    scores[size] = score;
    items[size] = item;
    siftUp(*this, size++);
  } else if (score > scores[0] || (score == scores[0] && item < items[0])) {
    scores[0] = score;
    items[0] = item;
    siftDown(*this, size);
  }
}

void RankedList::sort() {
  for (size_t last = size; last-- > 1;) {
    swapPlaces(*this, 0, last);
    siftDown(*this, last);
  }
  for (size_t place = size; place < capacity; place++) {
    scores[place] = kNothing;
    items[place] = -1;
  }
}
