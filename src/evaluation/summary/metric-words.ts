/** What a report says of its metrics, so that whoever reads it needs to know none of them. */
import { type MetricFamily, type MetricKind, metricKinds, partsOf } from "../metrics/metric-kinds.ts";
import type { EvaluationReport, ProtocolRecord } from "../report.ts";

/** What the kinds of these metrics mean, and what they are made of. */
export function metricWords(
  names: readonly string[],
  kinds: readonly MetricKind[],
): Pick<ProtocolRecord, "definitions" | "families"> {
  const used = [...new Set(names.map((name) => partsOf(name).kind))];
  const asked = used.flatMap((name) => kinds.find((kind) => kind.name === name) ?? []);
  return {
    definitions: Object.fromEntries(asked.map(({ name, definition }) => [name, definition])),
    families: Object.fromEntries(asked.map(({ name, of }) => [name, of])),
  };
}

/**
 * What a metric of the report is made of. Reports of earlier versions do not say: theirs are built in, and what is not known
 * here is taken for a metric of ranks.
 */
export function familyOf({ protocol }: Pick<EvaluationReport, "protocol">, metric: string): MetricFamily {
  const { kind } = partsOf(metric);
  return protocol.families?.[kind] ?? metricKinds.find(({ name }) => name === kind)?.of ?? "ranks";
}
