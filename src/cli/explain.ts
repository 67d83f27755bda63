/** `tailrec explain`: why two items are near each other, or not. */
import type { Command } from "commander";
import { evidenceOf, openBundle } from "../serving/bundle-session.ts";
import { explainPair } from "../serving/explain.ts";
import { describeItem, headline } from "./item-lists.ts";
import { type CommonOptions, openSession } from "./session.ts";
import { plainLine } from "./style.ts";
import { addVerb, bundleOption } from "./verb.ts";

interface ExplainOptions extends CommonOptions {
  readonly bundle: string;
}

export function addExplain(program: Command, signal: AbortSignal): void {
  addVerb(program, "explain", "Say why two items are near: shared users, content, prior against behaviour.", [
    "tailrec explain --bundle out/shop/bundle P0042 P0107",
  ])
    .addOption(bundleOption())
    .argument("<a>", "an item's id")
    .argument("<b>", "another item's id")
    .action(async (a: string, b: string, options: ExplainOptions) => {
      const output = openSession(options, signal);
      const session = await openBundle(options.bundle);
      const rows = [session.itemRow(a), session.itemRow(b)];
      const explanation = explainPair(rows[0], rows[1], evidenceOf(session));
      output.answer(explanation, (style) => [
        ...rows.map((row) => style.bold(plainLine(headline(describeItem(session, row))))),
        ...explanation.lines.map((line) => `  ${plainLine(line)}`),
      ]);
    });
}
