/** `tailrec init`: a first pipeline file from the tables alone, with what each column was taken for. */
import { type Command, InvalidArgumentError } from "commander";
import { draftPipeline, type PipelineDraft } from "../../experiment/drafting/pipeline-draft.ts";
import { type CommonOptions, openSession } from "../terminal/session.ts";
import { plainLine, type Style } from "../terminal/style.ts";
import { formatTable } from "../terminal/table.ts";
import { addVerb, parseIds, parsePairs } from "../verb.ts";

interface InitOptions extends CommonOptions {
  readonly interactions: string;
  readonly items: string;
  readonly users?: string;
  readonly interactionsHeader?: readonly string[];
  readonly itemsHeader?: readonly string[];
  readonly columns?: Readonly<Record<string, string>>;
  readonly out: string;
  readonly force?: boolean;
}

export function addInit(program: Command, signal: AbortSignal): void {
  addVerb(program, "init", "Look at your tables and write a first pipeline file for them.", [
    "tailrec init --interactions events.csv --items items.csv --out my-shop.yaml",
    "tailrec init --interactions ratings.parquet --items films.jsonl --users people.csv --out films.yaml",
    "tailrec init --interactions ratings.dat --interactions-header user,item,rating,time --items films.csv",
    "tailrec init --interactions log.tsv --items items.csv --columns user=who,item=what,id=key",
  ])
    .requiredOption("--interactions <path>", "who met what: a file, a folder or a pattern")
    .requiredOption("--items <path>", "the catalog")
    .option("--users <path>", "attributes of users")
    .option("--interactions-header <names>", "names of the columns where the file has no such line", parseIds)
    .option("--items-header <names>", "the same for the items", parseIds)
    .option("--columns <pairs>", "columns that names do not tell, as user=who,item=what,id=key", parseColumns)
    .option("--out <file>", "the pipeline file", "pipeline.yaml")
    .option("--force", "replace the file if it is there")
    .action(async (options: InitOptions) => {
      const session = openSession(options, signal);
      const { interactionsHeader, itemsHeader, ...asked } = options;
      const headers = { interactions: interactionsHeader, items: itemsHeader };
      const draft = await draftPipeline({ ...asked, headers }, session.context);
      session.answer(draft, (style) => draftLines(draft, style));
    });
}

const COLUMNS = ["user", "item", "id"];

function parseColumns(text: string): Record<string, string> {
  const pairs = parsePairs(text);
  if (Object.keys(pairs).every((key) => COLUMNS.includes(key))) return pairs;
  throw new InvalidArgumentError(`expected ${COLUMNS.join(", ")}: user and item of the interactions, id of the items.`);
}

function draftLines({ out, tables, notes }: PipelineDraft, style: Style): string[] {
  const columns = [
    { heading: "column" },
    { heading: "taken as" },
    { heading: "because", flexible: true },
    { heading: "example", flexible: true },
  ];
  return [
    ...tables.flatMap(({ file, columns: found }) => [
      style.bold(plainLine(file)),
      ...formatTable(
        columns,
        found.map(({ column, use, reason, example }) => [column, use, reason, example]),
        style,
      ),
      "",
    ]),
    ...notes.map(plainLine),
    `${out} is written. Read it and change what is wrong.`,
    `Next: tailrec validate ${out}`,
  ];
}
