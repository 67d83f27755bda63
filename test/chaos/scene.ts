/**
 * What faults happen to: a folder with a small shop, two pipelines over it that give different outputs, a bundle of each, and for
 * every task the bytes that it writes by either. Whatever happens to a task, its outputs must be all of one or all of the other.
 */
import { cp, mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { readablePath } from "../../src/data/files/atomic-write.ts";
import { createRandom } from "../../src/math/random.ts";
import { command } from "./command.ts";

export const versions = ["a", "b"] as const;
export type Version = (typeof versions)[number];

/** Something that a person types and what it writes. */
export interface Task {
  readonly name: string;
  readonly args: (version: Version) => readonly string[];
  /** Files and folders, relative to the scene. */
  readonly outputs: readonly string[];
  /** By which an interrupted task goes on where it stopped. */
  readonly memory?: string;
}

/** Bytes by path, relative to the scene. */
type Contents = ReadonlyMap<string, string>;

interface Measured {
  readonly contents: Readonly<Record<Version, Contents>>;
  readonly seconds: number;
  /** Calls that change the file system. */
  readonly fileCalls: number;
}

export interface Scene {
  readonly folder: string;
  /** The environment of its commands: temporaries of their own. */
  readonly env: Readonly<Record<string, string>>;
  readonly tasks: readonly (Task & Measured)[];
}

const TASKS: readonly Task[] = [
  { name: "run", args: (version) => ["run", `${version}.yaml`], outputs: ["out"] },
  {
    name: "export",
    args: (version) => ["export", "--bundle", `bundles/${version}`, "--out", "items.npy", "--users", "users.npy"],
    outputs: ["items.npy", "items.ids.json", "users.npy", "users.ids.json"],
  },
  {
    name: "embed",
    args: (version) => ["embed", "--bundle", `bundles/${version}`, "--items", "items.csv", "--out", "new.parquet"],
    outputs: ["new.parquet"],
  },
  {
    name: "lists",
    args: (version) => [
      "lists",
      "--bundle",
      `bundles/${version}`,
      "--similar",
      "similar.jsonl",
      "--recommend",
      "lists.csv",
    ],
    outputs: ["similar.jsonl", "lists.csv"],
  },
  { name: "split", args: (version) => ["split", `${version}.yaml`, "--output", "splits"], outputs: ["splits"] },
  {
    name: "tune",
    args: (version) => {
      const own = ["--seed", version === "a" ? "1" : "2", "--output", `search/${version}`];
      return ["tune", "a.yaml", "--budget", "2", ...own, "--out", "tuned.yaml"];
    },
    outputs: ["tuned.yaml"],
    memory: "search",
  },
];

/** The file that a preloaded command counts its calls by. */
export const fileCalls = join(import.meta.dirname, "file-calls.cjs");

/** Writes the shop and does the first so many tasks by both versions. */
export async function makeScene(folder: string, taskCount = TASKS.length): Promise<Scene> {
  await mkdir(join(folder, "tmp"), { recursive: true });
  await writeShop(folder);
  const env = { TMPDIR: join(folder, "tmp") };
  const tasks: (Task & Measured)[] = [];
  for (const task of TASKS.slice(0, taskCount)) {
    const contents: Partial<Record<Version, Contents>> = {};
    let [seconds, calls] = [0, 0];
    for (const version of ["b", "a"] as const) {
      const count = join(folder, "calls");
      const start = { cwd: folder, env: { ...env, CHAOS_COUNT: count }, nodeOptions: ["--require", fileCalls] };
      const fate = await command([...task.args(version), "--quiet"], start);
      if (fate.status !== 0) throw new Error(`${task.name} ${version}: ${fate.output}`);
      contents[version] = await contentsOf(folder, task.outputs);
      [seconds, calls] = [fate.seconds, Number(await readFile(count, "utf8"))];
      if (task.name === "run")
        await cp(join(folder, "out", "bundle"), join(folder, "bundles", version), { recursive: true });
    }
    const { a, b } = contents;
    if (a === undefined || b === undefined) throw new Error(`${task.name} has not been done by both versions`);
    tasks.push({ ...task, contents: { a, b }, seconds, fileCalls: calls });
  }
  return { folder, env, tasks };
}

/** The same scene in another folder. */
export async function copyScene({ folder, tasks }: Scene, to: string): Promise<Scene> {
  await cp(folder, to, { recursive: true });
  return { folder: to, env: { TMPDIR: join(to, "tmp") }, tasks };
}

/** What of the outputs is there, as readers find it while they are exchanged or after a writer died. */
async function contentsOf(folder: string, outputs: readonly string[]): Promise<Contents> {
  const contents = new Map<string, string>();
  const read = async (path: string): Promise<void> => {
    const place = await readablePath(join(folder, path));
    const entry = await stat(place).catch(() => undefined);
    if (entry === undefined) return;
    if (!entry.isDirectory()) {
      contents.set(path, (await readFile(place)).toString("latin1"));
      return;
    }
    const names = (await readdir(place)).filter((name) => !name.startsWith(".tailrec-"));
    // While it is exchanged a bundle is only to be found by those who ask for it.
    if (path === "out" && !names.includes("bundle")) names.push("bundle");
    for (const name of names) await read(join(path, name));
  };
  for (const output of outputs) await read(output);
  return contents;
}

/** How the outputs of a task stand: whole by one of the versions, mixed of both, or damaged. */
export async function standingOf(
  { folder }: Scene,
  { outputs, contents }: Task & Measured,
): Promise<Version | "half-written" | "lost"> {
  const found = await contentsOf(folder, outputs);
  const whole = versions.find((version) => isSame(found, contents[version]));
  if (whole !== undefined) return whole;
  const paths = [...new Set([...contents.a.keys(), ...contents.b.keys(), ...found.keys()])];
  const isKnown = (path: string) => versions.some((version) => contents[version].get(path) === found.get(path));
  return paths.every(isKnown) ? "half-written" : "lost";
}

function isSame(one: Contents, other: Contents): boolean {
  return one.size === other.size && [...one].every(([path, bytes]) => other.get(path) === bytes);
}

/** Temporaries anywhere in the scene. */
export async function leftoversIn({ folder }: Scene): Promise<string[]> {
  const paths = await readdir(folder, { recursive: true });
  return paths.filter((path) => path.includes(".tailrec-") || path.startsWith("tmp/"));
}

async function writeShop(folder: string): Promise<void> {
  const random = createRandom(1);
  const words = (list: string) => list.split(" ")[random.integer(list.split(" ").length)];
  const items = Array.from({ length: 24 }, (_, i) => {
    const title = `${words("red green blue grey")} ${words("kettle lamp saw mug")} ${i}`;
    return `i${i},${title},brand${i % 4},${(5 + 20 * random.next()).toFixed(2)}\n`;
  });
  const events = Array.from(
    { length: 240 },
    (_, n) => `u${n % 20},i${random.integer(24)},${1_700_000_000 + 977 * n}\n`,
  );
  await writeFile(join(folder, "items.csv"), `item_id,title,brand,price\n${items.join("")}`);
  await writeFile(join(folder, "events.csv"), `user_id,item_id,time\n${events.join("")}`);
  for (const version of versions) await writeFile(join(folder, `${version}.yaml`), pipelineOf(version));
}

function pipelineOf(version: Version): string {
  return `name: shop ${version}
data:
  interactions: { path: events.csv, columns: { time: time } }
  items:
    path: items.csv
    columns: { title: title }
    attributes: [{ column: brand, kind: category }, { column: price, kind: price }]
features: { lexical: { dimension: 8 } }
collaborative: { rank: ${version === "a" ? 6 : 8}, iterations: 2 }
regressor: { kind: ridge }
evaluation: { coldItems: null, warmTail: { seed: ${version === "a" ? 1 : 2} }, models: [popularity] }
output: out
`;
}
