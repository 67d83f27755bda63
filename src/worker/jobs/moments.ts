/**
 * The job `moments`: training items, with their encoded vectors, weights and factors, added up to the moments of a ridge. It is the one
 * job that does not answer row by row. Items that were set aside have a row with the reason, and the last row holds the sum.
 */
import { standardise, takeItems } from "../../data/feature-matrix.ts";
import type { ParsedItemsOptions } from "../../data/ingest/ingest-options.ts";
import { gatherCatalog } from "../../execution/gathered-catalog.ts";
import { MOMENTS, momentsText } from "../../execution/moments-answers.ts";
import { BLOCK_PREFIX, MOMENT_COLUMNS, type MomentsQuestion } from "../../execution/moments-question.ts";
import { applyFeatureSpace } from "../../features/feature-space.ts";
import { defaultBackend } from "../../math/compute/backend.ts";
import { zeros } from "../../math/matrix.ts";
import { addMoments, type Moments, momentsOf } from "../../regressor/moments.ts";
import { itemRows, withIds } from "../item-rows.ts";
import type { OpenedJob } from "../job.ts";
import { pictureFoldersOf } from "../picture-folders.ts";
import { type InputRows, type OutputRow, QUARANTINE } from "../record.ts";

const { input: INPUT, weight: WEIGHT, factors: FACTORS } = MOMENT_COLUMNS;

export interface MomentsJobRequest {
  readonly question: MomentsQuestion;
  readonly items: ParsedItemsOptions;
  /** Where relative paths of the pipeline start. */
  readonly folder: string;
}

const ASIDE = "the item is not as it was encoded";

/** In: the pipeline's item columns, and those of the question. Out: id (of an item that was set aside), moments. */
export async function openMoments({ question, items, folder }: MomentsJobRequest): Promise<OpenedJob> {
  const folders = pictureFoldersOf(items, folder);
  const id = items.columns.id;
  let sum: Moments | undefined;
  const add = async (rows: InputRows, kept: readonly number[]): Promise<readonly OutputRow[]> => {
    const faults = new Map(kept.map((row) => [row, faultOf(rows, row, question)]));
    const whole = kept.filter((row) => faults.get(row) === undefined);
    const { catalog } = itemRows(rows, whole, items, folders);
    const vectors = encodedIn(rows, whole, id, question);
    const { encoded, missing } = await gatherCatalog(catalog, question.encoded, question.absent, vectors);
    for (const place of missing) faults.set(whole[place], ASIDE);
    const sound = [...whole.keys()].filter((place) => faults.get(whole[place]) === undefined);
    const features = takeItems(await applyFeatureSpace(question.space, catalog, encoded), sound);
    const targets = targetsOf(
      rows,
      sound.map((place) => whole[place]),
      question,
    );
    const moments = await momentsOf(
      { x: standardise(features, question.standardisation), ...targets },
      defaultBackend(),
    );
    // Last: a batch that fails is worked on again in halves.
    if (sound.length > 0) sum = sum === undefined ? moments : addMoments(sum, moments);
    return kept.map((row) => ({ id: rows.text(id, row), [QUARANTINE]: faults.get(row) ?? null }));
  };
  return {
    needs: [id, INPUT, WEIGHT, FACTORS, ...question.encoded.map(({ name }) => BLOCK_PREFIX + name)],
    columns: [
      { name: "id", type: "text" },
      { name: MOMENTS, type: "text" },
    ],
    run: async (rows) => {
      const results = await withIds(rows, id, (kept) => add(rows, kept));
      return results.filter((row) => row[QUARANTINE] !== null);
    },
    finish: async () => (sum === undefined ? [] : [{ [MOMENTS]: momentsText(sum) }]),
    close: async () => undefined,
  };
}

async function* encodedIn(rows: InputRows, kept: readonly number[], id: string, { encoded }: MomentsQuestion) {
  yield kept.map((row) => {
    const vectors = encoded.map(({ name }) => {
      const numbers = rows.numbers(BLOCK_PREFIX + name, row);
      return [name, numbers && Float32Array.from(numbers)] as const;
    });
    const [own, input] = [rows.text(id, row) ?? "", rows.text(INPUT, row) ?? ""];
    return { id: own, input, vectors: Object.fromEntries(vectors), failures: [] };
  });
}

function targetsOf(rows: InputRows, kept: readonly number[], { rank }: MomentsQuestion) {
  const y = zeros(kept.length, rank);
  for (const [i, row] of kept.entries()) y.values.set(rows.numbers(FACTORS, row) ?? [], i * rank);
  return { y, weights: Float64Array.from(kept, (row) => Number(rows.text(WEIGHT, row))) };
}

function faultOf(rows: InputRows, row: number, { encoded, rank }: MomentsQuestion): string | undefined {
  const weight = Number(rows.text(WEIGHT, row) ?? Number.NaN);
  if (!(weight > 0 && Number.isFinite(weight))) return `weight ${weight}: expected a finite number > 0`;
  if (!isVector(rows.numbers(FACTORS, row), rank)) return `factors: expected ${rank} finite numbers`;
  const broken = encoded.find(({ name, dimension }) => {
    const vector = rows.numbers(BLOCK_PREFIX + name, row);
    return vector !== null && !isVector(vector, dimension);
  });
  return broken && `${broken.name}: expected ${broken.dimension} finite numbers`;
}

function isVector(numbers: Float64Array | null, length: number): boolean {
  return numbers?.length === length && numbers.every(Number.isFinite);
}
