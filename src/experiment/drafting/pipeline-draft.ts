/**
 * A first pipeline file for tables that nobody has described yet: their first rows are read, each column is taken for something, and
 * the file says in comments what was left to judge. It is a draft: a person reads it, `validate` reads all rows.
 */
import { access } from "node:fs/promises";
import { basename, dirname, extname, isAbsolute, join, relative, resolve, sep } from "node:path";
import { parsePipeline } from "../../config.ts";
import { writeFileAtomic } from "../../data/files/atomic-write.ts";
import { sampleTable, type TableSample } from "../../data/ingest/table-sample.ts";
import { TailrecError } from "../../errors.ts";
import { excerpt, listNames } from "../../excerpt.ts";
import type { RunContext } from "../../run-context.ts";
import { formatYaml } from "../../yaml.ts";
import { type DraftedColumn, LEFT_OUT } from "./column-draft.ts";
import { type ColumnFacts, columnFacts } from "./column-facts.ts";
import { draftInteractions, type InteractionsDraft, matchIds, type NamedIds } from "./interactions-draft.ts";
import { draftItems, type ItemsDraft, type Pictures } from "./items-draft.ts";
import { draftUsers, type UsersDraft } from "./users-draft.ts";

export interface DraftOptions {
  readonly interactions: string;
  readonly items: string;
  readonly users?: string;
  /** The pipeline file to write. */
  readonly out: string;
  /** Replaces a file that is there. */
  readonly force?: boolean;
  /** Columns that are known. */
  readonly columns?: NamedIds & { readonly id?: string };
}

export interface DraftedTable {
  readonly file: string;
  readonly columns: readonly DraftedColumn[];
}

export interface PipelineDraft {
  readonly out: string;
  readonly tables: readonly DraftedTable[];
  /** What a person should know before anything else. */
  readonly notes: readonly string[];
  readonly text: string;
}

/** Rows that tell what a column is. */
const SAMPLED_ROWS = 20_000;

/**
 * Writes `out`. Throws INVALID_ARGUMENT where a file is there or a column cannot be told, UNKNOWN_COLUMN for a named one that is not
 * there, OUTPUT_FAILED, and as reading does.
 */
export async function draftPipeline(options: DraftOptions, context: RunContext = {}): Promise<PipelineDraft> {
  const { out, force = false } = options;
  if (!force && (await exists(out))) {
    throw new TailrecError("INVALID_ARGUMENT", `${out} is there already; name another file with --out, or add --force`);
  }
  const interactions = await readTable(options.interactions, context);
  const items = await readTable(options.items, context);
  const users = options.users === undefined ? undefined : await readTable(options.users, context);
  const named = options.columns ?? {};
  const paths = { interactions: options.interactions, items: options.items };
  const match = matchIds(paths, interactions.facts, items.facts, named);
  const met = draftInteractions(options.interactions, interactions.facts, match.item, named);
  const catalog = draftItems(items.facts, match.id);
  const people = users && draftUsers(options.users ?? "", users.facts, met.options.columns.user);
  const isFound = await anyFile(items.sample.folder, catalog.pictures.examples);
  const text = pipelineText(options, met, catalog, isFound, people);
  parsePipeline(text, out);
  await writeFileAtomic(out, text);
  const tables = [
    { file: options.interactions, columns: met.columns },
    { file: options.items, columns: catalog.columns },
    ...(people === undefined ? [] : [{ file: options.users ?? "", columns: people.columns }]),
  ];
  return { out, tables, notes: notesOn(options, match.shared, items.sample, catalog), text };
}

interface ReadTable {
  readonly sample: TableSample;
  readonly facts: readonly ColumnFacts[];
}

async function readTable(path: string, context: RunContext): Promise<ReadTable> {
  const sample = await sampleTable({ path }, SAMPLED_ROWS, context);
  requireHeader(path, sample);
  return { sample, facts: sample.columns.map(columnFacts) };
}

/** Names that are numbers are a first row of data. */
function requireHeader(path: string, { columns }: TableSample): void {
  if (columns.some(({ name }) => Number.isNaN(Number(name)))) return;
  const names = listNames(columns.map(({ name }) => name));
  const message = `${path} has no line with names of columns (its first has ${names}); add one, or write the pipeline with "header"`;
  throw new TailrecError("INVALID_ARGUMENT", message);
}

function pipelineText(
  options: DraftOptions,
  met: InteractionsDraft,
  items: ItemsDraft,
  arePicturesFound: boolean,
  users?: UsersDraft,
): string {
  const name = basename(options.out, extname(options.out));
  const folder = dirname(resolve(options.out));
  const pathOf = (path: string): string => {
    const near = relative(folder, resolve(path));
    return (isAbsolute(path) && near.startsWith("..") ? path : near).split(sep).join("/");
  };
  const value = {
    name,
    output: join("out", name),
    data: {
      interactions: { path: pathOf(options.interactions), ...met.options },
      items: { path: pathOf(options.items), ...items.options },
      ...(users && { users: { path: pathOf(options.users ?? ""), ...users.options } }),
    },
    features: featuresOf(items, arePicturesFound),
  };
  const remarks: (readonly [path: string, remark: string])[] = [
    ...Object.entries(met.remarks).map(([key, remark]) => [`data.interactions.${key}`, remark] as const),
    ["data.interactions.path", leftOut(met.columns)],
    ["data.items.path", leftOut(items.columns)],
    ["data.users.path", leftOut(users?.columns ?? [])],
    ["features", FEATURES],
    ["features.fields", pictureRemark(items.pictures, arePicturesFound)],
  ];
  const comments = new Map(remarks.filter(([, remark]) => remark !== ""));
  const columns = ["interactions", "items", "users"].map((table) => `data.${table}.columns`);
  const attributes = ["items", "users"].map((table) => `data.${table}.attributes[]`);
  const parts = ["data.interactions.minimum", "data.interactions.eventWeights"];
  const blocks = ["features.text", "features.image", "features.fields"];
  const flow = new Set([...columns, ...attributes, ...parts, ...blocks]);
  const head = `Drafted by \`tailrec init\` from the first rows. Read it, then: tailrec validate ${basename(options.out)}`;
  return formatYaml(value, { head, comments, flow });
}

const FEATURES =
  "Every column above is a field with all its words or levels; text and pictures are encoded besides. What each is worth is learnt.";
const ADDRESSES = "Pictures are addresses. image: { weight: auto, urls: {} } here fetches and encodes them.";

const NOT_FOUND =
  "No picture was found in the folder of the items. Name theirs as items.imageFolder, and add image: { weight: auto } here.";

function pictureRemark({ kind }: Pictures, areFound: boolean): string {
  if (kind === "addresses") return ADDRESSES;
  return kind === "files" && !areFound ? NOT_FOUND : "";
}

function featuresOf({ options: { columns }, pictures }: ItemsDraft, arePicturesFound: boolean) {
  const hasText = columns.title !== undefined || columns.description !== undefined;
  return {
    ...(hasText && { text: { weight: "auto" } }),
    ...(pictures.kind === "files" && arePicturesFound && { image: { weight: "auto" } }),
    fields: {},
    lexical: null,
    attributes: null,
  };
}

function leftOut(columns: readonly DraftedColumn[]): string {
  const left = columns.filter(({ use }) => use === LEFT_OUT);
  return left.length === 0
    ? ""
    : ["Left out:", ...left.map(({ column, reason }) => `  ${excerpt(column)}: ${excerpt(reason)}`)].join("\n");
}

/** Fewer known ids than this are a wrong column or another export. */
const MOST_KNOWN = 0.5;

function notesOn(
  { interactions, items }: DraftOptions,
  shared: number,
  sample: TableSample,
  { options }: ItemsDraft,
): string[] {
  const percent = `${(100 * shared).toFixed(0)} %`;
  const isShort = sample.isWhole && shared < MOST_KNOWN;
  const { columns, attributes } = options;
  const isBare = columns.title === undefined && columns.description === undefined && attributes.length === 0;
  return [
    ...(isShort
      ? [`Only ${percent} of the items of ${interactions} are in ${items}: rows of others are rejects.`]
      : []),
    ...(isBare ? [`No column of ${items} tells what items are: new ones cannot be told apart.`] : []),
  ];
}

async function anyFile(folder: string, names: readonly string[]): Promise<boolean> {
  for (const name of names) if (await exists(resolve(folder, name))) return true;
  return false;
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
