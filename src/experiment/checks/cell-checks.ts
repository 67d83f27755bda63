/** What a preflight says of the cells of the data: how times were read, which attributes could be. */

import { ACCEPTED_NUMBERS } from "../../data/ingest/cells/number-text.ts";
import type { Ingested } from "../../data/ingest/ingest.ts";
import { type IngestReport, summarise } from "../../data/ingest/rejects.ts";
import { describeLost, describeTimes } from "../../data/ingest/report-notes.ts";
import type { Check } from "./checks.ts";

/** Checks of times and of attributes, where the pipeline maps any. */
export function checkCells(ingested: Ingested): Check[] {
  return [...checkTimes(ingested.report), ...checkAttributes(ingested)];
}

function checkTimes({ interactions }: IngestReport): Check[] {
  if (interactions?.times === undefined) return [];
  return [{ name: "times", state: "passed", detail: describeTimes(interactions.times) }];
}

/** A few cells that cannot be read are missing values; a column of them is a wrong mapping, or a form that is not known. */
function checkAttributes({ catalog, userAttributes = [], report }: Ingested): Check[] {
  const name = "attributes";
  if (catalog.attributes.length + userAttributes.length === 0) return [];
  const { lostColumns, missingCells } = report;
  if (lostColumns.length > 0) {
    const detail = [...lostColumns.map(describeLost), ACCEPTED_NUMBERS].join("; ");
    return [{ name, state: "failed", detail, code: "UNREADABLE_INPUT" }];
  }
  const detail = missingCells.length === 0 ? "every filled cell can be read" : reasonsOf(summarise(missingCells));
  return [{ name, state: "passed", detail }];
}

/** "3 x REASON (accepted: ...), 1 x REASON". */
export function reasonsOf(summary: IngestReport["summary"]): string {
  return summary
    .map(({ reason, count, accepted }) => `${count} x ${reason}${accepted === undefined ? "" : ` (${accepted})`}`)
    .join(", ");
}
