/**
 * What is learnt of one field on training items, and the sparse rows that it gives to any item:
 *   texts and categories  (1 + ln tf) (1 + ln((1 + n) / (1 + df))) of every term in at least `minimumCount` training items
 *   numbers and prices    hat functions at quantiles, prices on a log scale
 * at length 1. A term that training does not know is left out before, and an item without any is an empty row.
 */
import type { SparseMatrix } from "../../math/matrix.ts";
import { scaled } from "../blocks/attribute-columns.ts";
import {
  type CategoryField,
  type Field,
  type FieldKind,
  type NumberField,
  type TextField,
  termsAt,
} from "./field-kinds.ts";
import { hatsAt, numberKnots } from "./number-basis.ts";

export interface FieldSpace {
  readonly name: string;
  readonly kind: FieldKind;
  /** Terms in column order, sorted; none for numbers. */
  readonly terms: readonly string[];
  /** One a term. */
  readonly inverseFrequency: Float32Array;
  /** Tops of the hats in column order; none for texts and categories. */
  readonly knots: readonly number[];
}

/** Fits on the items at `rows` alone. */
export function fitField(field: Field, rows: ArrayLike<number>, minimumCount: number): FieldSpace {
  return isNumber(field) ? fitKnots(field, rows) : fitTerms(field, rows, minimumCount);
}

function isNumber(field: Field): field is NumberField {
  return field.kind === "number" || field.kind === "price";
}

function fitTerms(field: TextField | CategoryField, rows: ArrayLike<number>, minimumCount: number): FieldSpace {
  const frequency = new Map<string, number>();
  let items = 0;
  for (const row of Array.from(rows)) {
    const terms = termsAt(field, row);
    if (terms.size > 0) items++;
    for (const term of terms.keys()) frequency.set(term, (frequency.get(term) ?? 0) + 1);
  }
  const kept = [...frequency].filter(([, count]) => count >= minimumCount).sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    name: field.name,
    kind: field.kind,
    terms: kept.map(([term]) => term),
    inverseFrequency: Float32Array.from(kept, ([, count]) => 1 + Math.log((1 + items) / (1 + count))),
    knots: [],
  };
}

function fitKnots(field: NumberField, rows: ArrayLike<number>): FieldSpace {
  const known = Array.from(rows, (row) => scaled(field.kind, field.values[row])).filter(Number.isFinite);
  const { name, kind } = field;
  return { name, kind, terms: [], inverseFrequency: new Float32Array(), knots: numberKnots(known) };
}

export function fieldWidth({ terms, knots }: FieldSpace): number {
  return terms.length + knots.length;
}

/** Rows of length 1, or empty: items x width. A field that the catalog lacks, or has in another kind, gives empty rows. */
export function fieldRows(space: FieldSpace, field: Field | undefined, items: number): SparseMatrix {
  const columns = new Map(space.terms.map((term, column) => [term, column]));
  const indptr = new Uint32Array(items + 1);
  const indices: number[] = [];
  const values: number[] = [];
  for (let row = 0; row < items; row++) {
    const entries = field?.kind === space.kind ? entriesAt(space, columns, field, row) : [];
    const length = Math.sqrt(entries.reduce((sum, [, weight]) => sum + weight * weight, 0));
    for (const [column, weight] of entries) {
      indices.push(column);
      values.push(weight / length);
    }
    indptr[row + 1] = indices.length;
  }
  const entries = { indices: Uint32Array.from(indices), values: Float32Array.from(values) };
  return { rows: items, columns: fieldWidth(space), indptr, ...entries };
}

type Entry = readonly [column: number, weight: number];

/** Columns ascending. */
function entriesAt(space: FieldSpace, columns: ReadonlyMap<string, number>, field: Field, row: number): Entry[] {
  if (isNumber(field)) return hatsAt(space.knots, scaled(field.kind, field.values[row]));
  const entries: Entry[] = [];
  for (const [term, count] of termsAt(field, row)) {
    const column = columns.get(term);
    if (column !== undefined) entries.push([column, (1 + Math.log(count)) * space.inverseFrequency[column]]);
  }
  return entries.sort(([a], [b]) => a - b);
}
