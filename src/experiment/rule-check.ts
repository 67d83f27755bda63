/** Rules of a pipeline, tried against the data before anything is fitted: a misspelt attribute must not show after an hour. */
import type { PipelineConfig } from "../config.ts";
import type { Ingested } from "../data/ingest/ingest.ts";
import { zeros } from "../math/matrix.ts";
import { prepareRules } from "../rules/prepared-rules.ts";

/** Throws as the rules do: INVALID_OPTIONS, and errors of their files. */
export async function checkRules(
  { rules, evaluation }: Pick<PipelineConfig, "rules" | "evaluation">,
  { catalog, interactions }: Pick<Ingested, "catalog" | "interactions">,
): Promise<void> {
  const nothing = () => zeros(0, 0);
  // What a fit makes is not looked at before there are lists.
  const world = {
    catalog,
    interactions,
    directions: nothing,
    contentDirections: nothing,
    norms: () => new Float64Array(),
    newItems: () => new Uint8Array(catalog.ids.length),
    spread: () => ({ uncertainty: new Float32Array(), ofQuery: () => 0 }),
  };
  for (const lists of ["similar", "recommend"] as const) {
    await prepareRules([...rules, ...evaluation.rules], world, { lists, strict: true });
  }
}
