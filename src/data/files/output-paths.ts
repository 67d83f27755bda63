/** Outputs that would overwrite each other, or what they are made from, are refused: before any work where the caller asks first. */
import { sep } from "node:path";
import { TailrecError } from "../../errors.ts";
import { realTarget } from "./real-target.ts";

/** Throws INVALID_ARGUMENT where two outputs have one path, or one lies inside another, links followed. */
export async function requireDistinctOutputs(paths: readonly string[]): Promise<void> {
  requireDistinctTargets(await Promise.all(paths.map((path) => realTarget(path))));
}

/** Throws INVALID_ARGUMENT where an output is an input, or lies in a folder that is one. */
export async function requireOutsideInputs(outputs: readonly string[], inputs: readonly string[]): Promise<void> {
  const sources = await Promise.all(inputs.map((path) => realTarget(path)));
  for (const output of outputs) {
    const target = await realTarget(output);
    const source = sources.find((input) => covers(input, target));
    if (source === undefined) continue;
    throw new TailrecError(
      "INVALID_ARGUMENT",
      `the output ${output} would overwrite the input ${source}; name another`,
    );
  }
}

/** As `requireDistinctOutputs`, for paths whose links have been followed. */
export function requireDistinctTargets(targets: readonly string[]): void {
  for (const [i, target] of targets.entries()) {
    const other = targets.slice(0, i).find((earlier) => covers(earlier, target) || covers(target, earlier));
    if (other === undefined) continue;
    const where = other === target ? target : `${other} and ${target}`;
    throw new TailrecError("INVALID_ARGUMENT", `two outputs, one path: ${where}; give each a name of its own`);
  }
}

function covers(folder: string, path: string): boolean {
  return path === folder || path.startsWith(`${folder}${sep}`);
}
