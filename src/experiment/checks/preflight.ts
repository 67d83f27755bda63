/** What can be said of a pipeline file before a run, and of a bundle before it serves: lists of checks. */

import { type Bundle, type BundleKinds, loadBundle } from "../../bundle/bundle.ts";
import { goldenError } from "../../bundle/bundle-golden.ts";
import { loadBundleFiles } from "../../bundle/bundle-store.ts";
import { loadPipeline, type Pipeline, type PipelineKinds } from "../../config.ts";
import { decodeSafetensors } from "../../data/files/safetensors.ts";
import { type Ingested, ingest } from "../../data/ingest/ingest.ts";
import { describeDecay, type IngestReport, summarise } from "../../data/ingest/rejects.ts";
import { loadManifestFor } from "../../encoders/models/manifest.ts";
import { verifiedModelFiles } from "../../encoders/models/model-files.ts";
import { type ErrorCode, TailrecError } from "../../errors.ts";
import { blockKindsWith } from "../../features/block-kinds.ts";
import { type ChosenBlock, chosenBlocks } from "../../features/feature-options.ts";
import { namedEncoders } from "../../features/named-encoders.ts";
import type { RunContext } from "../../run-context.ts";
import { checkInputFiles } from "../inputs/input-files.ts";
import { checkCells, reasonsOf } from "./cell-checks.ts";
import { attempt, type Check, filesRight } from "./checks.ts";

/** Which errors of ingest belong to which check, in the order in which ingest meets them. */
const dataChecks: readonly { readonly name: string; readonly codes: readonly ErrorCode[] }[] = [
  { name: "data files", codes: ["FILE_NOT_FOUND", "EMPTY_INPUT", "UNREADABLE_INPUT"] },
  { name: "columns", codes: ["UNKNOWN_COLUMN"] },
  { name: "item ids", codes: ["DUPLICATE_ITEM"] },
  { name: "rejected rows", codes: ["TOO_MANY_REJECTS"] },
  { name: "enough data", codes: ["NOT_ENOUGH_DATA"] },
];

/** Checks of a pipeline file: its syntax and keys, its data, its input files, its encoders. Reads all data, fits nothing. */
export async function validatePipeline(path: string, context: RunContext & PipelineKinds): Promise<Check[]> {
  const loaded = await loadedPipeline(path, context);
  if (loaded.value === undefined) return [loaded.check];
  const { config, folder } = loaded.value;
  const chosen = chosenBlocks(config.features, blockKindsWith(context));
  const data = await checkData(loaded.value, chosen, context);
  return [loaded.check, ...data, ...(await checkEncoders(chosen, folder))];
}

/** The check of its syntax and keys alone, and the pipeline with every default filled where it passed. */
export async function validatePipelineFile(
  path: string,
  kinds: PipelineKinds = {},
): Promise<{ readonly checks: readonly Check[]; readonly pipeline?: Pipeline }> {
  const loaded = await loadedPipeline(path, kinds);
  return { checks: [loaded.check], pipeline: loaded.value };
}

function loadedPipeline(path: string, kinds: PipelineKinds) {
  return attempt(
    "pipeline file",
    () => loadPipeline(path, kinds),
    ({ config }) => `"${config.name}", all keys known`,
  );
}

/** Checks that the encoders of these blocks are on this machine, unaltered. `folder` is the base of relative paths. */
async function checkEncoders(chosen: readonly ChosenBlock[], folder: string): Promise<Check[]> {
  const checks = namedEncoders(chosen).map(({ task, encoder }) =>
    attempt(
      `${task} encoder`,
      async () => verifiedModelFiles(await loadManifestFor(task, encoder, folder)),
      (files) => `${encoder}: ${filesRight(files)}`,
    ),
  );
  return (await Promise.all(checks)).map(({ check }) => check);
}

/** Checks of a bundle: every file and checksum, that this machine computes the stored vectors, its encoders. */
export async function validateBundle(folder: string, kinds: BundleKinds = {}): Promise<Check[]> {
  const loaded = await attempt(
    "files and checksums",
    () => loadBundle(folder, kinds),
    ({ catalog, userIds, manifest }) => `"${manifest.dataset}", ${catalog.ids.length} items, ${userIds.length} users`,
  );
  if (loaded.value === undefined) return [loaded.check];
  const bundle = loaded.value;
  const golden = await attempt(
    "golden vectors",
    () => requireGolden(folder, bundle),
    (error) => `reproduced within ${error.toPrecision(1)}`,
  );
  const chosen = chosenBlocks(bundle.manifest.config.features, bundle.space.kinds);
  return [loaded.check, golden.check, ...(await checkEncoders(chosen, "."))];
}

/** Float32 sums in another order differ by about this much; a wrong model by far more. */
const goldenTolerance = 1e-3;

async function requireGolden(folder: string, { model, features }: Bundle): Promise<number> {
  const name = "golden.safetensors";
  const stored = decodeSafetensors((await loadBundleFiles(folder)).read(name), name);
  const error = await goldenError(stored, model, features.blocks);
  if (error <= goldenTolerance) return error;
  const message = `${folder}: ${name}: vectors computed here differ by up to ${error}, expected at most ${goldenTolerance}; make the bundle again on this machine`;
  throw new TailrecError("BUNDLE_CORRUPT", message);
}

async function checkData(
  { config, folder }: Pipeline,
  chosen: readonly ChosenBlock[],
  context: RunContext,
): Promise<Check[]> {
  const read = await attempt(
    "data",
    () => ingest(config.data, { ...context, folder }),
    () => "",
  );
  const { value, check } = read;
  if (value === undefined) return failedDataChecks(check);
  const details = dataDetails(value);
  const checks = dataChecks.map(({ name }, place): Check => ({ name, state: "passed", detail: details[place] }));
  return [...checks, ...checkCells(value), ...(await checkInputFiles(chosen, value.catalog))];
}

function dataDetails({ catalog, userIds, interactions, report }: Ingested): string[] {
  const rows = report.items.rows + (report.interactions?.rows ?? 0);
  const decay = report.interactions?.decay;
  return [
    [`${report.items.file}, ${report.interactions?.file ?? ""}`, ...report.notes].join("; "),
    "all mapped columns are there",
    `${catalog.ids.length} items, no id twice`,
    rejectedDetail(report, rows),
    `${userIds.length} users, ${interactions.indices.length} user-item pairs${decay ? `; ${describeDecay(decay)}` : ""}`,
  ];
}

function rejectedDetail({ rejects, outliers }: IngestReport, rows: number): string {
  const share = `${rejects.length === 0 ? "none" : rejects.length} of ${rows} rows`;
  if (rejects.length + outliers.length === 0) return share;
  return `${share}: ${reasonsOf(summarise([...rejects, ...outliers]))}`;
}

/** The failed check in its place, those before it passed, those after it not reached. */
function failedDataChecks(failure: Check): Check[] {
  const { code, detail } = failure;
  const failed = dataChecks.findIndex(({ codes }) => code !== undefined && codes.includes(code));
  if (failed < 0) return [failure];
  return dataChecks.map(({ name }, place): Check => {
    if (place === failed) return { name, state: "failed", detail, code };
    return { name, state: place < failed ? "passed" : "not reached", detail: "" };
  });
}
