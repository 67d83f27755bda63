/** The thread of a trial: describes the folder of its workerData, and answers with what it found or with its error. */
import { parentPort, workerData } from "node:worker_threads";
import { type AddedModel, type AddedModelOptions, describeModelFolder } from "../models/added-model.ts";
import { type PassedError, passError } from "../run/passed-error.ts";
import type { TrialLimits } from "./trial-limits.ts";

export interface TrialRequest {
  readonly path: string;
  readonly options: AddedModelOptions;
  /** Limits of the trial that outweigh the usual ones. */
  readonly limits: Partial<TrialLimits>;
}

/** What comes of a trial: first the size of its model files, in bytes, then one of the others. */
export interface TrialReport {
  readonly bytes?: number;
  readonly added?: AddedModel;
  readonly failure?: PassedError;
}

const { path, options } = workerData as TrialRequest;
describeModelFolder(path, options, (bytes) => post({ bytes })).then(
  (added) => post({ added }),
  (error: unknown) => post({ failure: passError(error, "a trial failed") }),
);

function post(report: TrialReport): void {
  parentPort?.postMessage(report);
}
