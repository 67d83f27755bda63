/** What answers call a bundle. */
import { expect, it } from "vitest";
import { bundleName } from "../../src/service/bundle-name.ts";

it.each([
  ["/srv/out/shop/bundle", "shop"],
  ["/srv/out/shop/bundle/", "shop"],
  ["/srv/tonight", "tonight"],
  ["/bundle", "bundle"],
])("a bundle in %s is called %s", (folder, name) => {
  expect(bundleName(folder)).toBe(name);
});
