/**
 * The `data:` part of a pipeline file: where interactions and items lie, what their columns are called, and how a
 * row becomes a confidence: value = weight x event weight / that of the median row x 0.5^(age / half-life), repeated pairs merged.
 */
import { z } from "zod";
import { TIME_FORMATS } from "./cells/time-format.ts";
import { encodingNamed } from "./source/text-encoding.ts";

export const DEFAULT_MAXIMUM_REJECTED_SHARE = 0.05;

const path = z.string().min(1);
const column = z.string().min(1);
const optionalColumn = column.nullable().default(null);
const columnList = z
  .union([column, z.array(column)])
  .nullable()
  .default(null);
export const fileFormats = ["auto", "csv", "tsv", "jsonl", "parquet"] as const;

const format = z
  .enum(fileFormats)
  .default("auto")
  .describe("file format; auto reads it from the file's name and first bytes (.gz too)");
const delimiter = z
  .string()
  .refine(
    (text) => text.length <= 4 && /^[^"\n\r]+$/.test(text) && [...text].every((mark) => mark > "\0" && mark < "\x7f"),
    'expected one to four ASCII characters other than quotes and line ends, such as ";", "\\t" or "::"',
  )
  .nullable()
  .default(null)
  .describe('what separates the fields of CSV and TSV, such as "^"; null finds , ; | :: or a tab in the header');
const header = z
  .array(column)
  .min(1)
  .nullable()
  .default(null)
  .describe("names of the columns of CSV and TSV without a header line; null takes them from the first line");
const encoding = z
  .string()
  .refine(
    (label) => encodingNamed(label) !== undefined,
    'expected a name of the WHATWG Encoding Standard, such as "windows-1252" or "utf-16le"',
  )
  .overwrite((label) => encodingNamed(label) ?? label)
  .nullable()
  .default(null)
  .describe('encoding of CSV and TSV, such as "windows-1252", which latin1 means too; null for UTF-8');
const DATA_PATH =
  "CSV, TSV, JSON (lines or one array) or Parquet, gzip too: a file, a folder, a pattern such as parts/*.csv; relative to the pipeline file";

const interactionColumnsSchema = z.strictObject({
  user: column.default("user_id").describe("column of the user id"),
  item: column.default("item_id").describe("column of the item id"),
  weight: optionalColumn.describe(
    "column of the weight, > 0, in any unit: the median row counts 1, others by their ratio to it; without it every row counts 1",
  ),
  event: optionalColumn.describe("column of the event name, looked up in eventWeights"),
  time: optionalColumn.describe("column of the time; see timeFormat"),
});

const minimumSchema = z.strictObject({
  column: column.describe("column of the number to compare, for example a rating"),
  value: z.number().describe("rows below it are left out on purpose, counted as belowMinimum"),
});

export const interactionsOptionsSchema = z
  .strictObject({
    path: path.describe(DATA_PATH),
    format,
    delimiter,
    encoding,
    header,
    columns: interactionColumnsSchema.prefault({}).describe("names of the columns"),
    timeFormat: z
      .union([z.enum(TIME_FORMATS), z.string().regex(/%[A-Za-z]/, 'a pattern such as "%d.%m.%Y"')])
      .default("auto")
      .describe(
        'how times are written: auto, dates (ISO 8601), epoch-seconds, epoch-milliseconds, epoch-microseconds, epoch-nanoseconds, epoch-days, spreadsheet-days, compact-dates (20231114), order (numbers that only order), or a pattern such as "%d.%m.%Y %H:%M"',
      ),
    eventWeights: z
      .record(z.string(), z.union([z.number().positive().max(1e6), z.literal("ignore")]))
      .default({})
      .describe(
        "weight of each event name, or ignore to leave its rows out on purpose; only ratios matter, the median row counts 1; a name not listed is a reject",
      ),
    minimum: minimumSchema.nullable().default(null).describe("leave out rows whose number is below a value"),
    halfLifeDays: z
      .number()
      .positive()
      .nullable()
      .default(null)
      .describe(
        "days after which an interaction counts half, measured back from the latest; a few rows dated far after all others are named and left aside; null for no decay",
      ),
    duplicates: z
      .enum(["sum", "max", "last"])
      .default("sum")
      .describe("how repeated (user, item) pairs merge, after weight and decay"),
  })
  .superRefine((options, context) => {
    const issue = (key: string, message: string): void =>
      context.addIssue({ code: "custom", path: key.split("."), message });
    const weights = Object.keys(options.eventWeights).length;
    const ignored = Object.values(options.eventWeights).filter((weight) => weight === "ignore").length;
    if (weights > 0 && ignored === weights) issue("eventWeights", "at least one event needs a weight");
    if (options.columns.event !== null && weights === 0) issue("eventWeights", "needed when columns.event is set");
    if (options.columns.event === null && weights > 0) issue("columns.event", "needed when eventWeights is set");
    if (options.columns.time === null && options.halfLifeDays !== null) {
      issue("columns.time", "needed when halfLifeDays is set");
    }
  });

const attributeSchema = z.strictObject({
  column: column.describe("column of the attribute, which also names it"),
  kind: z.enum(["category", "number", "price"]).describe("price is a number that is encoded on a log scale"),
  separator: z
    .string()
    .min(1)
    .nullable()
    .default(null)
    .describe('splits the text of a category column, for example "|"; JSON lists need none'),
});

const itemColumnsSchema = z.strictObject({
  id: column.default("item_id").describe("column of the item id"),
  title: columnList.describe("column of the title, or a list of columns to join"),
  description: columnList.describe("column of the description, or a list of columns to join"),
  image: optionalColumn.describe("column of the picture's path or http(s) address"),
});

export const itemsOptionsSchema = z.strictObject({
  path: path.describe(DATA_PATH),
  format,
  delimiter,
  encoding,
  header,
  columns: itemColumnsSchema.prefault({}).describe("names of the columns"),
  imageFolder: path
    .nullable()
    .default(null)
    .describe("folder of the pictures, relative to the pipeline file; null for the folder of the items file"),
  imageRoot: path
    .nullable()
    .default(null)
    .describe("folder that picture paths may not leave, relative to the pipeline file; null for imageFolder"),
  attributes: z.array(attributeSchema).default([]).describe("categories, numbers and prices"),
  absentColumns: z
    .enum(["error", "missing"])
    .default("error")
    .describe("a mapped column that the file lacks, the id's apart: stop, or read it as missing in every item"),
  maximumRejectedShare: z
    .number()
    .min(0)
    .max(1)
    .nullable()
    .default(null)
    .describe("limit for this file; null takes the limit of the whole data part"),
});

const userColumnsSchema = z.strictObject({
  id: column.default("user_id").describe("column of the user id"),
});

export const usersOptionsSchema = z.strictObject({
  path: path.describe(DATA_PATH),
  format,
  delimiter,
  encoding,
  header,
  columns: userColumnsSchema.prefault({}).describe("names of the columns"),
  attributes: z.array(attributeSchema).min(1).describe("categories and numbers, such as segment, country, age group"),
});

export const heldOutOptionsSchema = z.strictObject({
  path: path.describe(DATA_PATH),
  format,
  delimiter,
  encoding,
});

export const ingestOptionsSchema = z.strictObject({
  interactions: interactionsOptionsSchema.describe("who met what"),
  heldOut: heldOutOptionsSchema
    .nullable()
    .default(null)
    .describe(
      "what the same users met next, in a file with the columns of interactions: no model trains on it, evaluation.givenSplit asks for it",
    ),
  items: itemsOptionsSchema.describe("the catalog"),
  log: path
    .nullable()
    .default(null)
    .describe(
      "folder of a service's log: its items come on top of the file, its events after the interactions; null for none",
    ),
  users: usersOptionsSchema
    .nullable()
    .default(null)
    .describe("attributes of users, which tell what to show those with few interactions; null for none"),
  maximumRejectedShare: z
    .number()
    .min(0)
    .max(1)
    .default(DEFAULT_MAXIMUM_REJECTED_SHARE)
    .describe("a larger share of rejected rows in either file stops the run"),
});

export type IngestOptions = z.input<typeof ingestOptionsSchema>;
export type ParsedIngestOptions = z.output<typeof ingestOptionsSchema>;
export type ItemsOptions = z.input<typeof itemsOptionsSchema>;
export type ParsedInteractionsOptions = z.output<typeof interactionsOptionsSchema>;
export type ParsedItemsOptions = z.output<typeof itemsOptionsSchema>;
export type ParsedUsersOptions = z.output<typeof usersOptionsSchema>;
export type FileFormat = ParsedItemsOptions["format"];
