/**
 * The bytes of a pipe, so that waiting for its writer ends when the run is cancelled: a blocking read would hold the process up. A pipe
 * that this process has open already is read where it stands, since opening it anew may not be possible.
 */
import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { Socket } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import { readError } from "../../../file-errors.ts";
import { type RunContext, throwIfInterrupted } from "../../../run-context.ts";

const DESCRIPTOR = /^\/(?:dev|proc\/self)\/fd\/(\d+)$/;

/** Throws INTERRUPTED, and as `readError` says. */
export async function* pipeBytes(path: string, context: RunContext): AsyncGenerator<Buffer> {
  const descriptor = path === "/dev/stdin" ? "0" : DESCRIPTOR.exec(path)?.[1];
  try {
    if (descriptor === undefined) yield* namedPipe(path, context);
    else yield* openPipe(Number(descriptor), context);
  } catch (cause) {
    throwIfInterrupted(context);
    throw readError(path, cause);
  }
}

async function* openPipe(fd: number, { signal }: RunContext): AsyncGenerator<Buffer> {
  const socket = new Socket({ fd, readable: true, writable: false });
  const stop = (): void => void socket.destroy(new Error("the run was cancelled"));
  signal?.addEventListener("abort", stop);
  try {
    yield* socket;
  } finally {
    signal?.removeEventListener("abort", stop);
    socket.destroy();
  }
}

/** How long to wait for a writer, and for more of what it writes. */
const WAITS = { opened: 50, written: 1 };

async function* namedPipe(path: string, context: RunContext): AsyncGenerator<Buffer> {
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    for (let isWritten = false; ; ) {
      throwIfInterrupted(context);
      const bytes = await readSome(file);
      isWritten ||= bytes === undefined || bytes.length > 0;
      if (bytes === undefined || !isWritten) await wait(WAITS[isWritten ? "written" : "opened"]);
      else if (bytes.length === 0) return;
      else yield bytes;
    }
  } finally {
    await file.close();
  }
}

/** What is there to read: nothing at the end, or before a writer has come; undefined while a writer holds back. */
async function readSome(file: FileHandle): Promise<Buffer | undefined> {
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(1 << 16), 0, 1 << 16, null);
    return buffer.subarray(0, bytesRead);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EAGAIN") return undefined;
    throw error;
  }
}
