/** What `npm run docs` writes, by its path in docs/. */
import { apiPage } from "./api-page.ts";
import { decisionsPage } from "./decisions-index.ts";
import { errorsPage } from "./errors-page.ts";
import { optionsPage } from "./options-page.ts";
import { drawFloors } from "./pictures/floors.ts";
import { drawFlow } from "./pictures/flow.ts";
import { drawSpace } from "./pictures/space.ts";

export async function generatedFiles(): Promise<ReadonlyMap<string, string>> {
  return new Map([
    ["api.md", await apiPage()],
    ["decisions/README.md", decisionsPage()],
    ["errors.md", errorsPage()],
    ["options.md", optionsPage()],
    ["pictures/floors.svg", drawFloors()],
    ["pictures/flow.svg", drawFlow()],
    ["pictures/space.svg", drawSpace()],
  ]);
}
