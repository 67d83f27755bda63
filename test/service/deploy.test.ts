/** The files of deploy/: what they name is there, and the service runs as they run it: as another user, over files it cannot write. */
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { statSync } from "node:fs";
import { chmod, chown, mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { contract } from "../../src/service/contract/contract.ts";
import { root } from "../cli/tailrec.ts";
import { makeTinyBundle, type TinyBundle } from "./tiny-bundle.ts";

const run = promisify(execFile);
const read = (name: string) => readFile(join(root, name), "utf8");

/** Instructions of a container file, with continued lines joined. */
async function instructions(): Promise<readonly (readonly [string, string])[]> {
  const text = (await read("deploy/Containerfile")).replace(/\\\n\s*/g, " ");
  const lines = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  return lines.map((line) => [line.slice(0, line.indexOf(" ")), line.slice(line.indexOf(" ") + 1)]);
}

async function only(name: string): Promise<string> {
  const found = (await instructions()).filter(([own]) => own === name);
  expect(found).toHaveLength(1);
  return found[0][1];
}

/** The program and its arguments of `CMD [...]` or `ENTRYPOINT [...]`. */
const argumentsIn = (text: string) => JSON.parse(text.slice(text.indexOf("["))) as string[];

describe("the container file", () => {
  it("takes a Node that the package allows, and everything that the package has", async () => {
    const { engines, files } = JSON.parse(await read("package.json"));
    const bases = (await instructions()).flatMap(([name, text]) => (name === "FROM" ? [text] : []));
    const lowest = Number(/\d+/.exec(engines.node)?.[0]);
    for (const base of bases) expect(Number(/node:(\d+)-/.exec(base)?.[1])).toBeGreaterThanOrEqual(lowest);
    const ignored = (await read(".dockerignore")).split("\n").filter((line) => /^[^#]/.test(line));
    const made = ["dist", "prebuilds"];
    const needed = [...files, "src", "package-lock.json", "tsconfig.json"].filter((name) => !made.includes(name));
    for (const name of ignored) {
      expect(needed.filter((path) => path === name || path.startsWith(`${name}/`))).toEqual([]);
    }
  });

  it("does not run as root, writes to the log and to /tmp alone, and asks whether it is ready", async () => {
    const names = (await instructions()).map(([name]) => name);
    expect(await only("USER")).not.toMatch(/root|^0/);
    expect(names.indexOf("USER")).toBeLessThan(names.indexOf("ENTRYPOINT"));
    const entry = argumentsIn(await only("ENTRYPOINT"));
    const option = (name: string) => entry[entry.indexOf(name) + 1];
    expect([option("--log"), option("--cache")]).toEqual(["/log", "/tmp/cache"]);
    expect(await read("deploy/Containerfile")).toContain("--read-only --tmpfs /tmp");
    expect(await only("HEALTHCHECK")).toContain(`:${await only("EXPOSE")}${contract.ready.path}`);
  });
});

describe("the systemd unit", () => {
  it("starts the service with options that it has, as a user without rights", async () => {
    const unit = await read("deploy/tailrec.service");
    const line = /^ExecStart=(.*)$/m.exec(unit)?.[1] ?? "";
    const { stdout } = await run(process.execPath, [join(root, "dist/cli/main.js"), "serve", "--help"]);
    for (const [option] of line.matchAll(/--[a-z-]+/g)) expect(stdout).toContain(`${option} `);
    for (const rule of ["DynamicUser=yes", "ProtectSystem=strict", "NoNewPrivileges=yes", "CapabilityBoundingSet="]) {
      expect(unit.split("\n")).toContain(rule);
    }
  });
});

const NOBODY = 65_534;

/** Whether another user finds the way to a path: a checkout may lie in a folder of its owner alone. */
function isOpen(path: string): boolean {
  return (statSync(path).mode & 0o001) !== 0 && (path === dirname(path) || isOpen(dirname(path)));
}

describe.skipIf(process.getuid?.() !== 0 || !isOpen(root))(
  "the service as another user, over files it cannot write",
  () => {
    let tiny: TinyBundle;
    beforeAll(async () => {
      tiny = await makeTinyBundle();
    }, 60_000);
    afterAll(() => tiny.remove());

    it("is ready by the check of the container file, and stops in good order", async () => {
      await chmod(tiny.folder, 0o755);
      const own = join(tiny.folder, "own");
      await mkdir(own);
      await chown(own, NOBODY, NOBODY);
      const key = { name: "shop", sha256: createHash("sha256").update("a").digest("hex"), scopes: ["read"] };
      await writeFile(join(tiny.folder, "keys.json"), JSON.stringify({ keys: [key] }));
      const entry = argumentsIn(await only("ENTRYPOINT")).slice(1);
      const places: Readonly<Record<string, string>> = {
        "dist/cli/main.js": join(root, "dist/cli/main.js"),
        "/bundle": tiny.bundle,
        "/log": join(own, "log"),
        "/tmp/cache": join(own, "cache"),
        "/keys.json": join(tiny.folder, "keys.json"),
      };
      const asNobody = { uid: NOBODY, gid: NOBODY, cwd: "/", env: { PATH: process.env.PATH, TMPDIR: own } };
      const { child, port } = await started(
        [...entry.map((word) => places[word] ?? word), "--port", "0", "--quiet"],
        asNobody,
      );
      const [program, flag, code] = argumentsIn(await only("HEALTHCHECK"));
      await run(program, [flag, code.replace(`:${await only("EXPOSE")}/`, `:${port}/`)]);
      const ended = once(child, "exit");
      child.kill("SIGTERM");
      expect(await ended).toEqual([0, null]);
    }, 60_000);
  },
);

async function started(args: readonly string[], options: object): Promise<{ child: ChildProcess; port: string }> {
  const child = spawn(process.execPath, args, { ...options, stdio: ["ignore", "pipe", "inherit"] });
  if (child.stdout === null) throw new Error("expected its output");
  for await (const line of createInterface({ input: child.stdout })) {
    return { child, port: new URL(JSON.parse(line).listening).port };
  }
  throw new Error("the service ended before it listened");
}
