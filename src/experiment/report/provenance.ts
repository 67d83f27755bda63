/** How a run came about, so that it can be made again: the command, versions, seeds, digests, and what was chosen. */
import type { PipelineConfig } from "../../config.ts";
import type { HybridModel } from "../../hybrid/hybrid.ts";
import type { Provenance } from "../../report/html/report-document.ts";
import type { Protocol } from "../measurement/protocol.ts";
import { type AskedProtocols, askedGroups } from "../measurement/protocol-splits.ts";
import { versions } from "./versions.ts";

export interface Origin {
  /** As typed. */
  readonly command?: string;
  /** Digest of the data. */
  readonly fingerprint: string;
  /** Digests of the encoders. */
  readonly encoders: Readonly<Record<string, string>>;
  /** The hybrid that the page shows, where it shows one. */
  readonly model?: HybridModel;
}

export function provenanceOf(
  { command, fingerprint, encoders, model }: Origin,
  { collaborative, features, evaluation }: Pick<PipelineConfig, "collaborative" | "features" | "evaluation">,
  protocols: readonly Protocol[],
): Provenance {
  const { report } = evaluation;
  const seeds = {
    als: collaborative.seed,
    bootstrap: evaluation.seed,
    ...splitSeeds(evaluation, protocols),
    ...(report && { map: report.seed }),
  };
  const { rank, iterations, unobservedWeight, regularization } = collaborative;
  const blocks = Object.entries(features).flatMap(([block, options]) => (options === null ? [] : [block]));
  const settings = {
    features: blocks.join(", "),
    rank,
    iterations,
    "unobserved weight": unobservedWeight,
    regularization,
    ...(model && {
      "unobserved weight of the hybrid's ALS": model.settings.alsUnobservedWeight,
      "rank of the hybrid's ALS": model.embeddings.rank,
      "joint rounds": model.settings.rounds,
      "content channel": model.settings.channelWeight,
      "content columns": model.channel?.axes.columns ?? 0,
      "tail dial": model.settings.tail,
    }),
  };
  return { command: command ?? null, versions: versions(), seeds, fingerprint, encoders: { ...encoders }, settings };
}

/** The seed of every way of splitting, by the protocol that it is named after. */
function splitSeeds(asked: AskedProtocols, protocols: readonly Protocol[]): Record<string, number> {
  const seeds: Record<string, number> = {};
  for (const { maker, options, protocols: sharing } of askedGroups(asked, protocols)) {
    const owner = sharing.find(({ option }) => option === maker.option);
    const { seed }: { readonly seed?: unknown } = Object(options);
    if (owner !== undefined && typeof seed === "number") seeds[owner.name] = seed;
  }
  return seeds;
}
