/**
 * The hidden folder beside an output in which it is made: `.tailrec-<machine>-<random>`. Before it, and as long as it, there is a socket
 * of that name with `.alive` behind it, which the kernel answers for while the process lives, whatever its number and whichever
 * container it runs in. What a dead process left is told from what a living one needs, and nothing that a person named is ever taken
 * for either.
 */
import { createHash, randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { lstat, mkdir, open, readdir, rm } from "node:fs/promises";
import { connect, createServer } from "node:net";
import { hostname } from "node:os";
import { basename, dirname, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { errorCode } from "./output-failure.ts";

export interface StagingFolder {
  readonly path: string;
  /** Removes the folder and whatever is still in it. */
  close(): Promise<void>;
}

/** Kernels differ: only on the one that made it does a socket answer for its process. */
const MACHINE = createHash("sha256")
  .update(bootId() ?? hostname())
  .digest("hex")
  .slice(0, 8);

const NAME = /^\.tailrec-([0-9a-f]{8})-[0-9a-f]{16}$/;

/** Where no socket tells: a folder that nobody has touched for a day is nobody's. */
const ABANDONED_AFTER_MS = 86_400_000;

const MARK = ".alive";

/** A socket is there an instant before it answers. */
const SETTLED_AFTER_MS = 1_000;

/** Makes a folder of its own in `folder`, which exists. Rejects with the system's error. */
export async function openStaging(folder: string): Promise<StagingFolder> {
  const path = join(folder, `.tailrec-${MACHINE}-${randomBytes(8).toString("hex")}`);
  const mark = await markAlive(path);
  const close = async (): Promise<void> => {
    await removeTree(path);
    await mark?.close();
  };
  try {
    await mkdir(path);
  } catch (error) {
    await close();
    throw error;
  }
  return { path, close };
}

/** Removes a staging folder, its mark last; what cannot be removed is left to whoever writes there next. */
export async function removeStaging(path: string): Promise<void> {
  await removeTree(path);
  await removeTree(path + MARK);
}

export function isStaging(path: string): boolean {
  return NAME.test(basename(path));
}

/** The staging folders in `folder`, those included of which only the mark is left; none where it cannot be read. */
export async function stagingsIn(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch(() => []);
  const stagings = names.map((name) => (name.endsWith(MARK) ? name.slice(0, -MARK.length) : name)).filter(isStaging);
  return [...new Set(stagings)].map((name) => join(folder, name));
}

/** Whether the process that made the staging folder is gone. Another user's folder is never ours to judge. */
export async function isAbandoned(path: string): Promise<boolean> {
  const [entry, mark] = await Promise.all([path, path + MARK].map((at) => lstat(at).catch(() => undefined)));
  const present = [entry, mark].filter((found) => found !== undefined);
  const own = process.geteuid?.();
  if (present.length === 0 || present.some(({ uid }) => own !== undefined && uid !== own)) return false;
  const isTelling = mark?.isSocket() === true && NAME.exec(basename(path))?.[1] === MACHINE;
  if (!isTelling) return present.every(({ mtimeMs }) => Date.now() - mtimeMs > ABANDONED_AFTER_MS);
  if (await answers(path)) return false;
  if (Date.now() - mark.ctimeMs > SETTLED_AFTER_MS) return true;
  await delay(SETTLED_AFTER_MS / 10);
  return !(await answers(path));
}

async function removeTree(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true }).catch(() => undefined);
}

interface Mark {
  close(): Promise<void>;
}

/** Undefined where the file system or the platform has no sockets. */
async function markAlive(path: string): Promise<Mark | undefined> {
  const address = await socketAddress(path);
  const server = createServer((caller) => caller.destroy());
  const listening = await new Promise<boolean>((resolve) => {
    server.once("error", () => resolve(false));
    server.listen(address.path, () => resolve(true));
  });
  if (!listening) {
    await address.close();
    return undefined;
  }
  server.unref();
  return {
    close: async () => {
      await new Promise((resolve) => server.close(resolve));
      await address.close();
    },
  };
}

/** False only where nobody listens any more. */
async function answers(path: string): Promise<boolean> {
  const address = await socketAddress(path);
  const failure = await new Promise<string | undefined>((resolve) => {
    const caller = connect(address.path);
    caller.once("connect", () => {
      caller.destroy();
      resolve(undefined);
    });
    caller.once("error", (error) => resolve(errorCode(error)));
  });
  await address.close();
  return failure !== "ECONNREFUSED";
}

/** A socket's address holds some hundred bytes; a longer path is reached through an open handle of its folder. */
const ADDRESS_BYTES = 100;

async function socketAddress(path: string): Promise<{ readonly path: string; close(): Promise<void> }> {
  const socket = path + MARK;
  if (Buffer.byteLength(socket) <= ADDRESS_BYTES || process.platform !== "linux") {
    return { path: socket, close: async () => undefined };
  }
  const handle = await open(dirname(socket));
  return { path: `/proc/self/fd/${handle.fd}/${basename(socket)}`, close: () => handle.close() };
}

function bootId(): string | undefined {
  try {
    return readFileSync("/proc/sys/kernel/random/boot_id", "utf8");
  } catch {
    return undefined;
  }
}
