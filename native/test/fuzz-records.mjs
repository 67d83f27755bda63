/** Records for every job of the kernel: sound ones of random sizes in every kind of memory, and ways to spoil them. */

/** The fields that a job writes. */
export const OUTPUTS = {
  multiply: ["out"],
  gram: ["out"],
  topK: ["foundItems", "foundScores"],
  solveShifted: ["out"],
  factor: ["out"],
  solveFactored: ["out"],
  eigen: ["values", "vectors"],
  transpose: ["outIndptr", "outIndices", "outValues"],
  multiplySparse: ["out"],
  multiplyBothSparse: ["out"],
  addRbf: ["sums", "productSums"],
  resample: ["out"],
  solveRows: ["out", "turned"],
};

export function drawRecord(draws) {
  const job = draws.pick(Object.keys(RECORDS));
  return { job, record: RECORDS[job](draws) };
}

const RECORDS = {
  multiply(draws) {
    const [rows, columns, depth] = sizes(draws, 3);
    const [a, b] = [floats(draws, rows * depth), floats(draws, columns * depth)];
    return { rows, columns, depth, a, b, out: new Float32Array(rows * columns) };
  },
  gram(draws) {
    const [rows, columns] = sizes(draws, 2);
    const weights = maybe(draws, () => doubles(draws, rows));
    const out = new Float64Array(columns * columns);
    return { rows, columns, a: floats(draws, rows * columns), weights, out, single: draws.integer(2) };
  },
  topK(draws) {
    const [queryCount, itemCount, dimension] = sizes(draws, 3);
    const count = 1 + draws.integer(12);
    const views = 1 + draws.integer(3);
    const pattern = maybe(draws, () => drawPattern(draws, queryCount, itemCount));
    return {
      queryCount,
      itemCount,
      dimension,
      count,
      views,
      lengths: Uint32Array.from({ length: views }, () => draws.integer(dimension + 1)).sort(),
      queries: floats(draws, queryCount * dimension),
      items: floats(draws, itemCount * dimension),
      excludeIndptr: pattern?.indptr,
      excludeIndices: pattern?.indices,
      allow: maybe(draws, () =>
        inMemory(
          draws,
          Uint8Array.from({ length: views * itemCount }, () => draws.integer(2)),
        ),
      ),
      itemScale: maybe(draws, () => floats(draws, views * itemCount)),
      asked: maybe(draws, () =>
        inMemory(
          draws,
          Uint8Array.from({ length: views * queryCount }, () => draws.integer(2)),
        ),
      ),
      ...maybe(draws, () => ({
        codes: inMemory(
          draws,
          Int8Array.from({ length: itemCount * dimension }, () => draws.integer(256) - 128),
        ),
        codeSteps: floats(draws, itemCount),
        codeErrors: floats(draws, itemCount),
      })),
      foundItems: new Int32Array(views * queryCount * count),
      foundScores: new Float32Array(views * queryCount * count),
    };
  },
  resample(draws) {
    const [series, units, resamples] = sizes(draws, 3);
    const out = new Float64Array(series * resamples);
    return { series, units, resamples, seed: draws.integer(2 ** 31), values: doubles(draws, series * units), out };
  },
  solveShifted(draws) {
    const [n, columns, shiftCount] = [...sizes(draws, 2), draws.integer(3)];
    const shifts = inMemory(
      draws,
      Float64Array.from({ length: shiftCount }, () => 0.1 + draws.next()),
    );
    const out = new Float32Array(shiftCount * n * columns);
    return { n, columns, shiftCount, ...symmetric(draws, n), b: doubles(draws, n * columns), shifts, out };
  },
  factor(draws) {
    const [n] = sizes(draws, 1);
    return { n, ...symmetric(draws, n), shift: draws.next(), out: new Float64Array(n * n) };
  },
  solveFactored(draws) {
    const [n, columns] = sizes(draws, 2);
    const factor = definite(draws, n);
    return { n, columns, factor, b: doubles(draws, n * columns), out: new Float32Array(n * columns) };
  },
  eigen(draws) {
    const [n] = sizes(draws, 1);
    return { n, a: definite(draws, n), values: new Float64Array(n), vectors: new Float64Array(n * n) };
  },
  transpose(draws) {
    const [rows, columns] = sizes(draws, 2);
    const { indptr, indices } = drawPattern(draws, rows, columns);
    const entries = indices.length;
    return {
      rows,
      columns,
      indptr,
      indices,
      values: floats(draws, entries),
      outIndptr: new Uint32Array(columns + 1),
      outIndices: new Uint32Array(entries),
      outValues: new Float32Array(entries),
    };
  },
  multiplySparse(draws) {
    const [rows, depth, columns] = sizes(draws, 3);
    const { indptr, indices } = drawPattern(draws, rows, depth);
    const [values, b] = [floats(draws, indices.length), floats(draws, depth * columns)];
    return { rows, depth, columns, indptr, indices, values, b, out: new Float32Array(rows * columns) };
  },
  multiplyBothSparse(draws) {
    const [rows, depth, columns] = sizes(draws, 3);
    const first = draws.integer(4);
    const [a, b] = [drawPattern(draws, rows, depth), drawPattern(draws, depth, first + columns)];
    return {
      rows,
      depth,
      first,
      columns,
      ...a,
      values: floats(draws, a.indices.length),
      bIndptr: b.indptr,
      bIndices: b.indices,
      bValues: floats(draws, b.indices.length),
      start: maybe(draws, () => floats(draws, rows * columns)),
      out: new Float32Array(rows * columns),
    };
  },
  addRbf(draws) {
    const [rows, columns] = sizes(draws, 2);
    const first = draws.integer(columns + 1);
    return {
      rows,
      columns,
      first,
      sums: new Float32Array(rows * columns),
      products: floats(draws, rows * (columns - first)),
      productSums: maybe(draws, () => new Float32Array(rows * (columns - first))),
      x: floats(draws, rows),
      y: floats(draws, columns),
      scale: draws.next(),
      width: draws.next(),
    };
  },
  solveRows(draws) {
    const [few, fixedRows] = sizes(draws, 2);
    // Some jobs last long enough to be disturbed in the middle.
    const rows = draws.next() < 0.05 ? 3000 : few;
    const rank = 1 + draws.integer(40);
    const { indptr, indices } = drawPattern(draws, rows, fixedRows);
    const identity = Float64Array.from({ length: rank * rank }, (_, p) => Number(p % (rank + 1) === 0));
    const positive = (length) => Float64Array.from({ length }, () => 0.1 + draws.next());
    const steps = draws.integer(4);
    return {
      rank,
      rows,
      fixedRows,
      factors: floats(draws, fixedRows * rank),
      spectrum: inMemory(draws, positive(rank)),
      toBasis: inMemory(draws, identity),
      priorToBasis: inMemory(draws, identity),
      indptr,
      indices,
      confidence: inMemory(draws, Float32Array.from(positive(indices.length))),
      unobservedWeight: draws.next(),
      rowPrecision: inMemory(draws, positive(rows)),
      exposure: maybe(draws, () => doubles(draws, rows, 0)),
      prior: maybe(draws, () => floats(draws, rows * rank)),
      start: maybe(draws, () => floats(draws, rows * rank)),
      steps,
      out: new Float32Array(rows * rank),
      turned: steps === 0 ? undefined : maybe(draws, () => new Float32Array(fixedRows * rank)),
      control: new Int32Array(new SharedArrayBuffer(12)),
    };
  },
};

/** A copy of the record with one field that is not as it should be; now and then no record at all. */
export function spoil(record, draws) {
  if (draws.next() < 0.03) return draws.pick([undefined, null, 7, "record", []]);
  const name = draws.pick(Object.keys(record));
  const value = record[name];
  if (draws.next() < 0.03)
    return {
      ...record,
      get [name]() {
        throw new Error("a getter that throws");
      },
    };
  return { ...record, [name]: ArrayBuffer.isView(value) ? spoiledArray(value, draws) : spoiledNumber(draws) };
}

function spoiledNumber(draws) {
  return draws.pick([
    -1,
    -7,
    0.5,
    Number.NaN,
    Infinity,
    -Infinity,
    2 ** 31,
    2 ** 32 + 1,
    2 ** 53,
    1e300,
    "3",
    null,
    {},
    [],
    3n,
  ]);
}

function spoiledArray(array, draws) {
  const Other = array instanceof Float32Array ? Float64Array : Float32Array;
  const detached = array.slice();
  structuredClone(detached.buffer, { transfer: [detached.buffer] });
  const rubbish = array.slice();
  new Uint8Array(rubbish.buffer).fill(draws.pick([255, 127, 128, draws.integer(256)]));
  const wrong = [undefined, null, 3, "array", [...array], { length: array.length }, new Other(array.length), detached];
  wrong.push(
    new DataView(new ArrayBuffer(8)),
    array.slice(1),
    new array.constructor(array.length + 1),
    rubbish,
    rubbish,
    rubbish,
  );
  return draws.pick(wrong);
}

/** Small as a rule, so that ten thousand calls take seconds; now and then nothing, or enough for several blocks. */
function sizes(draws, count) {
  return Array.from({ length: count }, () => {
    const kind = draws.next();
    if (kind < 0.08) return 0;
    return 1 + draws.integer(kind < 0.95 ? 24 : 250);
  });
}

function maybe(draws, create) {
  return draws.next() < 0.5 ? create() : undefined;
}

function floats(draws, length) {
  return inMemory(
    draws,
    Float32Array.from({ length }, () => draws.next() - 0.5),
  );
}

function doubles(draws, length, least = -0.5) {
  return inMemory(
    draws,
    Float64Array.from({ length }, () => draws.next() + least),
  );
}

/** A symmetric matrix that is positive definite: its diagonal dominates. */
/** A matrix for systems, in one form or the other. */
function symmetric(draws, n) {
  const a = definite(draws, n);
  if (draws.integer(2) === 0) return { a };
  const roots = inMemory(draws, new Float64Array(n).fill(1.5));
  return { kernel: inMemory(draws, Float32Array.from(a)), roots, means: doubles(draws, n), mean: 8 + draws.next() };
}

function definite(draws, n) {
  const a = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < i; j++) a[i * n + j] = a[j * n + i] = draws.next() - 0.5;
    a[i * n + i] = n;
  }
  return inMemory(draws, a);
}

function drawPattern(draws, rows, columns) {
  const indptr = new Uint32Array(rows + 1);
  const indices = [];
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) if (draws.next() < 0.2) indices.push(j);
    indptr[i + 1] = indices.length;
  }
  return { indptr: inMemory(draws, indptr), indices: inMemory(draws, Uint32Array.from(indices)) };
}

/** The array as it is, as a view into a larger buffer, or in memory that can be resized, is shared, or is shared and grows. */
function inMemory(draws, array) {
  const kind = draws.integer(6);
  if (kind < 2) return array;
  const { BYTES_PER_ELEMENT: size } = array;
  const [bytes, offset] = [array.byteLength, kind === 2 ? 3 * size : 0];
  const maxByteLength = bytes + 64;
  const buffers = [
    () => new ArrayBuffer(bytes + 8 * size),
    () => new ArrayBuffer(bytes, { maxByteLength }),
    () => new SharedArrayBuffer(bytes),
    () => new SharedArrayBuffer(bytes, { maxByteLength }),
  ];
  const copy = new array.constructor(buffers[kind - 2](), offset, array.length);
  copy.set(array);
  return copy;
}
