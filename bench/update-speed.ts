/**
 * `npm run bench:update-speed`: how long `tailrec update` takes for 100,000 interactions and 1,000 items that are new to a bundle of
 * 100,000 items, 100,000 users and a million interactions. Made data: users like items of two of 200 groups. Settings are given, for
 * an update does not depend on how they were chosen. `-- --keep FOLDER` leaves the bundle and the updated one there, for bench:stores,
 * and takes a bundle that is there. `--items` and `--events` make another size.
 */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { createRandom } from "../src/math/random.ts";
import { replaceFigures } from "./figures.ts";

const { values } = parseArgs({
  options: {
    keep: { type: "string" },
    items: { type: "string", default: "100000" },
    events: { type: "string", default: "100000" },
  },
});
const [ITEMS, NEW_EVENTS] = [Number(values.items), Number(values.events)];
const [USERS, EVENTS, NEW_ITEMS] = [ITEMS, 10 * ITEMS, ITEMS / 100];
const GROUPS = 200;

const root = resolve(import.meta.dirname, "..");
const results = join(import.meta.dirname, "results", "update.json");
const kept = values.keep && resolve(values.keep);
const folder = kept ?? mkdtempSync(join(tmpdir(), "tailrec-update-"));
mkdirSync(folder, { recursive: true });
const random = createRandom(1);

if (!existsSync(join(folder, "out/bundle"))) makeBundle();
const news = ["--interactions", join(folder, "new-events.csv"), "--items", join(folder, "new-items.jsonl")];
const [begin, before] = [performance.now(), childSeconds()];
const out = ["--out", join(folder, "updated")];
const answer = run("update", "--json", "--bundle", join(folder, "out/bundle"), ...news, ...out);
const [seconds, cpuSeconds] = [(performance.now() - begin) / 1000, childSeconds() - before];
console.log(answer, `${seconds.toFixed(1)} s, ${cpuSeconds.toFixed(1)} s of processors`);
const words = [NEW_EVENTS, NEW_ITEMS, ITEMS].map((count) => count.toLocaleString("en-US"));
const name = `speed/${words[0]} interactions and ${words[1]} items into ${words[2]} items`;
const figures = Object.entries({ seconds, cpuSeconds }).map(([metric, value]) => {
  return { case: name, engine: "tailrec", metric, value, unit: "s" };
});
replaceFigures(results, (figure) => figure.case === name, figures);
if (kept === undefined) rmSync(folder, { recursive: true });

/** The data, what comes later, and a bundle of the first. */
function makeBundle(): void {
  writeFileSync(join(folder, "items.jsonl"), itemLines(0, ITEMS));
  writeFileSync(join(folder, "events.csv"), eventLines(EVENTS, ITEMS, 0));
  writeFileSync(join(folder, "new-items.jsonl"), itemLines(ITEMS, ITEMS + NEW_ITEMS));
  writeFileSync(join(folder, "new-events.csv"), eventLines(NEW_EVENTS, ITEMS + NEW_ITEMS, EVENTS));
  writeFileSync(
    join(folder, "pipeline.yaml"),
    `name: speed
data:
  interactions: { path: events.csv, columns: { time: time } }
  items: { path: items.jsonl, columns: { title: title }, attributes: [{ column: brand, kind: category }] }
features: { text: null, image: null, lexical: { dimension: 128 }, attributes: {} }
collaborative: { rank: 64, iterations: 3, unobservedWeight: 0.002, regularization: 0.0005 }
regressor: { kind: ridge }
embeddings:
  { rounds: 1, priorStrength: 1, channel: { dimension: 64, weight: 0.4 }, userNormExponent: 0.25, recencyDecay: 0.2, lift: 1, contentLift: 0, tail: 0.2 }
output: ${join(folder, "out")}
`,
  );
  run("run", "--no-evaluate", join(folder, "pipeline.yaml"));
}

/** Processor seconds of the programs that were run, by Linux's account of 100 ticks a second; 0 elsewhere. */
function childSeconds(): number {
  if (!existsSync("/proc/self/stat")) return 0;
  const fields = readFileSync("/proc/self/stat", "utf8").split(") ")[1].split(" ");
  return (Number(fields[13]) + Number(fields[14])) / 100;
}

function run(...words: readonly string[]): string {
  return execFileSync(process.execPath, [join(root, "dist/cli/main.js"), ...words], { encoding: "utf8" });
}

function itemLines(begin: number, end: number): string {
  const lines: string[] = [];
  for (let item = begin; item < end; item++) {
    const group = item % GROUPS;
    const words = Array.from({ length: 5 }, () => `g${group}w${random.integer(12)}`);
    const title = [...words, `w${random.integer(3000)}`].join(" ");
    lines.push(`${JSON.stringify({ item_id: `i${item}`, title, brand: `b${group % 50}` })}\n`);
  }
  return lines.join("");
}

/** Popular items are taken more often: a place in the group is the square of a uniform number. */
function eventLines(count: number, items: number, time: number): string {
  const lines = ["user_id,item_id,time\n"];
  for (let event = 0; event < count; event++) {
    const user = random.integer(USERS);
    const group = (user * 7 + (random.next() < 0.7 ? 0 : 31)) % GROUPS;
    const item = group + GROUPS * Math.floor(random.next() ** 2 * Math.floor(items / GROUPS));
    lines.push(`u${user},i${item},${1_700_000_000 + 10 * (time + event)}\n`);
  }
  return lines.join("");
}
