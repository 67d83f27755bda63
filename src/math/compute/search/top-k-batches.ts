/**
 * Searches that arrive while another runs go together in the next: one pass over the items serves them all. Requests of few queries
 * are joined where items, scales and flags are the same arrays; each gets what it would get alone.
 */
import type { SparseMatrix } from "../../matrix.ts";
import type { ComputeBackend, TopK, TopKRequest } from "../compute-backend.ts";

/** Larger requests fill a pass by themselves. */
const FEW_QUERIES = 8;
const MOST_TOGETHER = 64;
/** Codes are read for so many at once: more are sums in another order, and a longer pass for whoever waits behind it. */
const MOST_CODED = 8;

interface Waiting {
  readonly request: TopKRequest;
  resolve(found: TopK): void;
  reject(error: unknown): void;
}

interface Line {
  waiting: Waiting[];
  isRunning: boolean;
}

/** One line for each array of items. */
const lines = new WeakMap<Float32Array, Line>();

export function topKTogether(backend: ComputeBackend, request: TopKRequest): Promise<TopK> {
  if (request.queries.rows > FEW_QUERIES) return backend.topK(request);
  const { values } = request.items;
  const line = lines.get(values) ?? { waiting: [], isRunning: false };
  lines.set(values, line);
  return new Promise((resolve, reject) => {
    line.waiting.push({ request, resolve, reject });
    if (!line.isRunning) void serve(backend, line);
  });
}

async function serve(backend: ComputeBackend, line: Line): Promise<void> {
  line.isRunning = true;
  while (line.waiting.length > 0) {
    const [first] = line.waiting;
    const group = filling(line.waiting.filter((other) => goTogether(first.request, other.request)));
    line.waiting = line.waiting.filter((other) => !group.includes(other));
    await answer(backend, group);
  }
  line.isRunning = false;
}

/** As many of them, the first ones, as one pass serves. */
function filling(alike: readonly Waiting[]): readonly Waiting[] {
  const most = alike[0].request.codes === undefined ? MOST_TOGETHER : MOST_CODED;
  let queries = 0;
  return alike.filter(({ request }, place) => {
    queries += request.queries.rows;
    return place === 0 || queries <= most;
  });
}

function goTogether(a: TopKRequest, b: TopKRequest): boolean {
  if (a === b) return true;
  // An unsound one is answered alone, by the check that names its fault.
  if (![a, b].every(({ queries: { rows, columns, values } }) => values.length === rows * columns)) return false;
  const sameItems = a.items.values === b.items.values && a.items.rows === b.items.rows;
  const sameParts = a.itemScale === b.itemScale && a.allow === b.allow && a.codes?.codes === b.codes?.codes;
  return sameItems && sameParts && a.queries.columns === b.queries.columns;
}

async function answer(backend: ComputeBackend, group: readonly Waiting[]): Promise<void> {
  try {
    if (group.length === 1) return group[0].resolve(await backend.topK(group[0].request));
    const found = await backend.topK(joined(group.map(({ request }) => request)));
    let row = 0;
    for (const { request, resolve } of group) {
      resolve(part(found, row, request));
      row += request.queries.rows;
    }
  } catch (error) {
    // One unsound request must not fail its neighbours.
    if (group.length === 1) return group[0].reject(error);
    for (const one of group) await answer(backend, [one]);
  }
}

function joined(requests: readonly TopKRequest[]): TopKRequest {
  const [{ items, itemScale, allow, codes, queries }] = requests;
  const { columns } = queries;
  const rows = requests.reduce((sum, request) => sum + request.queries.rows, 0);
  const values = new Float32Array(rows * columns);
  let at = 0;
  for (const request of requests) {
    values.set(request.queries.values, at);
    at += request.queries.values.length;
  }
  return {
    items,
    queries: { rows, columns, values },
    count: Math.max(...requests.map(({ count }) => count)),
    ...(requests.some(({ exclude }) => exclude !== undefined) && { exclude: joinedExclusions(requests, rows) }),
    ...(itemScale && { itemScale }),
    ...(allow && { allow }),
    ...(codes && { codes }),
  };
}

function joinedExclusions(requests: readonly TopKRequest[], rows: number): SparseMatrix {
  const indptr = new Uint32Array(rows + 1);
  const indices: number[] = [];
  let row = 0;
  for (const { queries, exclude } of requests) {
    for (let i = 0; i < queries.rows; i++) {
      if (exclude !== undefined) indices.push(...exclude.indices.subarray(exclude.indptr[i], exclude.indptr[i + 1]));
      indptr[++row] = indices.length;
    }
  }
  const values = new Float32Array(indices.length).fill(1);
  return { rows, columns: requests[0].items.rows, indptr, indices: Uint32Array.from(indices), values };
}

/** The lists of one request: the beginnings of its rows. */
function part(found: TopK, from: number, { queries, count }: TopKRequest): TopK {
  const items = new Int32Array(queries.rows * count);
  const scores = new Float32Array(queries.rows * count);
  for (let i = 0; i < queries.rows; i++) {
    const begin = (from + i) * found.count;
    items.set(found.items.subarray(begin, begin + count), i * count);
    scores.set(found.scores.subarray(begin, begin + count), i * count);
  }
  return { count, items, scores };
}
