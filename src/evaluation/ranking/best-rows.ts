/** The best of some rows by their scores: a binary heap with the worst on top. Rows that tie stay in the order of the candidates. */

/** The best `count` rows of `candidates` in their order where they tie, -1 beyond the last; those at -Infinity do not compete. */
export function bestRows(scores: Float32Array, candidates: Uint32Array, count: number): Int32Array {
  const heap: WorstFirst = { places: new Uint32Array(count), scores: new Float32Array(count) };
  let size = 0;
  let least = Number.NEGATIVE_INFINITY;
  for (let place = 0; place < candidates.length && count > 0; place++) {
    const score = scores[candidates[place]];
    if (!(score > least)) continue;
    if (size < count) raise(heap, size++, score, place);
    else lower(heap, size, score, place);
    if (size === count) least = heap.scores[0];
  }
  const best = new Int32Array(count).fill(-1);
  for (let left = size; left > 0; left--) {
    best[left - 1] = candidates[heap.places[0]];
    lower(heap, left - 1, heap.scores[left - 1], heap.places[left - 1]);
  }
  return best;
}

interface WorstFirst {
  /** Places among the candidates. */
  readonly places: Uint32Array;
  readonly scores: Float32Array;
}

/** Whether what lies at `at` is worse than a score at a place. */
function isWorse({ places, scores }: WorstFirst, at: number, score: number, place: number): boolean {
  return scores[at] < score || (scores[at] === score && places[at] > place);
}

/** Adds at the end, `at`, and moves up what is worse than its parents. */
function raise(heap: WorstFirst, at: number, score: number, place: number): void {
  let here = at;
  while (here > 0 && !isWorse(heap, (here - 1) >> 1, score, place)) {
    move(heap, (here - 1) >> 1, here);
    here = (here - 1) >> 1;
  }
  put(heap, here, score, place);
}

/** Puts in place of the top of a heap of `size`, and moves down what is better than its children. */
function lower(heap: WorstFirst, size: number, score: number, place: number): void {
  let here = 0;
  for (;;) {
    let child = 2 * here + 1;
    if (child >= size) break;
    if (child + 1 < size && isWorse(heap, child + 1, heap.scores[child], heap.places[child])) child++;
    if (!isWorse(heap, child, score, place)) break;
    move(heap, child, here);
    here = child;
  }
  put(heap, here, score, place);
}

function move({ places, scores }: WorstFirst, from: number, to: number): void {
  places[to] = places[from];
  scores[to] = scores[from];
}

function put({ places, scores }: WorstFirst, at: number, score: number, place: number): void {
  places[at] = place;
  scores[at] = score;
}
