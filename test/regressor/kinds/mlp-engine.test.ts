/** Engines of the network that tailrec does not install. */
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
