/** The list of the tasks of encoders: what every one of them must say. */
import { describe, expect, it } from "vitest";
import { encoderDigest } from "../../src/encoders/models/manifest.ts";
import { preparationOf } from "../../src/encoders/models/manifest-schema.ts";
import { encoderTasks, taskNamed, taskNames } from "../../src/encoders/tasks.ts";
import { builtIn } from "./encoding-fixtures.ts";

describe("tasks of encoders", () => {
  it("are told apart by name; an unknown one is refused with the known", () => {
    expect(new Set(taskNames).size).toBe(encoderTasks.length);
    expect(() => taskNamed("smell")).toThrow(
      expect.objectContaining({ code: "MODEL_INVALID", message: expect.stringContaining(taskNames.join(", ")) }),
    );
  });

  it.each(taskNames)("%s has inputs to try, which its built-in encoder encodes", async (name) => {
    const { manifest, files } = await builtIn(name);
    const inputs = await taskNamed(name).trialInputs(preparationOf(manifest));
    const encoder = await taskNamed(name).open({ manifest, files, threads: 1 });
    const { vectors, failures } = await encoder.encode(inputs);
    await encoder.close();
    expect(inputs.length).toBeGreaterThan(1);
    expect(failures).toEqual([]);
    expect(vectors).toHaveLength(inputs.length * manifest.dimension);
  });

  it.each(taskNames)("%s has its preparation under its name, and in the digest", async (name) => {
    const { manifest } = await builtIn(name);
    const preparation = preparationOf(manifest);
    expect(preparation).toBe(Object(manifest)[name]);
    const other = { ...manifest, [name]: { ...Object(preparation), pooling: "cls" } };
    expect(encoderDigest(other)).not.toBe(encoderDigest(manifest));
  });
});
