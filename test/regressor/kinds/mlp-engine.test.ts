/** Engines of the network that tailrec does not install. */
import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { createRandom } from "../../../src/math/random.ts";
import { fitRegressor } from "../../../src/regressor/regressor.ts";
import { featureBlocks } from "../../helpers/feature-blocks.ts";
import { randomMatrix } from "../../helpers/matrices.ts";

const random = createRandom(2);
const features = featureBlocks(randomMatrix(random, 20, 3), [{ name: "text", dimension: 3 }]);
const data = { features, factors: randomMatrix(random, 20, 2), support: new Uint32Array(20).fill(1) };

it("TensorFlow.js that is not installed is ENGINE_MISSING with the line that installs it", async () => {
  const mlp = { engine: "tfjs" as const, epochs: 1 };
  await expect(fitRegressor(data, { kind: "mlp", mlp })).rejects.toMatchObject({
    code: "ENGINE_MISSING",
    message: expect.stringContaining("npm install @tensorflow/tfjs"),
  });
});

it.each(["@tensorflow/tfjs-node", "@tensorflow/tfjs"])(
  "%s that does not load is named with what it says",
  async (name) => {
    const folder = mkdtempSync(join(tmpdir(), "tailrec-tfjs-"));
    const installed = join(folder, "node_modules", name);
    mkdirSync(installed, { recursive: true });
    writeFileSync(join(installed, "index.js"), 'throw new Error("a file is cut short");');
    const source = pathToFileURL(join(import.meta.dirname, "../../../src/math/tfjs/tfjs.ts")).href;
    const script = `
    import { loadTfjs } from ${JSON.stringify(source)};
    console.log(await loadTfjs().then(() => "loaded", ({ code, message }) => code + ": " + message));`;
    const loader = pathToFileURL(createRequire(import.meta.url).resolve("tsx")).href;
    const call = ["--import", loader, "--input-type=module", "-e", script];
    const { stdout } = await promisify(execFile)(process.execPath, call, { cwd: folder, timeout: 20_000 });
    rmSync(folder, { recursive: true });
    expect(stdout).toContain(
      `ENGINE_MISSING: TensorFlow.js is not installed (${name} is there, and does not load: a file is cut short)`,
    );
  },
);
