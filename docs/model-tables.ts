/** Tables of docs/models.md: what each model is, what it reached, and where the hybrid stands behind another. */
import { modelKinds } from "../src/experiment/models/model-kinds.ts";
import { mean } from "../src/math/statistics.ts";
import { type Figure, readFigures } from "./figures.ts";
import { tableOf } from "./markdown.ts";

interface Measured extends Figure {
  readonly ci95?: readonly [number, number];
  readonly splits?: number;
}

/** Who proposed it, or what of tailrec it is. */
const SOURCES: Readonly<Record<string, string>> = {
  random: "the floor",
  popularity: "the floor of taste",
  "popular-in-cluster": "k-means, popularity",
  "item-knn": "Sarwar 2001; Deshpande and Karypis 2004",
  "user-knn": "Resnick 1994",
  ease: "Steck 2019",
  slim: "Ning and Karypis 2011",
  svd: "Cremonesi 2010",
  item2vec: "Barkan and Koenigstein 2016",
  lightgcn: "He 2020",
  neumf: "He 2017",
  dae: "Liang 2018",
  vae: "Liang 2018",
  bpr: "Rendle 2009",
  "biased-mf": "Koren 2009",
  als: "Hu 2008; Rendle 2022",
  "als-calibrated": "Hu 2008, with the tail dial",
  "feature-ials": "irspack",
  dropoutnet: "Volkovs 2017",
  "two-tower": "Covington 2016; Yi 2019",
  "content-knn": "nearest neighbours",
  "content-ridge": "ridge regression",
  "regression-mse": "Grid Dynamics",
  hybrid: "tailrec",
  placebo: "tailrec",
};

/** Options and lists of another model, not models of their own. */
const VARIANTS = /^(slots|new-places)-/;

/** Every model of the registry. */
export function modelLines(): string {
  const rows = modelKinds.map(({ name, words, knowsContent }) => {
    const source = SOURCES[name];
    if (source === undefined) throw new Error(`docs/model-tables.ts: expected the source of "${name}"`);
    return [`\`${name}\``, words, knowsContent ? "yes" : "no", source];
  });
  return tableOf(["model", "what it is", "knows content", "who"], rows);
}

const PLACES = [
  ["launch: all", "launch/all/catalog"],
  ["launch: launched", "launch/launched/catalog"],
  ["next: all", "warm-tail/all/catalog"],
  ["next: 1-3", "warm-tail/1-3/catalog"],
  ["next: 4-10", "warm-tail/4-10/catalog"],
  ["next: 11-20", "warm-tail/11-20/catalog"],
  ["next: 1-3 among themselves", "warm-tail/1-3/slice"],
  ["next: 4-10 among themselves", "warm-tail/4-10/slice"],
] as const;

/** A row a model with its interval where it is known: the hybrid, the nearest rival, then the best of the next interaction first. */
export function modelsTable(dataSet: string): string {
  const figures = figuresOf(dataSet);
  const models = [...new Set(figures.filter(({ metric }) => metric === "ndcg@10").map(({ engine }) => engine))];
  const order = (model: string): number => {
    if (model === "hybrid") return 2;
    return model === "feature-ials" ? 1 : (find(figures, model, "warm-tail/all/catalog")?.value ?? 0);
  };
  const rows = models
    .sort((a, b) => order(b) - order(a))
    .map((model) => [
      `\`${model}\``,
      ...PLACES.slice(0, 5).map(([, place]) => cellOf(find(figures, model, place))),
      find(figures, model, "launch/all/catalog")?.splits?.toString() ?? "",
      find(figures, model, "fit, processor")?.value.toFixed(1) ?? "",
    ]);
  const headings = PLACES.slice(0, 5).map(([heading]) => heading);
  return tableOf(["model", ...headings, "launches", "training, processor s"], rows);
}

/** The hybrid and the best other model, question by question; the better one in bold. */
export function rivalsTable(): string {
  const rows = ["shop", "amazon-scientific", "movielens-small"].flatMap((dataSet) => {
    const figures = figuresOf(dataSet);
    return PLACES.flatMap(([heading, place]) => {
      const own = find(figures, "hybrid", place);
      const others = figures.filter(({ engine, case: at }) => at === place && engine !== "hybrid");
      const best = others.sort((a, b) => b.value - a.value)[0];
      if (own === undefined || best === undefined) return [];
      const [ahead, behind] = [own.value >= best.value, own.value <= best.value];
      return [[dataSet, heading, bold(cellOf(own), ahead), `\`${best.engine}\``, bold(cellOf(best), behind)]];
    });
  });
  return tableOf(["data", "question", "hybrid", "best other", "its figure"], rows);
}

/** Figures of `bench:models`, and those of `bench:quality` where it has none; by the place inside the data set. */
function figuresOf(dataSet: string): readonly Measured[] {
  const own: readonly Measured[] = readFigures("models");
  const known = new Set(own.map(({ case: place, engine }) => `${place} ${engine}`));
  const others = readFigures("quality").filter(({ case: place, engine }) => !known.has(`${place} ${engine}`));
  return [...own, ...others]
    .filter(({ case: place, engine }) => place.startsWith(`${dataSet}/`) && !VARIANTS.test(engine))
    .filter(({ metric }) => metric === "ndcg@10" || metric === "seconds")
    .map((figure) => ({ ...figure, case: figure.case.slice(dataSet.length + 1) }));
}

function find(figures: readonly Measured[], model: string, place: string): Measured | undefined {
  return figures.find((figure) => figure.engine === model && figure.case === place);
}

function cellOf(figure: Measured | undefined): string {
  if (figure === undefined) return "";
  const interval = figure.ci95?.map(short).join(" to ");
  return interval === undefined ? short(figure.value) : `${short(figure.value)} (${interval})`;
}

function bold(text: string, isBold: boolean): string {
  return isBold ? `**${text}**` : text;
}

function short(value: number): string {
  return value.toFixed(4).replace(/^0/, "");
}

/** Models here and by their authors' formulas in numpy, in mean over the seeds. */
export function peersTable(): string {
  const figures = readFigures("models-peer");
  const placeOf = ({ case: name, metric }: Figure): string => [name.replace(/, seed \d+$/, ""), metric].join("/");
  const rows = [...new Set(figures.map(placeOf))].map((place) => {
    const alike = figures.filter((figure) => placeOf(figure) === place);
    const valuesOf = (engine: string) => alike.filter((figure) => figure.engine === engine).map(({ value }) => value);
    const [own, peer] = [mean(valuesOf("tailrec")), mean(valuesOf("numpy"))];
    return [...place.split("/"), String(valuesOf("tailrec").length), short(own), short(peer), (own / peer).toFixed(3)];
  });
  return tableOf(["data", "model", "metric", "fits", "tailrec", "numpy", "ratio"], rows);
}
