/** `tailrec split`: the splits of the pipeline's protocols as files, for whoever makes lists elsewhere. */
import { join, resolve } from "node:path";
import { fingerprintOf } from "../../bundle/data-fingerprint.ts";
import type { PipelineConfig } from "../../config.ts";
import { writeTogether } from "../../data/files/atomic-write.ts";
import { type IngestContext, ingest } from "../../data/ingest/ingest.ts";
import type { Split } from "../../data/splits/split.ts";
import { splitFiles } from "../../data/splits/split-files.ts";
import type { Protocol, SplitFiles } from "../measurement/protocol.ts";
import { type AskedProtocols, askedGroups, type SplitData, splitsOf } from "../measurement/protocol-splits.ts";
import { type ProtocolExtensions, protocolsWith } from "../protocols/protocol-kinds.ts";

export interface WrittenSplit {
  readonly folder: string;
  readonly description: Split["description"];
}

/**
 * The splits of the protocols that the pipeline asks for and that have files, in `output`: `<protocol>/`, or
 * `<protocol>/seed-<n>/` where it names several seeds.
 */
export async function writeSplits(
  { name: dataset, data, evaluation }: Pick<PipelineConfig, "name" | "data" | "evaluation">,
  output: string,
  context: IngestContext & ProtocolExtensions,
): Promise<WrittenSplit[]> {
  const ingested = await ingest(data, context);
  const { userIds, catalog } = ingested;
  const fingerprint = fingerprintOf(ingested);
  const { seeds } = evaluation;
  const placed = writtenSplits(ingested, evaluation, protocolsWith(context)).map((named) => {
    const { kind, seed } = named.split.description;
    const folder = join(resolve(output), String(kind), seeds && seeds.length > 1 ? `seed-${seed}` : "");
    return { ...named, folder };
  });
  const files = placed.flatMap(({ folder, ...named }) =>
    splitFiles(folder, { dataset, fingerprint, userIds, itemIds: catalog.ids, ...named }),
  );
  await writeTogether(files);
  return placed.map(({ split, folder }) => ({ folder, description: split.description }));
}

function writtenSplits(
  data: SplitData,
  asked: AskedProtocols,
  protocols: readonly Protocol[],
): ReturnType<SplitFiles<unknown, unknown>["written"]>[] {
  const written = protocols.filter(({ files }) => files !== undefined);
  return askedGroups(asked, written).flatMap((group) => {
    const splits = splitsOf(group, data, asked);
    return group.protocols.flatMap(({ files, option }) =>
      splits.flatMap((split) => files?.written(split, asked[option]) ?? []),
    );
  });
}
