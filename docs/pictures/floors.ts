/** Folders of `src` as floors of a house: a folder may import from the floors below it, and never from its own floor. */
import { floors } from "../../test/floors.ts";
import { box, palette, picture, text } from "./svg.ts";

const whatTheyAre: Readonly<Record<string, string>> = {
  math: "matrices, statistics; compute/ two backends; onnx/ graphs",
  data: "catalog, interactions; ingest/, files/, splits/",
  networks: "layers, losses, Adam",
  encoders: "text and pictures to vectors: models, workers, cache",
  als: "implicit ALS, fold-in",
  features: "blocks, feature space",
  regressor: "features to factors",
  evaluation: "ranking, metrics",
  baselines: "what we compare with, and fall back to",
  leaks: "figures too good to be true",
  rules: "what a list may hold, and how it is arranged",
  hybrid: "prior, posterior, users; settings/, similar/",
  stores: "vector stores, one module each",
  execution: "parts of a run: shards, and what they hand on",
  bundle: "the model on disk",
  report: "terminal, markdown, html/",
  serving: "open a bundle: similar, recommend, embed, explain; lists/, update/, live/, push/",
  traffic: "what a service logged: experiments, monitoring",
  worker: "one job on Arrow record batches: jobs/",
  service: "HTTP: contract/ one record of endpoints; handlers/, page/",
  config: "the pipeline file",
  "experiment/models": "the models of an evaluation, by name",
  "experiment/measurement": "what a protocol measures with: splits, training sides, the leak gate",
  "experiment/protocols": "what is asked of the models, by name",
  experiment: "the pipeline: checks/, inputs/, results/, report/, tuning/",
  cli: "the command: words only",
  index: "the library: names only",
};

/** Rooms of behaviour, of content and of both; all others are plain. */
const colours = new Map([
  ["als", [palette.behaviourLight, palette.behaviour]],
  ["encoders", [palette.contentLight, palette.content]],
  ["features", [palette.contentLight, palette.content]],
  ["regressor", [palette.contentLight, palette.content]],
  ["hybrid", [palette.bothLight, palette.both]],
]);

const width = 960;
const floorHeight = 38;
const gap = 4;
const margin = 24;
/** Where the words of a floor with one room begin, and of one with two. */
const wordsAt = { 1: 230, 2: 110 } as const;

export function drawFloors(): string {
  const height = 2 * margin + 30 + floors.length * (floorHeight + gap);
  const top = margin + 30;
  const rooms = floors.flatMap((names, floor) => {
    const y = top + (floors.length - 1 - floor) * (floorHeight + gap);
    return floor === 0 ? drawGround(names, y) : drawFloor(names, y);
  });
  const heading = "Folders of src as floors: imports point down only, and rooms of one floor never meet";
  return picture(width, height, heading, [text(margin, margin + 12, heading, { size: 15, weight: 700 }), ...rooms]);
}

/** The ground floor is single files, which all others may use. */
function drawGround(names: readonly string[], y: number): string[] {
  return [
    box(margin, y, width - 2 * margin, floorHeight, palette.plain, palette.line),
    text(margin + 12, y + 24, "single files", { weight: 700 }),
    text(margin + wordsAt[1], y + 24, names.join(", "), { size: 13, fill: palette.faint }),
  ];
}

function drawFloor(names: readonly string[], y: number): string[] {
  const room = (width - 2 * margin - gap * (names.length - 1)) / names.length;
  return names.flatMap((name, place) => {
    const x = margin + place * (room + gap);
    const what = whatTheyAre[name];
    if (what === undefined) throw new Error(`docs/pictures/floors.ts does not say what src/${name} is`);
    const [fill, stroke] = colours.get(name) ?? [palette.plain, palette.line];
    const offset = names.length === 1 ? wordsAt[1] : names.length === 2 ? wordsAt[2] : undefined;
    return [
      box(x, y, room, floorHeight, fill, stroke),
      text(x + 12, y + (offset === undefined ? 16 : 24), name, { weight: 700 }),
      offset === undefined
        ? text(x + 12, y + 31, what, { size: 12, fill: palette.faint })
        : text(x + offset, y + 24, what, { size: 13, fill: palette.faint }),
    ];
  });
}
