/** Numbers as the page prints them. */
import type { SliceRecord } from "../../evaluation/report.ts";

export { labelOf } from "../../evaluation/metrics/metric-kinds.ts";
export { decimalOf, signedOf } from "../report-tables.ts";

/** "1,200". */
export function countText(value: number): string {
  return value.toLocaleString("en-US", { maximumFractionDigits: 1 });
}

/** "25.7 %"; small shares keep two digits. */
export function percentText(share: number): string {
  const percent = 100 * share;
  return `${percent !== 0 && Math.abs(percent) < 1 ? Number(percent.toPrecision(2)) : percent.toFixed(1)} %`;
}

/** "no interaction", "1 to 3 interactions", "21 or more interactions"; "" for every item. */
export function supportText({ minimum, maximum }: Pick<SliceRecord, "minimum" | "maximum">): string {
  if (maximum === null) return minimum === 0 ? "" : `${minimum} or more interactions`;
  if (minimum !== maximum) return `${minimum} to ${maximum} interactions`;
  return minimum === 0 ? "no interaction" : `${minimum} interaction${minimum === 1 ? "" : "s"}`;
}
