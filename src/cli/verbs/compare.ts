/** `tailrec compare`: what changed from one bundle to the next. */
import type { Command } from "commander";
import { type BundleComparison, compareBundleFolders } from "../../serving/compare/compare-bundles.ts";
import type { Spread } from "../../serving/compare/moved-vectors.ts";
import { type CommonOptions, openSession } from "../terminal/session.ts";
import type { Style } from "../terminal/style.ts";
import { formatTable } from "../terminal/table.ts";
import { addVerb, countOption, parseShare } from "../verb.ts";

interface CompareOptions extends CommonOptions {
  readonly interactions?: string;
  readonly moved: number;
  readonly count: number;
}

export function addCompare(program: Command, signal: AbortSignal): void {
  addVerb(program, "compare", "Compare two bundles: how far vectors moved, how lists changed, and why.", [
    "tailrec compare out/yesterday/bundle out/shop/bundle",
    "tailrec compare out/yesterday/bundle out/shop/bundle --interactions today.csv",
  ])
    .argument("<before>", "the earlier bundle")
    .argument("<after>", "the later bundle")
    .option("--interactions <file>", "interactions that neither has seen: NDCG of both on them")
    .option("--moved <distance>", "1 - cosine from which on a vector counts as moved", parseShare, 0.01)
    .addOption(countOption())
    .action(async (before: string, after: string, { json, quiet, ...request }: CompareOptions) => {
      const session = openSession({ json, quiet }, signal);
      const comparison = await compareBundleFolders(before, after, request, session.context);
      session.answer(comparison, (style) => linesOf(comparison, style));
    });
}

function linesOf(comparison: BundleComparison, style: Style): string[] {
  const { items, users, moved, similar, recommended, later, mostChanged } = comparison;
  const [earlierShare, laterShare] = recommended.coverage.map(percent);
  return [
    `items: ${items.shared} in both, ${items.added} new, ${items.gone} gone`,
    `users: ${users.shared} in both, ${users.added} new, ${users.gone} gone`,
    `vectors moved (1 - cosine) ${spread(moved.asStored)}; after the best rotation ${spread(moved.aligned)}`,
    `${moved.beyond} vectors moved by more than ${moved.threshold}`,
    "",
    ...formatTable(
      [
        { heading: "similar items of" },
        { heading: "lists", align: "right" },
        { heading: "new in ten", align: "right" },
      ],
      similar.map(({ slice, lists, churn }) => [slice, String(lists), percent(churn)]),
      style,
    ),
    "",
    `recommendations of ${recommended.lists} users: ${percent(recommended.churn)} new in ten, catalog coverage ${earlierShare} -> ${laterShare}`,
    ...(later === undefined
      ? []
      : [
          `NDCG@10 on ${later.asked} later interactions: ${later.before.value.toFixed(4)} -> ${later.after.value.toFixed(4)}, difference ${later.difference.difference.toFixed(4)} [${later.difference.ci95.map((end) => end.toFixed(4)).join(", ")}]`,
        ]),
    "",
    ...formatTable(
      [
        { heading: "most changed" },
        { heading: "title", flexible: true },
        { heading: "moved", align: "right" },
        { heading: "why", flexible: true },
      ],
      mostChanged.map(({ id, title, moved: distance, reasons }) => [
        id,
        title,
        distance.toFixed(3),
        reasons.join("; "),
      ]),
      style,
    ),
  ];
}

function spread({ median, p90, largest }: Spread): string {
  return `median ${median.toFixed(3)}, 90 % below ${p90.toFixed(3)}, at most ${largest.toFixed(3)}`;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
