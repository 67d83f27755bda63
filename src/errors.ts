/**
 * Every failure a caller can meet is a TailrecError with a code from one table; the table gives the
 * exit status of the command and the HTTP status of the service. `test/errors.test.ts` holds it against README.
 */

interface ErrorKind {
  readonly exit: 1 | 2 | 3;
  readonly http: number;
  readonly meaning: string;
}

export const ERROR_TABLE = {
  INVALID_OPTIONS: { exit: 2, http: 400, meaning: "an option or pipeline key is unknown or has a wrong value" },
  INVALID_ARGUMENT: { exit: 2, http: 400, meaning: "an argument has the wrong shape, range or a non-finite value" },
  FILE_NOT_FOUND: { exit: 3, http: 404, meaning: "a named input file or folder does not exist" },
  FORBIDDEN_INPUT: { exit: 2, http: 403, meaning: "an input names a file or address that the pipeline does not allow" },
  EMPTY_INPUT: { exit: 2, http: 422, meaning: "an input file has no rows" },
  UNREADABLE_INPUT: { exit: 2, http: 422, meaning: "an input file is damaged or not of its format" },
  UNKNOWN_COLUMN: { exit: 2, http: 422, meaning: "a mapped column is not in the file" },
  DUPLICATE_ITEM: { exit: 2, http: 422, meaning: "the catalog names one item id twice" },
  TOO_MANY_REJECTS: { exit: 2, http: 422, meaning: "more rows were rejected than the pipeline allows" },
  NOT_ENOUGH_DATA: { exit: 2, http: 422, meaning: "too few users, items or interactions for the request" },
  UNKNOWN_ITEM: { exit: 2, http: 404, meaning: "an item id is not in the catalog" },
  UNKNOWN_USER: { exit: 2, http: 404, meaning: "a user id is not in the interactions" },
  MODEL_MISSING: { exit: 3, http: 424, meaning: "an encoder's files are not on this machine" },
  MODEL_INVALID: { exit: 2, http: 424, meaning: "an encoder's manifest or files do not fit each other" },
  BUNDLE_MISSING: { exit: 3, http: 404, meaning: "the bundle folder does not exist" },
  BUNDLE_CORRUPT: { exit: 3, http: 500, meaning: "a bundle file is missing, truncated or altered" },
  BUNDLE_VERSION: { exit: 2, http: 500, meaning: "the bundle was written by a newer tailrec" },
  LEAK_FOUND: {
    exit: 2,
    http: 422,
    meaning: "the evaluation would measure what leaked, and the pipeline does not allow it",
  },
  BOUNDARY_CROSSED: { exit: 2, http: 422, meaning: "neighbours cross a declared boundary more often than allowed" },
  OUTPUT_FAILED: { exit: 1, http: 507, meaning: "an output could not be written; earlier output is untouched" },
  INTERRUPTED: { exit: 1, http: 499, meaning: "the run was cancelled" },
  INTERNAL: { exit: 1, http: 500, meaning: "a fault of tailrec itself; please report it" },
} as const satisfies Record<string, ErrorKind>;

export type ErrorCode = keyof typeof ERROR_TABLE;

/** An error whose message says what was expected, what was received and what to do. */
export class TailrecError extends Error {
  override readonly name = "TailrecError";
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.code = code;
  }
}
