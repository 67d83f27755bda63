/** The leak checks, in the order in which findings stand. A check is one module and one line of this list. */
import { type BlockExtensions, blockKindsWith } from "../features/block-kinds.ts";
import { copiesCheck } from "./copied-inputs.ts";
import type { LeakCheck } from "./leak-check.ts";
import { textCheck } from "./near-duplicates.ts";
import { placeboCheck } from "./placebo.ts";
import { popularityCheck } from "./popularity-attributes.ts";
import { sameUserCheck } from "./same-users.ts";
import { futureCheck, hiddenVocabularyCheck } from "./split-leaks.ts";

/** With a check for each kind of block whose inputs can be compared, one's own among them. */
export function leakChecksWith(kinds: BlockExtensions): readonly LeakCheck[] {
  return [
    popularityCheck,
    sameUserCheck,
    hiddenVocabularyCheck,
    futureCheck,
    textCheck,
    ...blockKindsWith(kinds).flatMap((kind) => copiesCheck(kind) ?? []),
    placeboCheck,
  ];
}
