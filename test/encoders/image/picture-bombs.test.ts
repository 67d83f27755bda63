/** Small files that are made to take all memory or time: refused by their headers, or decoded a few at a time. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { crc32, deflateSync, gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { decodingGate } from "../../../src/encoders/image/decoding-gate.ts";
import type { ImagePreparation } from "../../../src/encoders/image/image-preparation.ts";
import { pictureFault, preparePicture } from "../../../src/encoders/image/picture.ts";
import { temporaryFolder } from "../encoding-fixtures.ts";

const preparation: ImagePreparation = {
  size: 64,
  resize: { rule: "crop", shortSide: 73 },
  filter: "bilinear",
  channelOrder: "rgb",
  mean: [0, 0, 0],
  std: [1, 1, 1],
};

function chunk(name: string, content: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(name, "latin1"), content]);
  const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(content.length);
  check.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, check]);
}

/** A black PNG of 16 bits with transparency, or one bit a pixel; `rows` keeps the file short of its rows. */
function png(width: number, height: number, bits: 1 | 64, rows = height): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set(bits === 1 ? [1, 0] : [16, 6], 8);
  const pixels = deflateSync(Buffer.alloc(rows * (1 + Math.ceil((width * bits) / 8))), { level: 1 });
  const signature = Buffer.from("89504e470d0a1a0a", "hex");
  return Buffer.concat([signature, chunk("IHDR", header), chunk("IDAT", pixels), chunk("IEND", Buffer.alloc(0))]);
}

async function prepared(bytes: Uint8Array, gate = decodingGate(new SharedArrayBuffer(4))): Promise<Float32Array> {
  const planes = new Float32Array(3 * preparation.size ** 2);
  await preparePicture(bytes, preparation, planes, gate);
  return planes;
}

function svg(content: string, size = 100): Buffer {
  const links = 'xmlns:xlink="http://www.w3.org/1999/xlink"';
  return Buffer.from(
    `<svg xmlns="http://www.w3.org/2000/svg" ${links} width="${size}" height="${size}">${content}</svg>`,
  );
}

describe("a picture that is made to take all memory", () => {
  it.each<[number, number]>([
    [99_999_999, 1],
    [1, 99_999_999],
    [40_000, 2000],
    [30_000, 30_000],
    [2_000_000_000, 2_000_000_000],
  ])("of %d x %d pixels is refused by its header, in `validate` as in a run", async (width, height) => {
    const bytes = png(width, height, 1, 1);
    const path = join(temporaryFolder(), "bomb.png");
    writeFileSync(path, bytes);
    const begin = performance.now();
    const reason = await prepared(bytes).catch((error: Error) => error.message);
    expect(reason).toMatch(/limit|header/i);
    expect(await pictureFault(path, undefined)).toBe(String(reason).replace("buffer", "file"));
    expect(performance.now() - begin).toBeLessThan(1000);
  });

  it("waits for others: four of 32,000 x 1,200 deep pixels at once stay within a gigabyte", {
    timeout: 60_000,
  }, async () => {
    const bytes = png(32_000, 1200, 64);
    const gate = decodingGate(new SharedArrayBuffer(4));
    const before = process.memoryUsage.rss();
    let most = before;
    const watch = setInterval(() => {
      most = Math.max(most, process.memoryUsage.rss());
    }, 5);
    const all = await Promise.all(Array.from({ length: 4 }, () => prepared(bytes, gate)));
    clearInterval(watch);
    expect(all.every((planes) => planes.every((value) => value > 0.99))).toBe(true);
    expect(most - before).toBeLessThan(1e9);
  });
});

describe("decodingGate", () => {
  it("never lets more through than fit, whoever shares the count, and everybody in the end", async () => {
    const memory = new SharedArrayBuffer(4);
    const gates = [decodingGate(memory, 100), decodingGate(memory, 100)];
    let [inFlight, most, done] = [0, 0, 0];
    const work = (pixels: number) => async () => {
      inFlight += pixels;
      most = Math.max(most, inFlight);
      await sleep(3);
      inFlight -= pixels;
      done++;
    };
    const sizes = [60, 30, 10, 50, 50, 90, 5, 5, 100, 1];
    await Promise.all(sizes.map((pixels, i) => gates[i % 2].through(pixels, work(pixels))));
    expect([most <= 100, done]).toEqual([true, sizes.length]);
    expect(most).toBeGreaterThan(60);
  });

  it("lets one that is too large through alone, and makes room after a failure", async () => {
    const gate = decodingGate(new SharedArrayBuffer(4), 100);
    expect(await gate.through(500, async () => "through")).toBe("through");
    await expect(gate.through(80, () => Promise.reject(new Error("broken")))).rejects.toThrow("broken");
    expect(await gate.through(90, async () => "through")).toBe("through");
  });
});

describe("an SVG drawing", () => {
  it.each<[string, Buffer, string]>([
    ["a filter", svg('<filter id="f"><feTurbulence numOctaves="9999"/></filter><rect filter="url(#f)"/>'), "filter"],
    ["a filter by style", svg('<rect style="filter: blur(900px)" width="9" height="9"/>'), "filter"],
    ["a filter by numbers", svg('<rect style="f&#105;lt&#x65;r: blur(900px)"/>'), "filter"],
    ["a filter by CSS escapes", svg('<rect style="f\\69 lter: blur(900px)"/>'), "filter"],
    ["references to references", svg('<g id="a"><rect/></g><g id="b"><use xlink:href="#a"/></g>'), "use"],
    ["prefixed references", svg('<svg:use xmlns:svg="http://www.w3.org/2000/svg" href="#a"/>'), "use"],
    ["a picture inside", svg('<image href="data:image/png;base64,AAAA"/>'), "image"],
    ["a pattern", svg('<pattern id="p"/><rect fill="url(#p)"/>'), "pattern"],
    ["a mask", svg('<mask id="m"/>'), "mask"],
    ["endless dashes", svg('<path stroke-dasharray=".00001" d="M0 0H100"/>'), "dasharray"],
    ["entities", Buffer.from(`<!DOCTYPE svg [<!ENTITY a "aaaa">]>${svg("<text>&a;</text>")}`), "entity"],
    ["more text than people draw", svg('<path d="M0 0h9v9z"/>'.repeat(3000)), "more than 30000"],
    ["compression", gzipSync(svg("<rect/>")), "compressed"],
    ["another encoding", Buffer.from(`\ufeff${svg("<rect/>")}`, "utf16le"), ""],
  ])("with %s is refused at once, with the remedy", async (_, bytes, why) => {
    const begin = performance.now();
    await expect(prepared(bytes)).rejects.toThrow(new RegExp(`${why}.*(PNG|format)`, "i"));
    expect(performance.now() - begin).toBeLessThan(1000);
  });

  it("of plain shapes is drawn, and a large one small enough", async () => {
    const shapes = (size: number) => svg(`<rect width="${size}" height="${size}" fill="#336699"/>`, size);
    for (const size of [64, 9000]) {
      const planes = await prepared(shapes(size));
      expect([0, 1, 2].map((plane) => Math.round(255 * planes[plane * 64 * 64 + 2000]))).toEqual([0x33, 0x66, 0x99]);
    }
  });

  it("is judged by `validate` as by a run", async () => {
    const path = join(temporaryFolder(), "drawing.svg");
    writeFileSync(path, svg('<rect filter="url(#f)"/>'));
    expect(await pictureFault(path, undefined)).toContain("the SVG drawing uses filter");
    writeFileSync(path, svg("<rect/>"));
    expect(await pictureFault(path, undefined)).toBeUndefined();
  });
});
