/** An index whose scores do not depend on how many search together (`steady-search.ts`). */
import { steadyTopK } from "../../math/compute/steady-search.ts";
import type { ItemIndex } from "./item-index.ts";

export function steadyIndex(index: ItemIndex): ItemIndex {
  return { ...index, backend: { ...index.backend, topK: (request) => steadyTopK(index.backend, request) } };
}
