/**
 * What an encoder on trial may use. A graph is a program: it can loop for ever, or ask for more memory than any machine has. Its
 * weights are loaded, turned and packed, which takes about three times their size; the rest is for the runtime and the inputs.
 */

export interface TrialLimits {
  /** Resident memory of the process, in bytes. */
  readonly memory: number;
  /** Of processor time, and a fifth of those by the clock. */
  readonly seconds: number;
}

const GIGABYTE = 1e9;
const COPIES_OF_WEIGHTS = 3;
const SECONDS = 30;

/** The limits for model files of so many bytes together; what is given outweighs them. */
export function trialLimits(bytes: number, given: Partial<TrialLimits> = {}): TrialLimits {
  const gigabytes = bytes / GIGABYTE;
  const { memory = GIGABYTE * (1 + COPIES_OF_WEIGHTS * gigabytes), seconds = SECONDS * (1 + gigabytes) } = given;
  return { memory, seconds };
}
