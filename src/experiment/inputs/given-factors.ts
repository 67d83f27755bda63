/**
 * Factors from elsewhere, as `collaborative.factors` names them: read, checked, and put in the rows of the data. They saw every
 * interaction, so a protocol never measures them: it fits ALS of its own, of the same rank, on its training side.
 */
import { stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { AlsModel } from "../../als/als.ts";
import { itemAgreement, userAgreement } from "../../als/factor-agreement.ts";
import type { FactorsOptions } from "../../als/factors-options.ts";
import { alsOfFactors, type GivenSide } from "../../als/given-factors.ts";
import type { BackendContext } from "../../als/half-sweep.ts";
import type { PipelineConfig } from "../../config.ts";
import type { Ingested } from "../../data/ingest/ingest.ts";
import { columnNames, listAt, readVectorTables, requireParquetFiles } from "../../data/ingest/vector-tables.ts";
import { itemSupport } from "../../data/interactions.ts";
import { TailrecError } from "../../errors.ts";
import { type Matrix, rowOf, zeros } from "../../math/matrix.ts";
import type { EarlierVectors } from "../continuity.ts";

/** The vectors of a file or folder, in its order. */
export interface FactorTable {
  readonly path: string;
  readonly ids: readonly string[];
  readonly vectors: Matrix;
}

export interface FactorTables {
  readonly items: FactorTable;
  readonly users?: FactorTable;
}

/** What of the tables the data know, for the report. */
export interface FactorsReport {
  readonly rank: number;
  readonly items: SideReport & {
    /** Items without a vector that have interactions: solved from these. */
    readonly solved: number;
    /** Items without either. */
    readonly cold: number;
  };
  /** Absent where the pipeline names no factors of users. */
  readonly users?: SideReport & { readonly solved: number };
}

interface SideReport {
  /** Vectors that belong to a row of the data. */
  readonly used: number;
  /** Vectors of ids that the data do not have. */
  readonly unknown: number;
  /** How often they tell a user's item from somebody else's; .5 is chance. Absent where there are too few pairs to judge by. */
  readonly agreement?: number;
}

/** Both tables. FILE_NOT_FOUND, UNKNOWN_COLUMN, and UNREADABLE_INPUT naming the id of a vector that does not fit. */
export async function readFactors({ items, users }: FactorsOptions, folder: string): Promise<FactorTables> {
  const itemTable = await readFactorTable(await sideAt(resolve(folder, items), "itemFactors"));
  if (users === null) return { items: itemTable };
  const userTable = await readFactorTable(await sideAt(resolve(folder, users), "userFactors"));
  const [k, other] = [itemTable.vectors.columns, userTable.vectors.columns];
  if (k === other) return { items: itemTable, users: userTable };
  const message = `collaborative.factors: expected vectors of one length, received ${k} numbers in ${itemTable.path} and ${other} in ${userTable.path}`;
  throw new TailrecError("UNREADABLE_INPUT", message);
}

/** The path, or the side below it where it is an `ALSModel` that Spark MLlib has saved. */
async function sideAt(path: string, side: "itemFactors" | "userFactors"): Promise<string> {
  const below = join(path, side);
  const entry = await stat(below).catch(() => undefined);
  return entry?.isDirectory() ? below : path;
}

/** What an `ALSModel` calls a vector. */
const FEATURES = "features";

async function readFactorTable(path: string): Promise<FactorTable> {
  const files = await requireParquetFiles(path);
  const known = await columnNames(files[0]);
  const name = known.includes(FEATURES) && !known.includes("vector") ? FEATURES : "vector";
  const columns = { texts: ["id"], vectors: [name] };
  const ids: string[] = [];
  const rows: Float32Array[] = [];
  const seen = new Set<string>();
  for await (const { file, texts, vectors, rows: count } of readVectorTables(files, columns)) {
    for (let row = 0; row < count; row++) {
      const [id, vector] = [texts.id[row], listAt(vectors[name], row)];
      const length = rows[0]?.length ?? vector?.length ?? 0;
      const fault = id === null ? "no id" : seen.has(id) ? "an id that stood there before" : faultOf(vector, length);
      if (fault !== undefined || id === null || vector === null) throw unsound(file, row, id, fault ?? "no vector");
      seen.add(id);
      ids.push(id);
      rows.push(vector);
    }
  }
  if (rows.length === 0) throw new TailrecError("EMPTY_INPUT", `${path}: expected vectors, received none`);
  const vectors = zeros(rows.length, rows[0].length);
  for (const [row, vector] of rows.entries()) vectors.values.set(vector, row * vectors.columns);
  return { path, ids, vectors };
}

/** The rank that ALS may have. */
const LONGEST = 1024;

function faultOf(vector: Float32Array | null, length: number): string | undefined {
  if (vector === null) return "no vector";
  if (vector.length === 0 || vector.length > LONGEST) return `${vector.length} numbers, expected 1 to ${LONGEST}`;
  if (vector.length !== length) return `${vector.length} numbers, the first vector has ${length}`;
  return vector.every(Number.isFinite) ? undefined : "a number that is not finite";
}

function unsound(file: string, row: number, id: string | null, fault: string): TailrecError {
  const who = id === null ? "" : ` ("${id}")`;
  return new TailrecError("UNREADABLE_INPUT", `${file}, row ${row + 1}${who}: ${fault}; write the factors again`);
}

export interface FittedFactors {
  readonly als: AlsModel;
  readonly report: FactorsReport;
}

/** The collaborative stage by given factors. NOT_ENOUGH_DATA where no item of the catalog has one. */
export async function fitFactors(
  { items, users }: FactorTables,
  { catalog, userIds, interactions }: Ingested,
  options: PipelineConfig["collaborative"],
  context: BackendContext,
): Promise<FittedFactors> {
  const itemSide = sideOf(items, catalog.ids);
  const userSide = users && sideOf(users, userIds);
  if (countOf(itemSide) === 0) {
    const example = `such as "${items.ids[0]}", the catalog has "${catalog.ids[0]}"`;
    const remedy = "write the vectors with the catalog's ids: docs/scale.md joins those of an ALSModel";
    throw new TailrecError(
      "NOT_ENOUGH_DATA",
      `${items.path}: no vector is of an item of the catalog: ids ${example}; ${remedy}`,
    );
  }
  const als = await alsOfFactors(interactions, { items: itemSide, users: userSide }, options, context);
  const support = itemSupport(interactions);
  const without = Array.from(support).filter((_, item) => itemSide.isGiven[item] === 0);
  const cold = without.filter((count) => count === 0).length;
  const report = {
    rank: items.vectors.columns,
    items: {
      ...sideReport(items, itemSide, itemAgreement(interactions, itemSide)),
      solved: without.length - cold,
      cold,
    },
    ...(users &&
      userSide && {
        users: {
          ...sideReport(users, userSide, userAgreement(interactions, userSide, itemSide)),
          solved: userIds.length - countOf(userSide),
        },
      }),
  };
  return { als, report };
}

function sideReport({ ids }: FactorTable, side: GivenSide, agreement: number | undefined): SideReport {
  const used = countOf(side);
  return { used, unknown: ids.length - used, ...(agreement !== undefined && { agreement }) };
}

function sideOf({ ids, vectors }: FactorTable, wanted: readonly string[]): GivenSide {
  const rows = new Map(ids.map((id, row) => [id, row]));
  const factors = zeros(wanted.length, vectors.columns);
  const isGiven = new Uint8Array(wanted.length);
  for (const [place, id] of wanted.entries()) {
    const row = rows.get(id);
    if (row === undefined) continue;
    isGiven[place] = 1;
    factors.values.set(rowOf(vectors, row), place * vectors.columns);
  }
  return { factors, isGiven };
}

function countOf({ isGiven }: GivenSide): number {
  return isGiven.reduce((sum, flag) => sum + flag, 0);
}

/**
 * The pipeline that is fitted around factors of this rank. Its own ALS is that of protocols, and neither another ALS nor a joint round
 * moves what was given: tails are to join the vectors that are there.
 */
export function aroundFactors(config: PipelineConfig, tables: FactorTables | undefined): PipelineConfig {
  const { factors: _, ...collaborative } = config.collaborative;
  if (tables === undefined) return { ...config, collaborative };
  const rank = tables.items.vectors.columns;
  return {
    ...config,
    collaborative: { ...collaborative, rank },
    embeddings: { ...config.embeddings, rounds: 0, alsUnobservedWeight: 1, alsRankTimes: 1 },
  };
}

/** What exported vectors are turned to: the given ones, so that the first numbers of an item are near its given vector. */
export function givenAxes({ items: { ids, vectors } }: FactorTables): EarlierVectors {
  return { served: { ids, vectors } };
}
