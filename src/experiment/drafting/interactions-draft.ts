/**
 * The columns of a table of interactions. The item is the column whose cells are ids of the items table; names choose among those that
 * are, and the user by itself. Event, rating, amount and time are told by name and must hold what the name says.
 */
import { TailrecError } from "../../errors.ts";
import { listNames } from "../../excerpt.ts";
import { type DraftedColumn, drafted, LEFT_OUT, namedColumn } from "./column-draft.ts";
import { type ColumnFacts, sortedNumbers, wordsOf } from "./column-facts.ts";
import {
  AMOUNT_NAMES,
  EVENT_NAMES,
  EVENT_WORTH,
  ITEM_NAMES,
  RATING_NAMES,
  TIME_NAMES,
  USER_NAMES,
} from "./column-names.ts";
import { timePatternOf } from "./time-pattern.ts";

export interface InteractionsDraft {
  /** Part `data.interactions` of the pipeline, its path apart. */
  readonly options: {
    readonly columns: Readonly<Record<string, string>>;
    readonly timeFormat?: string;
    readonly eventWeights?: Readonly<Record<string, number | "ignore">>;
    readonly minimum?: { readonly column: string; readonly value: number };
  };
  readonly columns: readonly DraftedColumn[];
  /** Remarks on options, by their path in the part. */
  readonly remarks: Readonly<Record<string, string>>;
}

export interface NamedIds {
  readonly user?: string;
  readonly item?: string;
}

/** INVALID_ARGUMENT where the user's column is not found. `item` is what `matchIds` found. */
export function draftInteractions(
  path: string,
  columns: readonly ColumnFacts[],
  item: ColumnFacts,
  named: NamedIds,
): InteractionsDraft {
  const rest = columns.filter((column) => column !== item);
  const user = named.user === undefined ? userOf(path, rest) : requireColumn(path, columns, named.user);
  const others = rest.filter((column) => column !== user);
  const time = namedColumn(others.filter(isTime), TIME_NAMES);
  const event = namedColumn(others.filter(isEvent), EVENT_NAMES);
  const numbers = others.filter((column) => column !== time && column.isNumber);
  const rating = event === undefined ? namedColumn(numbers.filter(isScale), RATING_NAMES) : undefined;
  const amounts = numbers.filter((column) => sortedNumbers(column)[0] > 0);
  const amount = event === undefined && rating === undefined ? namedColumn(amounts, AMOUNT_NAMES) : undefined;
  const uses = new Map([
    [user, drafted(user, "user")],
    [item, drafted(item, "item")],
    ...optional(event, "event", event && eventReason(event)),
    ...optional(rating, "rating", rating && `from ${minimumOf(rating)} up it counts as liked`),
    ...optional(amount, "weight", "its ratio to the median counts"),
    ...optional(time, "time"),
  ]);
  const pattern = time && timePatternOf(time);
  const mapped = { user: user.name, item: item.name, weight: amount?.name, event: event?.name, time: time?.name };
  return {
    options: {
      columns: Object.fromEntries(
        Object.entries(mapped).flatMap(([key, name]) => (name === undefined ? [] : [[key, name]])),
      ),
      ...(pattern !== undefined && { timeFormat: pattern.pattern }),
      ...(event && { eventWeights: eventWeights(event) }),
      ...(rating && { minimum: { column: rating.name, value: minimumOf(rating) } }),
    },
    columns: columns.map((column) => uses.get(column) ?? drafted(column, LEFT_OUT, "no part of an interaction")),
    remarks: {
      ...(pattern?.isClear === false && { timeFormat: "Day or month first: the cells do not tell." }),
      ...(event && { eventWeights: `What one event is worth beside another.${unknownEvents(event)}` }),
      ...(rating && {
        minimum: `Lower ratings count as no interaction. Leave this part out if any rating is a sign of interest.`,
      }),
    },
  };
}

function optional(column: ColumnFacts | undefined, use: string, reason?: string): [ColumnFacts, DraftedColumn][] {
  return column === undefined ? [] : [[column, drafted(column, use, reason)]];
}

/** UNKNOWN_COLUMN where the table has no such column. */
export function requireColumn(path: string, columns: readonly ColumnFacts[], name: string): ColumnFacts {
  const found = columns.find((column) => column.name === name);
  if (found !== undefined) return found;
  const message = `${path} has no column "${name}"; its columns: ${listNames(columns.map((column) => column.name))}`;
  throw new TailrecError("UNKNOWN_COLUMN", message);
}

function userOf(path: string, columns: readonly ColumnFacts[]): ColumnFacts {
  const found = namedColumn(columns, USER_NAMES) ?? columns.find(isRepeatedId);
  if (found !== undefined) return found;
  throw notFound(path, "user", columns);
}

/** Whose ids come more than once, and are no measure. */
function isRepeatedId({ words, distinct, repeats }: ColumnFacts): boolean {
  return /\bid$/.test(words) && distinct.size > 1 && repeats > 1;
}

export function notFound(path: string, role: "user" | "item", columns: readonly ColumnFacts[]): TailrecError {
  const known = listNames(columns.map(({ name }) => name));
  const message = `${path}: none of its columns looks like the ${role} (${known}); name it: --columns ${role}=NAME`;
  return new TailrecError("INVALID_ARGUMENT", message);
}

/** Numbers of a calendar or of a clock, or dates. */
function isTime({ texts, distinct }: ColumnFacts): boolean {
  return distinct.size > 1 && texts.filter((text) => /^\d/.test(text)).length > 0.9 * texts.length;
}

const MOST_EVENTS = 50;

function isEvent({ distinct, isNumber, repeats }: ColumnFacts): boolean {
  return !isNumber && distinct.size <= MOST_EVENTS && repeats >= 2;
}

/** Scales of ratings end at 5, 10 or 100. */
const LONGEST_SCALE = 1000;

function isScale(column: ColumnFacts): boolean {
  return sortedNumbers(column).every((value) => Math.abs(value) <= LONGEST_SCALE);
}

/** On a scale to 5 that is 3.5: what most people call liked. */
const LIKED = 0.7;

function minimumOf(rating: ColumnFacts): number {
  const highest = sortedNumbers(rating).at(-1) ?? 1;
  return highest <= 1 ? highest : Math.round(10 * LIKED * highest) / 10;
}

function eventWeights({ distinct }: ColumnFacts): Record<string, number | "ignore"> {
  const weights = [...distinct].map((event) => [event, worthOf(event) ?? 1] as const);
  // A log of nothing but what is ignored elsewhere is a log of that.
  const isAll = weights.every(([, weight]) => weight === "ignore");
  return Object.fromEntries(weights.map(([event, weight]) => [event, isAll ? 1 : weight]));
}

function worthOf(event: string): number | "ignore" | undefined {
  const words = wordsOf(event);
  return EVENT_WORTH.find(({ pattern }) => pattern.test(words))?.weight;
}

function eventReason({ distinct }: ColumnFacts): string {
  return listNames([...distinct], 5);
}

function unknownEvents({ distinct }: ColumnFacts): string {
  const unknown = [...distinct].filter((event) => worthOf(event) === undefined);
  return unknown.length === 0 ? "" : ` Not known, and so 1: ${listNames(unknown, 5)}.`;
}

/** The columns of both tables that hold the same ids, best first by how many of the different ids are shared. */
export function matchIds(
  paths: { readonly interactions: string; readonly items: string },
  interactions: readonly ColumnFacts[],
  items: readonly ColumnFacts[],
  named: NamedIds & { readonly id?: string },
): { readonly item: ColumnFacts; readonly id: ColumnFacts; readonly shared: number } {
  const asked = named.item === undefined ? interactions : [requireColumn(paths.interactions, interactions, named.item)];
  const keys = named.id === undefined ? items.filter(isKey) : [requireColumn(paths.items, items, named.id)];
  const pairs = asked.flatMap((item) =>
    keys.map((id) => ({ item, id, shared: sharedShare(item, id), likeness: likenessOf(item, id) })),
  );
  const best = pairs.toSorted((a, b) => b.likeness - a.likeness || b.shared - a.shared);
  const found = best.find(({ shared }) => shared > 0);
  if (found !== undefined) return found;
  const [first] = keys;
  if (first === undefined) throw notFound(paths.items, "item", items);
  const message = `no column of ${paths.interactions} holds ids of ${paths.items}; name both: --columns item=NAME,id=NAME`;
  throw new TailrecError("INVALID_ARGUMENT", message);
}

/** One row a value. */
function isKey({ texts, distinct, isNested }: ColumnFacts): boolean {
  return !isNested && texts.length > 0 && distinct.size === texts.length;
}

function sharedShare(item: ColumnFacts, id: ColumnFacts): number {
  const ids = [...item.distinct];
  return ids.filter((value) => id.distinct.has(value)).length / Math.max(1, ids.length);
}

/** How surely the names are those of items: more where both tables use one name, less for a user's. */
function likenessOf(item: ColumnFacts, id: ColumnFacts): number {
  const isUser = USER_NAMES.slice(0, 2).some((pattern) => pattern.test(item.words));
  const isItem = ITEM_NAMES.some((pattern) => pattern.test(item.words));
  return (isItem ? 2 : 0) + (item.words === id.words ? 1 : 0) - (isUser ? 4 : 0);
}
