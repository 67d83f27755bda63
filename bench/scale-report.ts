/** The page of `bench:scale`: runs by size and engine, stages of tailrec, and fitted exponents. */

export interface ScaleStage {
  readonly cpu: number;
  /** Seconds; absent in runs of tailrec, which have them beside the stages. */
  readonly wall?: number;
  /** MiB, of the whole process while the stage ran. */
  readonly peak: number;
}

export interface ScaleRun {
  readonly size: string;
  readonly pairs: number;
  readonly engine: string;
  readonly wall: number;
  readonly cpu: number;
  readonly peak: number;
  readonly stages: Readonly<Record<string, ScaleStage>>;
  /** Wall time by stage, of tailrec. */
  readonly seconds?: Readonly<Record<string, number>>;
  readonly figures: readonly { readonly protocol: string; readonly figures: Readonly<Record<string, number>> }[];
}

export function scaleReport(machine: string, runs: readonly ScaleRun[]): string {
  const growing = ["peer", "tailrec"].filter((name) => runs.some(({ engine }) => engine === name));
  const own = runs.filter(({ engine }) => engine !== "peer");
  return `# Scale

Made by \`npm run bench:scale\` on ${machine}. Made catalogs with text and attributes, rank 64, five models, cold-items and warm-tail,
in one process each, one after the other. Encodings are cached where no seconds stand for them. The peer is
\`bench/scale-peer.py\`: implicit ALS, onnxruntime with the same encoder, scikit-learn Ridge, numpy top-k, one figure and no interval;
it chooses one penalty, tailrec all settings of the hybrid. Other work shared the machine at times: CPU seconds are the fairer figure.

| users x items | engine | wall s | CPU s | wall s beside encoding | CPU s beside encoding | peak MiB |
|---|---|---|---|---|---|---|
${runs.map(costRow).join("\n")}

Exponents of growth with the pairs, by least squares of logarithms:

| engine | CPU without encoding | peak memory |
|---|---|---|
${growing.map((engine) => exponentRow(engine, runs)).join("\n")}

CPU seconds of tailrec by stage, and the peak of the process while it ran in MiB:

${stageTable(own)}

NDCG@10 in the whole catalog:

| users x items | engine | protocol | ${MODELS.join(" | ")} |
|---|---|---|${MODELS.map(() => "---|").join("")}
${runs.flatMap(figureRows).join("\n")}
`;
}

function costRow(run: ScaleRun): string {
  const { encode } = run.stages;
  const beside = [run.wall - (run.seconds?.encode ?? encode?.wall ?? 0), run.cpu - (encode?.cpu ?? 0)];
  const numbers = [run.wall, run.cpu, ...beside, run.peak];
  return `| ${run.size} | ${run.engine} | ${numbers.map(fixed).join(" | ")} |`;
}

const MODELS = ["popularity", "als", "content-knn", "regression-mse", "hybrid"];

function figureRows({ size, engine, figures }: ScaleRun): string[] {
  return figures.map(({ protocol, figures: values }) => {
    const cells = MODELS.map((model) => (values[model] ?? Number.NaN).toFixed(4));
    return `| ${size} | ${engine} | ${protocol} | ${cells.join(" | ")} |`;
  });
}

function stageTable(runs: readonly ScaleRun[]): string {
  const names = [...new Set(runs.flatMap(({ stages }) => Object.keys(stages)))];
  const cell = (stage: ScaleStage | undefined) =>
    stage === undefined ? "" : `${fixed(stage.cpu)} / ${fixed(stage.peak)}`;
  return [
    `| users x items | ${names.join(" | ")} |`,
    `|---|${names.map(() => "---|").join("")}`,
    ...runs.map(({ size, stages }) => `| ${size} | ${names.map((name) => cell(stages[name])).join(" | ")} |`),
  ].join("\n");
}

function exponentRow(engine: string, runs: readonly ScaleRun[]): string {
  const own = runs.filter((run) => run.engine === engine);
  const of = (value: (run: ScaleRun) => number) =>
    own.length < 2 ? "" : slope(own.map((run) => [Math.log(run.pairs), Math.log(value(run))] as const)).toFixed(2);
  return `| ${engine} | ${of(({ cpu, stages }) => cpu - (stages.encode?.cpu ?? 0))} | ${of(({ peak }) => peak)} |`;
}

function slope(points: readonly (readonly [number, number])[]): number {
  const mean = (at: 0 | 1) => points.reduce((sum, point) => sum + point[at], 0) / points.length;
  const [x, y] = [mean(0), mean(1)];
  const [over, under] = points.reduce(([a, b], [px, py]) => [a + (px - x) * (py - y), b + (px - x) ** 2], [0, 0]);
  return over / under;
}

function fixed(value: number): string {
  return value < 10 ? value.toFixed(1) : value.toFixed(0);
}
