/** What the product does in one picture: clicks and content lead into one space, and a slider says which of the two speaks. */
import { arrow, box, element, palette, picture, text } from "./svg.ts";

const width = 960;
const height = 440;

/** Items of the space: position, and how many clicks they have. Drawn by hand so that like stands beside like. */
const items: readonly (readonly [number, number, 0 | 3 | 10000])[] = [
  [630, 96, 10000],
  [672, 132, 10000],
  [612, 146, 3],
  [654, 168, 0],
  [692, 90, 3],
  [812, 96, 10000],
  [856, 128, 3],
  [826, 156, 0],
  [884, 88, 10000],
  [720, 214, 10000],
  [764, 236, 0],
  [742, 190, 3],
  [700, 244, 3],
];

export function drawSpace(): string {
  return picture(width, height, "Clicks and content lead into one space, whatever number of clicks an item has", [
    ...drawClicks(),
    ...drawContent(),
    ...drawArrows(),
    ...drawSpaceItself(),
    ...drawSlider(),
  ]);
}

function drawClicks(): string[] {
  const taken = new Set([0, 2, 5, 7, 9, 12, 16, 19, 21, 26, 28, 33]);
  const cells = Array.from({ length: 36 }, (_, cell) =>
    element("rect", {
      x: 48 + 18 * (cell % 9),
      y: 66 + 18 * Math.floor(cell / 9),
      width: 15,
      height: 15,
      fill: taken.has(cell) ? palette.behaviour : palette.behaviourLight,
    }),
  );
  return [
    text(48, 48, "Clicks", { size: 17, weight: 700, fill: palette.behaviour }),
    ...cells,
    caption(158, "users x items"),
  ];
}

function drawContent(): string[] {
  const y = 216;
  return [
    text(48, y - 14, "Content", { size: 17, weight: 700, fill: palette.content }),
    box(48, y, 78, 54, palette.contentLight, palette.content),
    ...[14, 26, 38].map((down, line) =>
      element("line", {
        x1: 58,
        x2: 112 - 10 * line,
        y1: y + down,
        y2: y + down,
        stroke: palette.content,
        "stroke-width": 3,
      }),
    ),
    box(134, y, 72, 54, palette.contentLight, palette.content),
    element("polygon", {
      points: `142,${y + 46} 162,${y + 20} 178,${y + 38} 186,${y + 28} 200,${y + 46}`,
      fill: palette.content,
    }),
    element("circle", { cx: 188, cy: y + 16, r: 6, fill: palette.content }),
    caption(y + 74, "text, picture, attributes"),
  ];
}

function caption(y: number, words: string): string {
  return text(48, y, words, { size: 13, fill: palette.faint });
}

function drawArrows(): string[] {
  return [
    arrow(224, 104, 338, 136, palette.behaviour),
    text(262, 102, "ALS", { size: 13, fill: palette.behaviour }),
    arrow(224, 242, 338, 186, palette.content),
    text(250, 250, "encoders, regressor", { size: 13, fill: palette.content }),
    box(342, 130, 150, 62, palette.bothLight, palette.both),
    text(417, 156, "posterior", { size: 16, weight: 700, anchor: "middle", fill: palette.both }),
    text(417, 177, "joins the two", { size: 13, anchor: "middle", fill: palette.faint }),
    arrow(494, 161, 566, 161, palette.both),
  ];
}

function drawSpaceItself(): string[] {
  const words = text(905, 264, "near means alike", { size: 12, anchor: "end", fill: palette.faint });
  const fills = { 0: palette.content, 3: palette.both, 10000: palette.behaviour };
  const heading = text(584, 48, "One space for every item", { size: 17, weight: 700 });
  const frame = box(570, 60, 350, 214, palette.paper, palette.line);
  const dots = items.map(([x, y, clicks]) => element("circle", { cx: x, cy: y, r: 7, fill: fills[clicks] }));
  return [heading, frame, ...dots, words];
}

function drawSlider(): string[] {
  const stops = [
    { x: 130, name: "0 clicks", says: "content speaks", fill: palette.content },
    { x: 480, name: "3 clicks", says: "both speak", fill: palette.both },
    { x: 830, name: "10,000 clicks", says: "behaviour speaks", fill: palette.behaviour },
  ];
  const y = 352;
  return [
    element(
      "linearGradient",
      { id: "speaks" },
      stops.map(({ x, fill }) => element("stop", { offset: (x - 130) / 700, "stop-color": fill })).join(""),
    ),
    element("rect", { x: 130, y: y - 5, width: 700, height: 10, rx: 5, fill: "url(#speaks)" }),
    ...stops.flatMap(({ x, name, says, fill }) => [
      element("circle", { cx: x, cy: y, r: 13, fill, stroke: palette.paper, "stroke-width": 3 }),
      text(x, y - 26, name, { size: 16, weight: 700, anchor: "middle", fill }),
      text(x, y + 38, says, { size: 14, anchor: "middle", fill: palette.faint }),
    ]),
    text(480, height - 16, "The hand-over is learnt from the data; there is no threshold.", {
      size: 13,
      anchor: "middle",
      fill: palette.faint,
    }),
  ];
}
