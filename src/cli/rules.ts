/** The rules that a command is given, beside its other options. */

import type { Rule } from "../rules/rule-kinds.ts";
import { loadRules } from "../rules/rules-file.ts";

/** Nothing where no file is named: the bundle's own rules then hold. Errors: those of `loadRules`. */
export async function rulesIn(file: string | undefined): Promise<{ readonly rules?: Rule[] }> {
  return file === undefined ? {} : { rules: [...(await loadRules(file))] };
}
