/**
 * Recommendations for segments: one list for every combination of the values of some user attributes, for someone of whom nothing
 * else is known. What a page shows before anybody has clicked.
 */
import { TailrecError } from "../../errors.ts";
import type { UserPrior } from "../../hybrid/user-prior.ts";
import { type SparseMatrix, takeRows, zeros } from "../../math/matrix.ts";
import { nearestName } from "../../options.ts";
import type { ListOwner } from "../../rules/rule-kind.ts";
import { type RunContext, throwIfInterrupted } from "../../run-context.ts";
import type { BundleSession } from "../bundle-session.ts";
import { type FallbackModel, fallbackFinder } from "../ranking/fallback-lists.ts";
import type { Hit } from "../ranking/item-index.ts";
import { type RuledRequest, rulesFor } from "../requests/list-rules.ts";
import { tasteOf } from "../requests/taste.ts";
import { entryOf, type ListJob, listJob } from "./list-job.ts";

export interface SegmentLists extends RuledRequest {
  /** Names of user attributes. */
  readonly segments: readonly string[];
  readonly count: number;
  readonly tail?: number;
  readonly fallback: FallbackModel;
}

/** INVALID_ARGUMENT for a bundle without user attributes, an attribute that is unknown or a number, and too many combinations; errors of the rules. */
export async function segmentJob(
  session: BundleSession,
  file: string,
  request: SegmentLists,
  context: RunContext,
): Promise<ListJob> {
  const { bundle } = session;
  const { tail = bundle.manifest.tailDefault, fallback, count } = request;
  const combinations = combinationsOf(bundle.model.userPrior, request.segments);
  const vectors = zeros(combinations.length, session.index.vectors.columns);
  for (const [i, userAttributes] of combinations.entries()) {
    throwIfInterrupted(context);
    const { vector } = await tasteOf(session, { userAttributes }, context);
    vectors.values.set(vector, i * vectors.columns);
  }
  const lists = {
    stage: "segments",
    index: session.index,
    rows: Uint32Array.from(combinations.keys()),
    ownerIds: combinations.map(nameOf),
    count,
    rules: await rulesFor(session, request, "recommend"),
    fallback,
    queriesOf: (block: Uint32Array) => ({
      queries: takeRows(vectors, block),
      exclude: nothing(block.length, bundle.catalog.ids.length),
      normExponent: tail,
    }),
    ownerOf: (_: number, query: Float32Array) => ({ history: [], query, normExponent: tail }),
    findFallback: (owners: readonly ListOwner[]) =>
      fallbackFinder(session.takers, fallback, (place) => ({ like: owners[place].query, exclude: [] })),
    entriesOf: (_: number, hits: readonly Hit[]) => hits.map((hit) => entryOf(bundle, hit)),
  };
  return listJob(session, { kind: "segments", file, lists: combinations.length, unknown: [] }, lists, context);
}

type Combination = Readonly<Record<string, string>>;

/** "segment=outdoors,age_group=30-44", as the command line takes it. */
function nameOf(combination: Combination): string {
  return Object.entries(combination)
    .map(([name, value]) => `${name}=${value.replaceAll(",", "\\,")}`)
    .join(",");
}

/** More lists than these are users in disguise. */
const MOST_COMBINATIONS = 100_000;

/** Every value of the first attribute with every one of the next. */
function combinationsOf(prior: UserPrior | undefined, names: readonly string[]): Combination[] {
  const levels = names.map((name) => levelsOf(prior, name));
  const count = levels.reduce((product, own) => product * own.length, 1);
  if (count > MOST_COMBINATIONS) {
    throw invalid(
      `expected at most ${MOST_COMBINATIONS} combinations of ${names.join(", ")}, received ${count}; name fewer`,
    );
  }
  return levels.reduce<Combination[]>(
    (combinations, own, at) => combinations.flatMap((one) => own.map((level) => ({ ...one, [names[at]]: level }))),
    [{}],
  );
}

function levelsOf(prior: UserPrior | undefined, name: string): readonly string[] {
  if (prior === undefined)
    throw invalid("this bundle knows no user attributes; name a users file in the pipeline (data.users)");
  const space = prior.space.find((known) => known.name === name);
  if (space?.kind === "category") return space.levels;
  if (space !== undefined) throw invalid(`"${name}" is a number; expected an attribute with categories`);
  const known = prior.space.map((own) => own.name);
  const near = nearestName(name, known);
  throw invalid(
    `no user attribute "${name}"; ${near === undefined ? `known: ${known.join(", ")}` : `did you mean "${near}"?`}`,
  );
}

function nothing(rows: number, columns: number): SparseMatrix {
  const [indices, values] = [new Uint32Array(), new Float32Array()];
  return { rows, columns, indptr: new Uint32Array(rows + 1), indices, values };
}

function invalid(message: string): TailrecError {
  return new TailrecError("INVALID_ARGUMENT", `segments: ${message}`);
}
