/**
 * Which outputs belong together and where their parts lie: `outputs.json` in the staging folder of the first output's folder, called
 * home. Every other folder with outputs has a staging folder of the same name, a part, with a file `home` that leads back. Output i is
 * made at `new/i` of its part; what it replaces waits at `old/i`.
 */
import { readFileSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { basename, dirname, join, relative, resolve } from "node:path";
import { z } from "zod";

export interface PlannedOutput {
  readonly kind: "file" | "folder";
  /** Absolute. */
  readonly target: string;
}

export interface OutputPlan {
  readonly home: string;
  readonly outputs: readonly PlacedOutput[];
}

export interface PlacedOutput extends PlannedOutput {
  /** Staging folder beside the target. */
  readonly part: string;
  readonly staged: string;
  readonly old: string;
  /** Through home's `current`, where every output is either old or new. */
  readonly current: string;
}

/** In the home folder. */
export const PLAN_NAME = "outputs.json";
const HOME = "home";

const documentSchema = z.array(z.strictObject({ kind: z.enum(["file", "folder"]), target: z.string().min(1) }));

export function planOutputs(home: string, outputs: readonly PlannedOutput[]): OutputPlan {
  const placed = outputs.map(({ kind, target }, i): PlacedOutput => {
    const part = join(dirname(target), basename(home));
    const at = (version: string) => join(part, version, String(i));
    return { kind, target, part, staged: at("new"), old: at("old"), current: join(home, "current", String(i)) };
  });
  return { home, outputs: placed };
}

/** Home and every other part, each once. */
export function partsOf({ home, outputs }: OutputPlan): string[] {
  return [...new Set([home, ...outputs.map(({ part }) => part)])];
}

/** Writes the plan down, then makes its parts: whoever finds the plan knows of all of them. */
export async function preparePlan(plan: OutputPlan): Promise<void> {
  const { home, outputs } = plan;
  const document = outputs.map(({ kind, target }) => ({ kind, target: relative(home, target) }));
  await writeFile(join(home, PLAN_NAME), JSON.stringify(document));
  for (const part of partsOf(plan)) {
    if (part !== home) {
      await mkdir(part);
      await writeFile(join(part, HOME), relative(part, home));
    }
    for (const version of ["new", "old"]) await mkdir(join(part, version));
  }
}

/** The plan of a home; undefined where there is none, or none that can be read. */
export async function readPlan(home: string): Promise<OutputPlan | undefined> {
  const text = await readFile(join(home, PLAN_NAME), "utf8").catch(() => "null");
  const document = documentSchema.safeParse(parsed(text));
  if (!document.success) return undefined;
  return planOutputs(
    home,
    document.data.map(({ kind, target }) => ({ kind, target: resolve(home, target) })),
  );
}

/** The home of a part; the folder itself where it is one. */
export function homeOf(staging: string): string {
  try {
    return resolve(staging, readFileSync(join(staging, HOME), "utf8"));
  } catch {
    return staging;
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
