/**
 * Random calls of the compiled kernel: `node --expose-gc fuzz.mjs ADDON CALLS SEED`. Half of the records are sound, half are
 * spoiled in one field; arrays lie in every kind of memory, and while jobs run that memory is transferred, shrunk, grown and
 * overwritten. A call may be refused with an error that says what was expected, or give a status; the process must live. What was
 * only read from ordinary memory must give the bytes of an undisturbed call.
 */
import { createRequire } from "node:module";
import { resolve } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { createDraws } from "./draws.mjs";
import { drawRecord, OUTPUTS, spoil } from "./fuzz-records.mjs";

const [path, calls, seed] = [resolve(process.argv[2]), Number(process.argv[3]), Number(process.argv[4])];
const { Engine, instructionSets } = createRequire(import.meta.url)(path);
const draws = createDraws(seed);
const engines = instructionSets.flatMap((name) => [1, 3].map((threads) => new Engine(threads, name)));
const counts = { answered: 0, refused: 0, compared: 0 };
/** Jobs that run at the same time, and the arrays that they were given. */
const running = new Set();

for (let call = 0; call < calls; call++) {
  const pending = startCall(draws.pick(engines));
  running.add(pending);
  pending.finally(() => running.delete(pending));
  if (running.size >= 8 || draws.next() < 0.3) await Promise.race(running);
  if (call % 500 === 0) globalThis.gc?.();
}
await Promise.all(running);
console.log(
  `${calls} random calls: ${counts.answered} answered, ${counts.refused} refused, ${counts.compared} compared`,
);

async function startCall(engine) {
  const { job, record } = drawRecord(draws);
  const isSound = draws.next() < 0.5;
  const given = isSound ? record : spoil(record, draws);
  // Taken before the call, as the arrays may be gone after it.
  const twin = isSound && isOrdinary(job, record) ? copyOf(record) : undefined;
  let status;
  try {
    const answer = engine[job](given);
    if (draws.next() < 0.7) disturb(job, given);
    status = await answer;
  } catch (error) {
    if (!(error instanceof Error && /^expected |^a getter/.test(error.message))) throw error;
    if (isSound) throw new Error(`a sound record of ${job} was refused: ${error.message}`);
    counts.refused++;
    return;
  }
  if (!(Number.isInteger(status) && status >= -2)) throw new Error(`${job} gave the status ${status}`);
  counts.answered++;
  if (twin !== undefined) await compare(engine, job, record, twin, status);
}

/** The same call on copies, undisturbed: same status, and where all is well the same outputs. */
async function compare(engine, job, record, twin, status) {
  const again = await engine[job](twin);
  const same =
    status === again && (status !== -1 || OUTPUTS[job].every((name) => isDeepStrictEqual(record[name], twin[name])));
  if (!same) throw new Error(`${job}: arrays that were taken away in the middle changed the result`);
  counts.compared++;
}

function isOrdinary(job, record) {
  return inputsOf(job, record).every(({ buffer }) => buffer instanceof ArrayBuffer);
}

function inputsOf(job, record) {
  const isInput = ([name, value]) => ArrayBuffer.isView(value) && !OUTPUTS[job].includes(name) && name !== "control";
  return Object.entries(record ?? {})
    .filter(isInput)
    .map(([, value]) => value);
}

function copyOf(record) {
  const copied = (value) => (ArrayBuffer.isView(value) && value.buffer instanceof ArrayBuffer ? value.slice() : value);
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, copied(value)]));
}

/** What a careless caller does to memory that a job reads. */
function disturb(job, record) {
  if (typeof record !== "object") return;
  for (const array of inputsOf(job, record)) {
    const { buffer } = array;
    if (draws.next() < 0.4) continue;
    if (buffer.growable) buffer.grow(buffer.maxByteLength);
    if (buffer.resizable) buffer.resize(0);
    else if (buffer instanceof ArrayBuffer && draws.next() < 0.7) structuredClone(buffer, { transfer: [buffer] });
    else if (array.length > 0) new Uint8Array(buffer).fill(draws.integer(256));
  }
}
