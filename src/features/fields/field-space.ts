/**
 * What is learnt of one field on training items, and the sparse rows that it gives to any item:
 *   texts and categories  (1 + ln tf) (1 + ln((1 + n) / (1 + df))) of every term in at least `minimumCount` training items
 *   numbers and prices    hat functions at quantiles, prices on a log scale
 * at length 1. A term that training does not know is left out before, and an item without any is an empty row.
 */
import type { SparseMatrix } from "../../math/matrix.ts";
import { type SparseBuilder, sparseBuilder } from "../../math/sparse-builder.ts";
import { scaled } from "../blocks/attribute-columns.ts";
import { type Field, type FieldKind, isNumber, type NumberField, type TermField, termsAt } from "./field-kinds.ts";
import { hatsAt, numberKnots } from "./number-basis.ts";
import { countFieldTerms } from "./term-counts.ts";

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

/** What is learnt of a field, and the rows of all items. */
export interface FittedField {
  readonly space: FieldSpace;
  readonly rows: SparseMatrix;
}

/** Fits on the items at `rows` alone, and gives the rows of all `items`. */
export function fitField(field: Field, rows: ArrayLike<number>, items: number, minimumCount: number): FittedField {
  if (!isNumber(field)) return fitTerms(field, rows, items, minimumCount);
  const space = fitKnots(field, rows);
  return { space, rows: fieldRows(space, field, items) };
}

function fitTerms(field: TermField, rows: ArrayLike<number>, items: number, minimumCount: number): FittedField {
  const { name, kind } = field;
  const counted = countFieldTerms(field, rows, minimumCount);
  const inverseFrequency = Float32Array.from(
    counted.frequency,
    (frequency) => 1 + Math.log((1 + counted.items) / (1 + frequency)),
  );
  const space = { name, kind, terms: counted.terms, inverseFrequency, knots: [] };
  return { space, rows: termRows(space, items, counted.columnsAt) };
}

/** Rows of length 1 from the columns of every item's terms, in any order. */
function termRows(
  { terms, inverseFrequency }: FieldSpace,
  items: number,
  columnsAt: (row: number, into: number[]) => void,
): SparseMatrix {
  const builder = sparseBuilder(items);
  const found: number[] = [];
  let sorted = new Int32Array(0);
  for (let row = 0; row < items; row++) {
    found.length = 0;
    columnsAt(row, found);
    if (found.length > sorted.length) sorted = new Int32Array(2 * found.length);
    sorted.set(found);
    addTerms(sorted.subarray(0, found.length).sort(), inverseFrequency, builder);
  }
  return builder.build(terms.length);
}

/** One row of sublinear counts times idf; `columns` ascend, as often as their terms occur. */
function addTerms(columns: Int32Array, inverseFrequency: Float32Array, builder: SparseBuilder): void {
  const weightFrom = (begin: number, end: number) => (1 + Math.log(end - begin)) * inverseFrequency[columns[begin]];
  let square = 0;
  forEachRun(columns, (from, to) => {
    square += weightFrom(from, to) ** 2;
  });
  const length = Math.sqrt(square);
  forEachRun(columns, (from, to) => builder.add(columns[from], weightFrom(from, to) / length));
  builder.endRow();
}

function forEachRun(columns: Int32Array, visit: (from: number, to: number) => void): void {
  for (let from = 0; from < columns.length; ) {
    let to = from + 1;
    while (to < columns.length && columns[to] === columns[from]) to++;
    visit(from, to);
    from = to;
  }
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
  if (field === undefined || field.kind !== space.kind) return sparseBuilder(items).build(fieldWidth(space));
  if (isNumber(field)) return hatRows(space, field, items);
  const columns = new Map(space.terms.map((term, column) => [term, column]));
  return termRows(space, items, (row, into) => {
    for (const term of termsAt(field, row)) {
      const column = columns.get(term);
      if (column !== undefined) into.push(column);
    }
  });
}

function hatRows({ knots }: FieldSpace, field: NumberField, items: number): SparseMatrix {
  const builder = sparseBuilder(items);
  for (let row = 0; row < items; row++) {
    const hats = hatsAt(knots, scaled(field.kind, field.values[row]));
    const length = Math.sqrt(hats.reduce((sum, [, height]) => sum + height * height, 0));
    for (const [column, height] of hats) builder.add(column, height / length);
    builder.endRow();
  }
  return builder.build(knots.length);
}
