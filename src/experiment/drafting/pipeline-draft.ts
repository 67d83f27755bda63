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
import { draftInteractions, matchIds, type NamedIds } from "./interactions-draft.ts";
import { draftItems, type ItemsDraft, type Pictures } from "./items-draft.ts";
import { draftUsers } from "./users-draft.ts";

export interface DraftOptions {
  readonly interactions: string;
  readonly items: string;
  readonly users?: string;
  /** The pipeline file to write. */
  readonly out: string;
  /** Replaces a file that is there. */
  readonly force?: boolean;
  /** Names of the columns of tables without a header line. */
  readonly headers?: { readonly interactions?: readonly string[]; readonly items?: readonly string[] };
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
  const { headers = {}, columns: named = {} } = options;
  const folder = dirname(resolve(out));
  const read = (path: string, header?: readonly string[]) => readTable(path, header, folder, context);
  const interactions = await read(options.interactions, headers.interactions);
  const items = await read(options.items, headers.items);
  const users = options.users === undefined ? undefined : await read(options.users);
  const match = matchIds(
    { interactions: interactions.path, items: items.path },
    interactions.facts,
    items.facts,
    named,
  );
  const met = draftInteractions(interactions.path, interactions.facts, match.item, named);
  const catalog = draftItems(items.facts, match.id);
  const people = users && draftUsers(users.path, users.facts, met.options.columns.user);
  const arePicturesFound = await anyFile(items.sample.folder, catalog.pictures.examples);
  const parts = {
    interactions: { ...interactions, draft: met },
    items: { ...items, draft: catalog },
    ...(users && people && { users: { ...users, draft: people } }),
  };
  const text = pipelineText(out, parts, featuresOf(catalog, arePicturesFound), [
    ...Object.entries(met.remarks).map(([key, remark]) => [`data.interactions.${key}`, remark] as const),
    ["features", FEATURES],
    ["features.fields", pictureRemark(catalog.pictures, arePicturesFound)],
  ]);
  parsePipeline(text, out);
  await writeFileAtomic(out, text);
  const tables = Object.values(parts).map(({ path, draft }) => ({ file: path, columns: draft.columns }));
  return { out, tables, notes: notesOn(options, match.shared, items.sample, catalog), text };
}

interface ReadTable {
  /** As it was named. */
  readonly path: string;
  readonly sample: TableSample;
  readonly facts: readonly ColumnFacts[];
  /** Keys of the pipeline that say how the table is read. */
  readonly reading: {
    readonly path: string;
    readonly format?: string;
    readonly encoding?: string;
    readonly header?: readonly string[];
  };
}

/** `folder` is that of the pipeline file, where its paths start. */
async function readTable(
  path: string,
  header: readonly string[] | undefined,
  folder: string,
  context: RunContext,
): Promise<ReadTable> {
  const sample = await sampleTable({ path, header }, SAMPLED_ROWS, context, (names) => requireHeader(path, names));
  const near = relative(folder, resolve(path));
  const named = (isAbsolute(path) && near.startsWith("..") ? path : near).split(sep).join("/");
  const { format, encoding } = sample;
  const reading = { path: named, ...(format && { format }), ...(encoding && { encoding }), ...(header && { header }) };
  return { path, sample, facts: sample.columns.map(columnFacts), reading };
}

/** Names that are numbers are a first row of data. */
function requireHeader(path: string, names: readonly string[]): void {
  if (names.some((name) => Number.isNaN(Number(name)))) return;
  const message = `${path} has no line with names of columns (its first has ${listNames(names)}); give them: --interactions-header user,item,... or --items-header`;
  throw new TailrecError("INVALID_ARGUMENT", message);
}

interface DraftedPart extends ReadTable {
  readonly draft: { readonly options: object; readonly columns: readonly DraftedColumn[] };
}

function pipelineText(
  out: string,
  parts: Readonly<Record<string, DraftedPart>>,
  features: object,
  remarks: readonly (readonly [path: string, remark: string])[],
): string {
  const name = basename(out, extname(out));
  const tables = Object.entries(parts);
  const data = Object.fromEntries(tables.map(([part, { reading, draft }]) => [part, { ...reading, ...draft.options }]));
  const left = tables.map(([part, { draft }]) => [`data.${part}.path`, leftOut(draft.columns)] as const);
  const encoded = tables
    .filter(([, { reading }]) => reading.encoding !== undefined)
    .map(([part]) => [`data.${part}.encoding`, ENCODING] as const);
  const comments = new Map([...remarks, ...left, ...encoded].filter(([, remark]) => remark !== ""));
  const lines = ["header", "columns", "attributes[]", "minimum", "eventWeights"];
  const flow = new Set([
    ...tables.flatMap(([part]) => lines.map((key) => `data.${part}.${key}`)),
    ...Object.keys(features).map((block) => `features.${block}`),
  ]);
  const head = `Drafted by \`tailrec init\` from the first rows. Read it, then: tailrec validate ${basename(out)}`;
  return formatYaml({ name, output: join("out", name), data, features }, { head, comments, flow });
}

const ENCODING = "A guess: this is no UTF-8. Look whether accents come out right.";
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
