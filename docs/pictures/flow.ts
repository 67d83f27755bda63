/** Data flow of a run: every box is a value that nothing changes once it is made, every arrow a function. */
import { arrow, box, palette, picture, text } from "./svg.ts";

interface Station {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly lines: readonly string[];
  readonly fill: string;
  readonly stroke: string;
}

const height = 52;
const behaviour = { fill: palette.behaviourLight, stroke: palette.behaviour };
const content = { fill: palette.contentLight, stroke: palette.content };
const both = { fill: palette.bothLight, stroke: palette.both };
const plain = { fill: palette.paper, stroke: palette.faint };

const stations = {
  files: { x: 24, y: 126, width: 110, lines: ["files", "tables, pictures"], ...plain },
  interactions: { x: 186, y: 60, width: 120, lines: ["Interactions"], ...behaviour },
  catalog: { x: 186, y: 192, width: 120, lines: ["Catalog"], ...content },
  split: { x: 360, y: 60, width: 110, lines: ["train, test"], ...behaviour },
  als: { x: 524, y: 60, width: 130, lines: ["AlsModel", "factors, Gram"], ...behaviour },
  features: { x: 360, y: 192, width: 130, lines: ["FeatureMatrix", "blocks"], ...content },
  prior: { x: 548, y: 192, width: 130, lines: ["prior", "f(x) an item"], ...content },
  embeddings: { x: 736, y: 126, width: 200, lines: ["HybridModel", "ItemEmbeddings, users"], ...both },
  bundle: { x: 736, y: 226, width: 200, lines: ["Bundle", "ItemIndex, command line"], ...both },
  report: { x: 736, y: 26, width: 200, lines: ["EvaluationReport", "metrics, intervals"], ...plain },
} satisfies Record<string, Station>;

const functions: readonly (readonly [Station, Station, string, number, number])[] = [
  [stations.files, stations.interactions, "ingest", 105, 108],
  [stations.files, stations.catalog, "", 0, 0],
  [stations.interactions, stations.split, "split", 318, 78],
  [stations.split, stations.als, "fitAls", 476, 78],
  [stations.catalog, stations.features, "encode", 313, 210],
  [stations.features, stations.prior, "regress", 500, 210],
  [stations.als, stations.prior, "fitJoint", 618, 150],
  [stations.als, stations.embeddings, "posterior", 690, 98],
  [stations.prior, stations.embeddings, "", 0, 0],
];

export function drawFlow(): string {
  const title =
    "Data flow: interactions and catalog become factors and features, then embeddings, then a bundle and a report";
  return picture(960, 304, title, [
    ...functions.flatMap(([from, to, name, x, y]) => [connect(from, to), text(x, y, name, { size: 12 })]),
    arrow(836, 178, 836, 224),
    text(844, 206, "saveBundle", { size: 12 }),
    arrow(836, 126, 836, 80),
    text(844, 108, "evaluate", { size: 12 }),
    arrow(415, 60, 415, 42, palette.faint),
    arrow(415, 42, 734, 42, palette.faint),
    text(520, 36, "what training never sees", { size: 12 }),
    ...Object.values(stations).flatMap(drawStation),
  ]);
}

/** From the right side of one box to the left side of the other; straight down or up where they stand over each other. */
function connect(from: Station, to: Station): string {
  const isOver = Math.abs(from.x - to.x) < 60;
  if (isOver) return arrow(from.x + 80, from.y + height, from.x + 80, to.y - 2);
  return arrow(from.x + from.width, from.y + height / 2, to.x - 2, to.y + height / 2);
}

function drawStation({ x, y, width, lines, fill, stroke }: Station): string[] {
  const first = lines.length === 1 ? y + 31 : y + 22;
  return [
    box(x, y, width, height, fill, stroke),
    ...lines.map((line, place) =>
      text(x + width / 2, first + 18 * place, line, {
        anchor: "middle",
        size: place === 0 ? 14 : 12,
        weight: place === 0 ? 700 : 400,
        fill: place === 0 ? palette.ink : palette.faint,
      }),
    ),
  ];
}
