/** `tailrec explain`: why two items are near each other, or not. */
import type { Command } from "commander";
import { openRecommender } from "../../serving/recommender.ts";
import { headline } from "../answers/item-lists.ts";
import { type CommonOptions, openSession } from "../terminal/session.ts";
import { plainLine } from "../terminal/style.ts";
import { addVerb, bundleOption } from "../verb.ts";

interface ExplainOptions extends CommonOptions {
  readonly bundle: string;
}

export function addExplain(program: Command, signal: AbortSignal): void {
  addVerb(program, "explain", "Say why two items are near: shared users, content, prior against behaviour.", [
    "tailrec explain --bundle out/shop/bundle P00042 P00107",
  ])
    .addOption(bundleOption())
    .argument("<a>", "an item's id")
    .argument("<b>", "another item's id")
    .action(async (a: string, b: string, options: ExplainOptions) => {
      const output = openSession(options, signal);
      const { items, explanation } = await (await openRecommender(options.bundle)).explain(a, b);
      output.answer(explanation, (style) => [
        ...items.map((item) => style.bold(plainLine(headline(item)))),
        ...explanation.lines.map((line) => `  ${plainLine(line)}`),
      ]);
    });
}
