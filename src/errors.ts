/**
 * Every failure a caller can meet is a TailrecError with a code from one table; the table gives the
 * exit status of the command and the HTTP status of the service. docs/errors.md is generated from it.
 */

interface ErrorKind {
  readonly exit: 1 | 2 | 3;
  readonly http: number;
  readonly meaning: string;
  /** What the one who meets it can do. */
  readonly remedy: string;
}

/** Every code with its exit status, its HTTP status, what it means and what to do. */
export const ERROR_TABLE = {
  INVALID_OPTIONS: {
    exit: 2,
    http: 400,
    meaning: "an option or pipeline key is unknown or has a wrong value",
    remedy: "correct the key that the message names; docs/options.md lists all",
  },
  INVALID_ARGUMENT: {
    exit: 2,
    http: 400,
    meaning: "an argument has the wrong shape, range or a non-finite value",
    remedy: "pass what the message expects; `--help` shows an example",
  },
  FILE_NOT_FOUND: {
    exit: 3,
    http: 404,
    meaning: "a named input file or folder does not exist",
    remedy: "check the path; data paths start at the folder of the pipeline file",
  },
  FORBIDDEN_INPUT: {
    exit: 2,
    http: 403,
    meaning: "an input names a file or address that the pipeline does not allow",
    remedy: "move the picture into its folder, or widen `imageRoot` or `image.urls`",
  },
  EMPTY_INPUT: {
    exit: 2,
    http: 422,
    meaning: "an input file has no rows",
    remedy: "check the export that wrote the file",
  },
  UNREADABLE_INPUT: {
    exit: 2,
    http: 422,
    meaning: "an input file is damaged, not of its format, or may not be read",
    remedy: "mend what the message names: the line, the `format`, or the right to read",
  },
  UNKNOWN_COLUMN: {
    exit: 2,
    http: 422,
    meaning: "a mapped column is not in the file",
    remedy: "map the column in `columns`; the message lists those of the file",
  },
  DUPLICATE_ITEM: {
    exit: 2,
    http: 422,
    meaning: "the catalog names one item id twice",
    remedy: "keep one row an item, or correct its id",
  },
  TOO_MANY_REJECTS: {
    exit: 2,
    http: 422,
    meaning: "more rows were rejected than the pipeline allows",
    remedy: "read rejects.jsonl, correct the cause, or raise `maximumRejectedShare`",
  },
  NOT_ENOUGH_DATA: {
    exit: 2,
    http: 422,
    meaning: "too few users, items or interactions for the request",
    remedy: "add data, or lower the share, slice or count that asks for more",
  },
  UNKNOWN_ITEM: {
    exit: 2,
    http: 404,
    meaning: "an item id is not in the catalog",
    remedy: "take the id that the message suggests, or embed the item first",
  },
  UNKNOWN_USER: {
    exit: 2,
    http: 404,
    meaning: "a user id is not in the interactions",
    remedy: "correct the id, name a fallback, or list for items and attributes of someone new",
  },
  MODEL_MISSING: {
    exit: 3,
    http: 424,
    meaning: "an encoder's files are not on this machine",
    remedy: "run `tailrec models pull NAME`, or name an encoder that `tailrec models list` shows",
  },
  MODEL_INVALID: {
    exit: 2,
    http: 424,
    meaning: "an encoder's manifest or files do not fit each other",
    remedy: "run `tailrec models verify NAME` and correct what it names",
  },
  SHARDS_MISSING: {
    exit: 3,
    http: 424,
    meaning: "parts of a stage are not there that the next stage needs",
    remedy: "run the parts that the message names, then this stage again",
  },
  BUNDLE_MISSING: {
    exit: 3,
    http: 404,
    meaning: "the bundle folder does not exist",
    remedy: "run the pipeline first, or correct the path",
  },
  BUNDLE_CORRUPT: {
    exit: 3,
    http: 500,
    meaning: "a bundle file is missing, truncated or altered",
    remedy: "copy the bundle again, or run the pipeline again",
  },
  BUNDLE_VERSION: {
    exit: 2,
    http: 500,
    meaning: "the bundle was written by a newer tailrec",
    remedy: "update tailrec, or make the bundle with this version",
  },
  LEAK_FOUND: {
    exit: 2,
    http: 422,
    meaning: "the evaluation would measure what leaked, and the pipeline does not allow it",
    remedy: "remove what leaks, or name the check in `evaluation.allowLeaks`",
  },
  BOUNDARY_CROSSED: {
    exit: 2,
    http: 422,
    meaning: "neighbours cross a declared boundary more often than allowed",
    remedy: "weigh the blocks that tell the sides apart more, or raise the boundary's `maximum`",
  },
  UNKNOWN_ADDRESS: {
    exit: 2,
    http: 404,
    meaning: "the service has nothing at this address and method",
    remedy: "take an address of /openapi.json",
  },
  NO_KEY: {
    exit: 2,
    http: 401,
    meaning: "the service asks for a key, and none that it knows was sent",
    remedy: "send `authorization: Bearer KEY` with a key of the service's key file",
  },
  KEY_NOT_ALLOWED: {
    exit: 2,
    http: 403,
    meaning: "the key is known and may not do this",
    remedy: "use a key with the scope that the message names",
  },
  TOO_LARGE: {
    exit: 2,
    http: 413,
    meaning: "a request is larger than the service accepts",
    remedy: "send less at once, or raise the limit that the message names",
  },
  UNSUPPORTED_FORMAT: {
    exit: 2,
    http: 415,
    meaning: "the body of a request is of a format that is not read here",
    remedy: "send JSON with `content-type: application/json`",
  },
  TOO_MANY_REQUESTS: {
    exit: 2,
    http: 429,
    meaning: "a key or address asks more often than the service allows",
    remedy: "wait as long as `retry-after` says, or raise the service's limit",
  },
  UNAVAILABLE: {
    exit: 1,
    http: 503,
    meaning: "the service is stopping, or has more to do than it can answer in time",
    remedy: "ask again in a moment",
  },
  BUNDLE_REFUSED: {
    exit: 2,
    http: 409,
    meaning: "a new bundle was not taken into service; the old one goes on",
    remedy: "read why in the message; mend the bundle, or widen the limits of the change",
  },
  THRESHOLD_CROSSED: {
    exit: 2,
    http: 422,
    meaning: "a figure that is watched lies beyond its limit",
    remedy: "look at the figure's days in `tailrec monitor` with `--json`, or widen its limit",
  },
  OUTPUT_FAILED: {
    exit: 1,
    http: 507,
    meaning: "an output could not be written; earlier output is untouched",
    remedy: "make room or give the right to write, then run again",
  },
  STORE_UNREACHABLE: {
    exit: 3,
    http: 503,
    meaning: "a vector store does not answer, or the connection was cut",
    remedy: "check the address and the store, then push again: it goes on where it stopped",
  },
  STORE_DENIED: {
    exit: 2,
    http: 403,
    meaning: "a vector store refuses the user or the secret",
    remedy: "check the user in the address and TAILREC_STORE_SECRET or its file",
  },
  STORE_MISMATCH: {
    exit: 2,
    http: 409,
    meaning: "a collection has another dimension or metric than is asked of it",
    remedy: "push the bundle again, or name another collection",
  },
  STORE_BUSY: {
    exit: 1,
    http: 409,
    meaning: "another push writes to the same collection",
    remedy: "wait until it has ended, then push again",
  },
  STORE_FAILED: {
    exit: 1,
    http: 502,
    meaning: "a vector store is full or could not do what was asked; readers see what they saw before",
    remedy: "mend what the store names, then push again",
  },
  STORE_CLIENT_MISSING: {
    exit: 3,
    http: 424,
    meaning: "an optional package, such as the client of a vector store, is not installed",
    remedy: "run the install line of the message",
  },
  ENGINE_MISSING: {
    exit: 3,
    http: 424,
    meaning: "the engine that is to train a network is not installed",
    remedy: "run the install line of the message, or leave the engine out",
  },
  INTERRUPTED: {
    exit: 1,
    http: 499,
    meaning: "the run was cancelled",
    remedy: "run the command again; encoder outputs are kept",
  },
  INTERNAL: {
    exit: 1,
    http: 500,
    meaning: "a fault of tailrec itself; please report it",
    remedy: "set TAILREC_DEBUG=1, run again and report what it prints",
  },
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
