/** What `npm run docs` writes, by its path in docs/. */
import { decisionsPage } from "./decisions-index.ts";
import { drawFloors } from "./pictures/floors.ts";
import { drawFlow } from "./pictures/flow.ts";
import { drawSpace } from "./pictures/space.ts";

export async function generatedFiles(): Promise<ReadonlyMap<string, string>> {
  return new Map([
    ["decisions/README.md", decisionsPage()],
    ["pictures/floors.svg", drawFloors()],
    ["pictures/flow.svg", drawFlow()],
    ["pictures/space.svg", drawSpace()],
  ]);
}
