/** Rules of a pipeline, tried against the data before anything is fitted: a misspelt attribute must not show after an hour. */
import type { PipelineConfig } from "../../config.ts";
import type { Ingested } from "../../data/ingest/ingest.ts";
import { zeros } from "../../math/matrix.ts";
import { prepareRules, requireSomeItems } from "../../rules/prepared-rules.ts";

/** Throws as the rules do: INVALID_OPTIONS, errors of their files, and NOT_ENOUGH_DATA where they leave no item for anybody. */
export async function checkRules(
  { rules, evaluation }: Pick<PipelineConfig, "rules" | "evaluation">,
  { catalog, interactions, userIds }: Pick<Ingested, "catalog" | "interactions" | "userIds">,
): Promise<void> {
  const nothing = () => zeros(0, 0);
  const users = new Set(userIds);
  // What a fit makes is not looked at before there are lists.
  const world = {
    catalog,
    interactions,
    hasUser: (id: string) => users.has(id),
    directions: nothing,
    contentDirections: nothing,
    norms: () => new Float64Array(),
    newItems: () => new Uint8Array(catalog.ids.length),
    spread: () => ({ uncertainty: new Float32Array(), ofQuery: () => 0 }),
  };
  for (const lists of ["similar", "recommend"] as const) {
    for (const together of [rules, evaluation.rules]) {
      requireSomeItems(await prepareRules(together, world, { lists, strict: true }), catalog.ids.length);
    }
  }
}
