/** What a large shop would take, worked out from the rates in the results of other benchmarks and what Spark adds to encoding. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Figure } from "./figures.ts";

const SHOP = { items: 10e6, users: 100e6, pairs: 3e9, tokens: 40, epochs: 12, length: 10 };
const CLUSTER = { machines: 20, cores: 16 };

/** The table. `overhead` is the cost of an encoded row on Spark over that in one process. */
export function largeShop(results: string, overhead: number): string {
  const rate = (file: string, name: string, metric: string): number => {
    const figures: readonly Figure[] = JSON.parse(readFileSync(join(results, file), "utf8"));
    const found = figures.find((one) => one.case === name && one.engine === "tailrec" && one.metric === metric);
    if (found === undefined) throw new Error(`no figure ${name}, ${metric} in ${file}`);
    return found.value;
  };
  const spark = Math.max(1, overhead);
  const perToken = spark / rate("features.json", "minilm", "tokensPerCpuSecond");
  const perPicture = spark / rate("features.json", "resnet50", "picturesPerCpuSecond");
  const perPair = rate("als.json", "M/128", "cpuSecondsPerEpoch") / 10e6;
  const perItemOfList = rate("lists.json", "lists of 1,000,000 users", "cpuSeconds") / (1e6 * 100_000);
  const parts = [
    ["texts of 40 tokens, MiniLM", `${(1e6 * perToken).toFixed(0)} µs a token`, SHOP.items * SHOP.tokens * perToken],
    ["pictures, ResNet-50", `${(1e3 * perPicture).toFixed(0)} ms a picture`, SHOP.items * perPicture],
    [
      "ALS, rank 128, 12 epochs, on one machine",
      `${(1e9 * perPair).toFixed(0)} ns a pair and epoch`,
      SHOP.pairs * SHOP.epochs * perPair,
      CLUSTER.cores,
    ],
    [
      "lists of all users, exact",
      `${(1e9 * perItemOfList).toFixed(2)} ns an item and list`,
      SHOP.users * SHOP.items * perItemOfList,
    ],
  ] as const;
  const cores = CLUSTER.machines * CLUSTER.cores;
  const rows = parts.map(([part, words, seconds, own = cores]) => {
    const [hours, minutes] = [seconds / 3600, seconds / 60 / own];
    return `| ${part} | ${words} | ${hours < 10 ? hours.toFixed(1) : hours.toFixed(0)} | ${minutes < 1 ? "below 1" : minutes.toFixed(0)} |`;
  });
  return `On paper, for 10 million items, 100 million users and 5 billion events in 3 billion pairs, on ${CLUSTER.machines} machines of
${CLUSTER.cores} cores, by the rates of \`bench/results\`. Reading and merging events is Spark's own work and not measured:

| part | rate | core hours | minutes on ${cores} cores |
|---|---|---|---|
${rows.join("\n")}
`;
}
