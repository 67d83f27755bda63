/** Errors as they pass between threads and processes: what people read, and for those who debug what was behind it. */
import { type ErrorCode, TailrecError } from "../../errors.ts";
import { messageOf } from "../../file-errors.ts";

export interface PassedError {
  readonly code: ErrorCode;
  readonly message: string;
  /** The message of the cause, such as ONNX Runtime's own text. */
  readonly cause?: string;
}

/** An error to be passed; one that is none of ours is INTERNAL, and `what` says where it comes from. */
export function passError(error: unknown, what: string): PassedError {
  if (!(error instanceof TailrecError)) return { code: "INTERNAL", message: `${what}: ${messageOf(error)}` };
  const { code, message, cause } = error;
  return { code, message, ...(cause !== undefined && { cause: messageOf(cause) }) };
}

/** The error that was passed. */
export function passedError({ code, message, cause }: PassedError): TailrecError {
  return new TailrecError(code, message, cause === undefined ? {} : { cause: new Error(cause) });
}
