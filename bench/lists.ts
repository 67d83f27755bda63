/**
 * `npm run bench:lists`: similar items of 100,000 items, plain and under rules, and lists of 20,000 users, into files. `-- --users 1000000`
 * makes the lists of so many users alone, which takes minutes. Vectors are seeded noise: exact search does the same work on any.
 * `-- --items 20000` tries it on fewer items, and keeps no figure.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { defaultBackend } from "../src/math/compute/backend.ts";
import { parseRules } from "../src/rules/rules-file.ts";
import { sessionOver } from "../src/serving/bundle-session.ts";
import { listsRequestSchema, writeSessionLists } from "../src/serving/lists/nightly-lists.ts";
import { type Figure, replaceFigures } from "./figures.ts";
import { listsBundle } from "./lists-data.ts";

const { values: asked } = parseArgs({ options: { users: { type: "string" }, items: { type: "string" } } });
const ITEMS = Number(asked.items ?? 100_000);
const [DIMENSIONS, COUNT] = [128, 10];

const RULES = `
- { kind: available, attribute: stock }
- { kind: category, relation: same }
- { kind: cap, attribute: brand, maximum: 2 }
- { kind: new-places, share: 0.1 }
`;

const BAND = "- { kind: price-band }";

interface ListCase {
  readonly name: string;
  readonly users: number;
  readonly file: "similar" | "recommend";
  readonly rules?: string;
}

const CASES: readonly ListCase[] = [
  similarItems(""),
  similarItems(", four rules", RULES),
  similarItems(", price band", BAND),
  listsOfUsers(20_000),
];

function similarItems(under: string, rules?: string): ListCase {
  const name = `similar items of ${ITEMS.toLocaleString("en-US")} items${under}`;
  return { name, users: 1000, file: "similar", ...(rules !== undefined && { rules }) };
}

function listsOfUsers(users: number): ListCase {
  return { name: `lists of ${users.toLocaleString("en-US")} users`, users, file: "recommend" };
}

async function measure({ name, users, file, rules }: ListCase): Promise<Figure[]> {
  const session = sessionOver(listsBundle({ users, items: ITEMS, dimensions: DIMENSIONS }));
  const folder = mkdtempSync(join(tmpdir(), "tailrec-bench-lists-"));
  const request = {
    [file]: join(folder, "lists.parquet"),
    count: COUNT,
    ...(rules && { rules: [...parseRules(rules, "rules")] }),
  };
  const memory: number[] = [];
  const onProgress = () => void memory.push(process.memoryUsage.rss());
  const began = performance.now();
  const before = process.cpuUsage();
  await writeSessionLists(session, listsRequestSchema.parse(request), { onProgress });
  const seconds = (performance.now() - began) / 1000;
  const { user, system } = process.cpuUsage(before);
  rmSync(folder, { recursive: true });
  const figure = (metric: string, value: number, unit: string): Figure => ({
    case: name,
    engine: "tailrec",
    metric,
    value,
    unit,
  });
  const quarter = memory[Math.floor(memory.length / 4)];
  return [
    figure("seconds", seconds, "s"),
    figure("cpuSeconds", (user + system) / 1e6, "s"),
    // What the last three quarters of the lists add to the memory of the first one.
    figure("growth", (Math.max(...memory) - quarter) / 2 ** 20, "MiB"),
  ];
}

const folder = join(import.meta.dirname, "results");
const path = join(folder, "lists.json");
let figures: readonly Figure[] = [];
for (const one of asked.users === undefined ? CASES : [listsOfUsers(Number(asked.users))]) {
  const fresh = await measure(one);
  for (const { metric, value, unit } of fresh) console.log(`${one.name}: ${metric} ${value.toFixed(1)} ${unit}`);
  if (asked.items === undefined) figures = replaceFigures(path, (figure) => figure.case === one.name, fresh);
}
if (asked.items === undefined) writeFileSync(join(folder, "lists.md"), report(figures));

function report(figures: readonly Figure[]): string {
  const machine = `${cpus()[0].model}, ${availableParallelism()} cores, Node ${process.versions.node}, ${defaultBackend().name} kernel`;
  const rows = [...new Set(figures.map((figure) => figure.case))].map((name) => {
    const of = (metric: string) => figures.find((figure) => figure.case === name && figure.metric === metric)?.value;
    return `| ${name} | ${["seconds", "cpuSeconds", "growth"].map((metric) => of(metric)?.toFixed(1)).join(" | ")} |`;
  });
  return `# Lists for everybody

Made by \`npm run bench:lists\` on ${machine}. ${COUNT} places, ${ITEMS.toLocaleString("en-US")} items, ${DIMENSIONS} dimensions, into Parquet. Growth is what
the last three quarters of the lists add to the memory of the first quarter: garbage that is not yet collected, and rows of Parquet, which wait
in memory up to 128 MB, then on the disk.
Other work shares the machine: processor seconds are the fairer figure.

| case | s | CPU s | growth MiB |
|---|---|---|---|
${rows.join("\n")}
`;
}
