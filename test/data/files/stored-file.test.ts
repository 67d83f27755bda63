/** Files and tensors that stay on the disk, against the same read whole. */
import { createHash } from "node:crypto";
import { mkdtemp, readFile, rename, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { decodeSafetensors, matrixNamed, safetensorsParts, tensorOf } from "../../../src/data/files/safetensors.ts";
import { openStored } from "../../../src/data/files/stored-file.ts";
import { openTensors } from "../../../src/data/files/stored-tensors.ts";
import { rowOf } from "../../../src/math/matrix.ts";
import { createRandom } from "../../../src/math/random.ts";
import { randomMatrix } from "../../helpers/matrices.ts";

let folder: string;
let path: string;
let bytes: Buffer;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "tailrec-stored-"));
  path = join(folder, "tensors");
  const random = createRandom(3);
  const counts = { shape: [3], values: Uint8Array.of(1, 2, 3) };
  const tensors = {
    a: tensorOf(randomMatrix(random, 40, 7)),
    b: tensorOf(randomMatrix(random, 5, 3)),
    counts,
  };
  bytes = Buffer.concat(safetensorsParts(tensors));
  await writeFile(path, bytes);
});

afterAll(() => rm(folder, { recursive: true, force: true }));

describe("a stored file", () => {
  it("gives any part of itself, its length and its digest", async () => {
    const file = openStored(path);
    expect(file.size).toBe(bytes.length);
    expect(Buffer.from(file.read(11, 200))).toEqual(bytes.subarray(11, 211));
    const sha256 = createHash("sha256").update(bytes).digest("hex");
    expect(await file.describe()).toEqual({ bytes: bytes.length, sha256 });
  });

  it("is read on when another file takes its name", async () => {
    const own = join(folder, "own");
    await writeFile(own, bytes);
    const file = openStored(own);
    await writeFile(join(folder, "other"), "something else");
    await rename(join(folder, "other"), own);
    expect(await readFile(own, "utf8")).toBe("something else");
    expect(Buffer.from(file.read(0, bytes.length))).toEqual(bytes);
  });

  it("is UNREADABLE_INPUT where it was cut short since", async () => {
    const own = join(folder, "cut");
    await writeFile(own, bytes);
    const file = openStored(own);
    await truncate(own, 100);
    expect(() => file.read(90, 20)).toThrow(expect.objectContaining({ code: "UNREADABLE_INPUT" }));
  });
});

describe("stored tensors", () => {
  it("are those of the file read whole, row by row too", () => {
    const tensors = openTensors(openStored(path), "tensors");
    const whole = decodeSafetensors(bytes, "tensors");
    expect(tensors.all()).toEqual(whole);
    for (const name of ["a", "b"]) {
      const matrix = matrixNamed(whole, name, "tensors");
      expect(tensors.matrix(name)).toEqual(matrix);
      const row = tensors.rowsOf(name);
      for (let i = 0; i < matrix.rows; i++) expect(row(i)).toEqual(rowOf(matrix, i));
    }
  });

  it("are refused where they are no matrix of float32, and where the file is none of theirs", async () => {
    const unreadable = expect.objectContaining({ code: "UNREADABLE_INPUT" });
    const tensors = openTensors(openStored(path), "tensors");
    expect(() => tensors.matrix("counts")).toThrow(unreadable);
    expect(() => tensors.rowsOf("absent")).toThrow(unreadable);
    for (const content of ["", "short", bytes.subarray(0, 50), Buffer.concat([bytes, Buffer.of(0)])]) {
      const broken = join(folder, "broken");
      await writeFile(broken, content);
      expect(() => openTensors(openStored(broken), "broken")).toThrow(unreadable);
    }
  });
});
