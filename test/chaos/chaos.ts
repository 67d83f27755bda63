/**
 * `npm run test:chaos [-- --seed 2 --only kills]`: everything that a hostile machine does to the command, for at most ten minutes.
 * Prints what was tried and what it cost, and fails when it cost anything.
 */
import { parseArgs } from "node:util";
import { styleFor } from "../../src/cli/terminal/style.ts";
import { faultKinds } from "./faults.ts";
import { tollLines } from "./toll.ts";
import { tryFaults } from "./trials.ts";

const { values } = parseArgs({
  options: { seed: { type: "string", default: "1" }, only: { type: "string", multiple: true } },
});
const { seed, only } = values;
const kinds = faultKinds.filter(({ name }) => only?.includes(name) ?? true);
const tolls = await tryFaults(kinds, { extent: "full", seed: Number(seed), seconds: 570 });
console.log(tollLines(tolls, styleFor(process.stdout, process.env)).join("\n"));
for (const [i, { name, tried }] of tolls.entries()) {
  const { full } = kinds[i].tries;
  if (tried < full) console.log(`${name}: time was up after ${tried} of ${full}`);
}
if (tolls.some(({ cases }) => cases.length > 0)) process.exitCode = 1;
