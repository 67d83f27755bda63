/** Five kinds of your own in one pipeline: parsed, fitted, measured, and named in the report. */
import { evaluatePipeline, formatReport, parsePipeline } from "tailrec";
import { anyTwo } from "./any-two.ts";
import { firstPlace } from "./first-place.ts";
import { meanRegressor } from "./mean-regressor.ts";
import { titleLength } from "./title-length.ts";
import { underdog } from "./underdog.ts";

const own = {
  blockKinds: [titleLength],
  regressorKinds: [meanRegressor],
  protocolKinds: [anyTwo],
  metricKinds: [firstPlace],
  modelKinds: [underdog],
};

const pipeline = `name: tiny
data:
  interactions: { path: fixtures/tiny/events.csv }
  items: { path: fixtures/tiny/items.jsonl, columns: { title: title, description: description } }
features: { lexical: { dimension: 8 }, titleLength: { weight: 0.5 } }
collaborative: { rank: 4 }
regressor: { kind: auto, kinds: [ridge, mean] }
evaluation:
  anyTwo: {}
  coldItems: null
  warmTail: null
  metrics: [ndcg@10, first-place@10]
  models: [als, underdog, hybrid]
  report: null
output: out/extending
`;

const config = parsePipeline(pipeline, "extending.yaml", own);
const { reports, featureReport } = await evaluatePipeline(config, { folder: ".", ...own });
console.log(
  "blocks:",
  featureReport.blocks.map(({ name }) => name),
);
for (const report of reports) {
  const { trials } = report.protocol.settings as { trials: { regressor: { kind: string }[] } };
  console.log("regressors tried:", [...new Set(trials.regressor.map(({ kind }) => kind))]);
  console.log(formatReport(report));
}
