import { mkdirSync, renameSync, statSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { beforeAll, describe, expect, it } from "vitest";
import { inputKey } from "../../../src/encoders/cache/embedding-cache.ts";
import { openPictureIndex } from "../../../src/encoders/image/picture-index.ts";
import { encodeCatalog } from "../../../src/features/encode-catalog.ts";
import { catalogOf, cornerPicture, repository, temporaryFolder } from "../encoding-fixtures.ts";

const folder = temporaryFolder();
const inside = join(folder, "pictures");
const outside = join(folder, "elsewhere");
const plain = join(inside, "plain.jpg");
const second = join(inside, "second.jpg");
const content = Buffer.from("the bytes of a picture");
const key = inputKey(content);

beforeAll(async () => {
  for (const at of [inside, outside]) mkdirSync(at);
  for (const path of [plain, second, join(outside, "far.jpg")]) writeFileSync(path, content);
  symlinkSync(plain, join(inside, "link.jpg"));
  symlinkSync(outside, join(inside, "way-out"));
  // Files count as settled two seconds after they were touched.
  await sleep(2_100);
});

/** What is recalled of the locations once all of them have been learnt, by whoever comes next. */
async function recalled(cache: string, locations: readonly (string | null)[], between = (): void => undefined) {
  const rows = Uint32Array.from(locations.keys());
  const learner = await openPictureIndex(cache, locations, { root: inside });
  expect(await learner.recall(rows)).toEqual(locations.map(() => undefined));
  await learner.learn(locations.map((_, row) => ({ row, key })));
  await learner.close();
  between();
  const reader = await openPictureIndex(cache, locations, { root: inside });
  const keys = await reader.recall(rows);
  await reader.close();
  return keys;
}

describe("the picture index", () => {
  it("recalls the content of plain files that have not changed", async () => {
    expect(await recalled(temporaryFolder(), [plain, null, second])).toEqual([key, undefined, key]);
  });

  it("never vouches for links, files outside the root, files just written, addresses, or what is not there", async () => {
    const fresh = join(inside, "fresh.jpg");
    writeFileSync(fresh, content);
    const locations = [
      join(inside, "link.jpg"),
      join(inside, "way-out", "far.jpg"),
      join(outside, "far.jpg"),
      join(inside, "..", "elsewhere", "far.jpg"),
      fresh,
      "https://shop.example/a.jpg",
      join(inside, "none.jpg"),
      join(plain, "below-a-file.jpg"),
      inside,
    ];
    expect(await recalled(temporaryFolder(), locations)).toEqual(locations.map(() => undefined));
  });

  it("sees a file of the same size and modification time put in another's place, by its change time", async () => {
    const path = join(inside, "replaced.jpg");
    const other = join(inside, "other.jpg");
    for (const at of [path, other]) writeFileSync(at, content);
    const { atime, mtime } = statSync(path);
    await sleep(2_100);
    const keys = await recalled(temporaryFolder(), [path], () => {
      renameSync(other, path);
      utimesSync(path, atime, mtime);
    });
    expect(keys).toEqual([undefined]);
  });
});

describe("encodeCatalog", () => {
  const options = { image: {}, text: null, lexical: null, attributes: null };
  const path = join(folder, "shown.png");
  const encode = (cacheFolder: string, image = {}) =>
    encodeCatalog(
      catalogOf({ titles: ["a"], images: [path] }),
      { ...options, image },
      { cacheFolder, folder: repository },
    );

  it("reads a picture that changed, and gives what it would without an index", async () => {
    await cornerPicture(60, 60).toFile(path);
    await sleep(2_100);
    const cache = temporaryFolder();
    const before = await encode(cache);
    const again = await encode(cache);
    const distrustful = await encode(cache, { rereadFiles: true });
    expect([before, again, distrustful].map(({ image }) => image?.reused)).toEqual([0, 1, 1]);
    expect(again.image?.vectors).toEqual(before.image?.vectors);
    await cornerPicture(60, 60).negate().toFile(path);
    const changed = await encode(cache);
    expect(changed.image?.reused).toBe(0);
    expect(changed.image?.vectors).toEqual((await encode(temporaryFolder())).image?.vectors);
  });
});
