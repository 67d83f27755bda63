/** What `npm run docs` writes, by its path in docs/. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { openApiDocument } from "../src/service/openapi.ts";
import { apiPage } from "./api-page.ts";
import { decisionsPage } from "./decisions-index.ts";
import { encodersTable } from "./encoder-table.ts";
import { errorsPage } from "./errors-page.ts";
import {
  coldTable,
  launchTable,
  newUsersTable,
  overviewTable,
  similarTable,
  tailTable,
  warmUpTable,
} from "./figures.ts";
import { between } from "./markdown.ts";
import { modelLines, modelsTable, peersTable, rivalsTable } from "./model-tables.ts";
import { optionsPage } from "./options-page.ts";
import { drawFloors } from "./pictures/floors.ts";
import { drawFlow } from "./pictures/flow.ts";
import { drawSpace } from "./pictures/space.ts";
import { rulesPage } from "./rules-page.ts";
import { workedExample } from "./worked-example.ts";

export async function generatedFiles(): Promise<ReadonlyMap<string, string>> {
  return new Map([
    ["../README.md", filled("../README.md", { figures: overviewTable() })],
    ["api.md", await apiPage()],
    ["choosing.md", filled("choosing.md", { encoders: encodersTable() })],
    ["decisions/README.md", decisionsPage()],
    ["errors.md", errorsPage()],
    [
      "evaluation.md",
      filled("evaluation.md", {
        launch: launchTable(),
        "similar-items": similarTable(),
        "cold-slice": coldTable("slice"),
        "cold-catalog": coldTable("catalog"),
        "tail-catalog": tailTable("catalog"),
        "tail-slice": tailTable("slice"),
        "warm-up": warmUpTable("amazon-scientific"),
        "new-users": newUsersTable(),
      }),
    ],
    [
      "models.md",
      filled("models.md", {
        lines: modelLines(),
        rivals: rivalsTable(),
        "models-shop": modelsTable("shop"),
        "models-amazon-scientific": modelsTable("amazon-scientific"),
        "models-movielens-small": modelsTable("movielens-small"),
        peers: peersTable(),
      }),
    ],
    [
      "extending.md",
      filled("extending.md", {
        block: source("extending/title-length.ts"),
        regressor: source("extending/mean-regressor.ts"),
        protocol: source("extending/any-two.ts"),
        metric: source("extending/first-place.ts"),
        model: source("extending/underdog.ts"),
        run: source("extending/run.ts"),
      }),
    ],
    ["how-it-works.md", filled("how-it-works.md", { worked: await workedExample() })],
    ["openapi.json", openApiFile()],
    ["options.md", optionsPage()],
    ["rules.md", rulesPage()],
    ["serving.md", filled("serving.md", { rules: rulesFile() })],
    ["pictures/floors.svg", drawFloors()],
    ["pictures/flow.svg", drawFlow()],
    ["pictures/space.svg", drawSpace()],
  ]);
}

/** The OpenAPI document of the service at this version. */
function openApiFile(): string {
  const { version } = JSON.parse(readFileSync(join(import.meta.dirname, "..", "package.json"), "utf8"));
  return `${JSON.stringify(openApiDocument(version), null, 2)}\n`;
}

/** A page that people write, with what is generated between its markers. */
function filled(path: string, parts: Readonly<Record<string, string>>): string {
  const page = readFileSync(join(import.meta.dirname, path), "utf8");
  return Object.entries(parts).reduce((text, [name, part]) => between(text, name, part), page);
}

/** The sample of a rules file. */
function rulesFile(): string {
  const text = readFileSync(join(import.meta.dirname, "..", "examples", "rules.yaml"), "utf8");
  return ["```yaml", text.trimEnd(), "```"].join("\n");
}

/** A file of `examples` as a block of code. */
function source(path: string): string {
  const code = readFileSync(join(import.meta.dirname, "..", "examples", path), "utf8");
  return ["```ts", code.trimEnd(), "```"].join("\n");
}
