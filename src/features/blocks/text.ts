/** The transformer text block: title and description through a text encoder. */
import { z } from "zod";
import type { Catalog } from "../../data/catalog.ts";
import { longestFirst } from "../../encoders/run/encoding-order.ts";
import { itemText } from "../item-text.ts";
import { encoderBlock, type OpenedInputs } from "./encoder-block.ts";
import { components, dtype, encoderOption, weight, whitening } from "./shared-options.ts";

/** Characters in a batch, some two thousand tokens. Every text counts some more, so that a batch of tiny ones ends too. */
const CHARACTERS_PER_BATCH = 8_192;
const CHARACTERS_PER_TEXT = 32;
const TEXTS_READ_TOGETHER = 1024;

const schema = z
  .strictObject({ encoder: encoderOption("tailrec-text-small"), dtype, weight, components, whitening })
  .nullable()
  .default(null)
  .describe("transformer vectors of title and description");

export const textBlock = encoderBlock({
  task: "text",
  schema,
  words: { plural: "texts", missing: () => "no text" },
  inputs: textInputs,
  hasInput: (catalog, row) => itemText(catalog, row) !== "",
});

/** Texts in the order of their length, the longest first, so that a batch holds texts of like length and no lane ends on the longest. */
async function textInputs(catalog: Catalog): Promise<OpenedInputs> {
  return {
    order: await longestFirst(catalog.ids.length, (row) => itemText(catalog, row).length),
    load: async (row) => itemText(catalog, row),
    together: TEXTS_READ_TOGETHER,
    budget: CHARACTERS_PER_BATCH,
    costOf: (text) => text.length + CHARACTERS_PER_TEXT,
  };
}
