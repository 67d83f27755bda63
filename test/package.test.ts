/** The package as its users get it: packed, installed into an empty project, used from the command line, from code, from types. */
import { execFile } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it, type TestContext } from "vitest";

const run = promisify(execFile);
const root = join(import.meta.dirname, "..");
const tsc = join(root, "node_modules", ".bin", "tsc");
const megabyte = 1024 ** 2;

let project: string;
let tarball: string;
let unreachable: string | undefined;

beforeAll(async () => {
  project = await mkdtemp(join(tmpdir(), "tailrec-package-"));
  await writeFile(join(project, "package.json"), '{ "name": "empty", "version": "1.0.0", "type": "module" }');
  // Without scripts: `prepare` would remove dist/ under the feet of the tests that run beside this one.
  await run("npm", ["pack", "--ignore-scripts", "--pack-destination", project], { cwd: root });
  const packed = (await readdir(project)).find((name) => name.endsWith(".tgz"));
  tarball = join(project, packed ?? "");
  unreachable = await install();
}, 300_000);

afterAll(() => rm(project, { recursive: true, force: true }));

describe("the package", () => {
  it("is below fifteen megabytes, of which the two encoders are eleven", async () => {
    expect((await stat(tarball)).size).toBeLessThan(15 * megabyte);
  });

  it("holds code, encoders, pipelines and the demo shop, and neither sources nor tests", async () => {
    const { stdout } = await run("tar", ["-tzf", tarball]);
    const files = stdout.split("\n").map((line) => line.replace(/^package\//, ""));
    for (const needed of [
      "dist/index.js",
      "dist/index.d.ts",
      "dist/cli/main.js",
      "pipelines/shop.yaml",
      "LICENSE",
      "README.md",
    ]) {
      expect(files).toContain(needed);
    }
    expect(files.filter((file) => /^(src|test|bench|native\/test)\//.test(file))).toEqual([]);
  });

  it("gives a working `npx tailrec --help`", async (context) => {
    skipUnlessInstalled(context);
    const { stdout } = await run("npx", ["--no-install", "tailrec", "--help"], { cwd: project });
    for (const verb of [
      "run",
      "embed",
      "similar",
      "recommend",
      "evaluate",
      "explain",
      "validate",
      "models",
      "export",
    ]) {
      expect(stdout).toMatch(new RegExp(`^  ${verb}\\b`, "m"));
    }
  });

  it("fetches no CUDA library: an empty file stands in for each that onnxruntime-node would fetch", async (context) => {
    skipUnlessInstalled(context);
    const folder = join(project, "node_modules", "onnxruntime-node", "bin");
    const files = await readdir(folder, { recursive: true });
    const providers = files.filter((file) => /providers_\w+\.so$/.test(file));
    const sizes = await Promise.all(providers.map(async (file) => (await stat(join(folder, file))).size));
    const expected = process.platform === "linux" && process.arch === "x64" ? [0, 0, 0] : [];
    expect(sizes).toEqual(expected);
  });

  it("brings the demo whole: its pipeline, data, pictures and encoders pass their checks", async (context) => {
    skipUnlessInstalled(context);
    const pipeline = join("node_modules", "tailrec", "pipelines", "shop.yaml");
    const { stdout } = await run("npx", ["--no-install", "tailrec", "validate", pipeline], { cwd: project });
    expect(stdout).toMatch(/^PASS +pictures +1\d\d\d of 1200 items have one$/m);
    expect(stdout).not.toContain("FAIL");
  });

  it("gives a working import", async (context) => {
    skipUnlessInstalled(context);
    const code =
      'import { ingest, fitAls, TailrecError } from "tailrec"; console.log(typeof ingest, typeof fitAls, TailrecError.name)';
    const { stdout } = await run("node", ["--input-type=module", "--eval", code], { cwd: project });
    expect(stdout.trim()).toBe("function function TailrecError");
  });

  it("gives types that accept right code and refuse wrong code", async (context) => {
    skipUnlessInstalled(context);
    expect(
      await typeErrors('import { type AlsOptions } from "tailrec";\nexport const options: AlsOptions = { rank: 8 };\n'),
    ).toBe("");
    expect(
      await typeErrors(
        'import { type AlsOptions } from "tailrec";\nexport const options: AlsOptions = { rank: "8" };\n',
      ),
    ).toContain("Type '\"8\"' is not assignable to type 'number");
  });
});

describe("npm ci in the repository", () => {
  it("fetches no CUDA library: the lockfile names no install script of onnxruntime-node", async () => {
    const { packages } = JSON.parse(await readFile(join(root, "package-lock.json"), "utf8")) as Lockfile;
    const { hasInstallScript } = packages["node_modules/onnxruntime-node"];
    expect(hasInstallScript, "npm wrote it again: remove the line from package-lock.json").toBeUndefined();
  });

  it("asks for nothing that npm does not know", async () => {
    expect(await readdir(root)).not.toContain(".npmrc");
  });
});

interface Lockfile {
  readonly packages: Readonly<Record<string, { readonly hasInstallScript?: true }>>;
}

/** Installs the tarball; gives the reason when the registry cannot be reached. Any other failure is a failure. */
async function install(): Promise<string | undefined> {
  try {
    await run("npm", ["install", "--prefer-offline", "--no-audit", "--no-fund", tarball], { cwd: project });
    return undefined;
  } catch (error) {
    const text = String(error);
    if (/ENOTFOUND|ECONNREFUSED|ECONNRESET|ETIMEDOUT|EAI_AGAIN|ENETUNREACH/.test(text)) return text.split("\n")[0];
    throw error;
  }
}

function skipUnlessInstalled(context: TestContext): void {
  if (unreachable !== undefined) context.skip(`the npm registry cannot be reached: ${unreachable}`);
}

/** What the type checker says about a module of the empty project; "" when it is content. */
async function typeErrors(code: string): Promise<string> {
  await writeFile(join(project, "consumer.ts"), code);
  const options = [
    "--noEmit",
    "--strict",
    "--module",
    "nodenext",
    "--target",
    "es2023",
    "--skipLibCheck",
    "--types",
    "",
  ];
  return run(tsc, [...options, "consumer.ts"], { cwd: project }).then(
    () => "",
    (error: { readonly stdout?: string }) => String(error.stdout),
  );
}
