/** `tailrec run`: the whole mission for one pipeline file, or a part of it, and a summary of what happened. */
import { join, resolve } from "node:path";
import { type Command, Option } from "commander";
import { loadPipeline, type Pipeline } from "../../config.ts";
import { TailrecError } from "../../errors.ts";
import { type ExecutionOptions, engines } from "../../execution/execution-options.ts";
import { parseShard } from "../../execution/shard.ts";
import { encodeShard } from "../../experiment/inputs/shards.ts";
import { runPipeline } from "../../experiment/pipeline.ts";
import { runDocument, runSummary } from "../answers/run-summary.ts";
import { collectSeldom } from "../heap-growth.ts";
import { openEnginePipe } from "../terminal/engine-pipe.ts";
import { type CommonOptions, openSession, type Session } from "../terminal/session.ts";
import { addVerb, defaultCacheFolder, typedCommand } from "../verb.ts";

const stages = ["encode", "rest"] as const;

interface RunOptions extends CommonOptions {
  readonly output?: string;
  readonly cache: string;
  readonly evaluate: boolean;
  readonly align?: string;
  readonly log?: string;
  readonly engine?: ExecutionOptions["engine"];
  readonly stage?: (typeof stages)[number];
  readonly shard?: string;
  readonly stageFolder?: string;
  readonly itemFactors?: string;
  readonly userFactors?: string;
  readonly rankByEngine?: boolean;
  readonly addUpByEngine?: boolean;
}

export function addRun(program: Command, signal: AbortSignal): void {
  addVerb(program, "run", "Read a pipeline file, fit everything, evaluate, and write the bundle.", [
    "tailrec run pipelines/shop.yaml",
    "tailrec run pipelines/shop.yaml --output out/trial --no-evaluate",
    "tailrec run pipelines/shop.yaml --no-evaluate --log out/shop/log",
    "tailrec run pipelines/shop.yaml --engine jobs --stage encode --shard 1/1",
  ])
    .argument("<pipeline>", "pipeline file (YAML)")
    .option("--output <folder>", "where the bundle and the reports go, instead of the pipeline's `output`")
    .option("--cache <folder>", "where encoder outputs are kept between runs", defaultCacheFolder)
    .option("--align <bundle>", "earlier bundle to which exported vectors are turned: stored ones stay comparable")
    .option("--log <folder>", "log of a service, read on top of the files; instead of the pipeline's `data.log`")
    .option("--no-evaluate", "skip the evaluation: only the bundle")
    .addOption(new Option("--engine <name>", "instead of the pipeline's `execution.engine`").choices(engines))
    .addOption(
      new Option("--stage <name>", "encode: a shard of the items; rest: everything else, once all are there").choices(
        stages,
      ),
    )
    .option("--shard <part>", "which part of the stage, as 3/20")
    .option("--stage-folder <folder>", "where the stages meet (default: `stages` in the output folder)")
    .option(
      "--item-factors <path>",
      "Parquet of id and vector, or a saved ALSModel, instead of the pipeline's `collaborative.factors.items`",
    )
    .option("--user-factors <path>", "the same of users")
    .option("--rank-by-engine", "ask the engine that started this to rank users: folders as lines of JSON, a line back")
    .option("--add-up-by-engine", "ask it to add up the moments of items where a fit takes a sample of them")
    .action(async (path: string, options: RunOptions) => {
      collectSeldom();
      const session = openSession(options, signal);
      const pipeline = await loadPipeline(path);
      const stage = stageOf(pipeline, options);
      const { cache: cacheFolder, evaluate } = options;
      const config = configOf(pipeline, options);
      const stageFolder = options.stageFolder ?? join(config.output, "stages");
      const context = { ...session.context, folder: pipeline.folder, cacheFolder };
      if (stage === "encode") return runShard(options.shard, config, { ...context, stageFolder }, session);
      const command = typedCommand(process.argv);
      const parts = stage === "rest" ? { stageFolder } : {};
      const { rankByEngine, addUpByEngine } = options;
      const engine = rankByEngine === true || addUpByEngine === true ? openEnginePipe() : undefined;
      const result = await runPipeline(config, {
        ...context,
        ...parts,
        evaluate,
        command,
        ...(rankByEngine && { rankByEngine: engine?.rank }),
        ...(addUpByEngine && { addUpByEngine: engine?.addUp }),
      }).finally(() => engine?.close());
      session.answer(runDocument(result), (style) => runSummary(config, result, style));
    });
}

function configOf({ config }: Pipeline, options: RunOptions): Pipeline["config"] {
  const { output, engine, align, log, itemFactors, userFactors } = options;
  if (itemFactors === undefined && userFactors !== undefined)
    throw new TailrecError("INVALID_ARGUMENT", "--user-factors is of no use without --item-factors");
  const given = itemFactors && { items: resolve(itemFactors), users: userFactors ? resolve(userFactors) : null };
  return {
    ...config,
    data: { ...config.data, log: log === undefined ? config.data.log : resolve(log) },
    collaborative: { ...config.collaborative, ...(given && { factors: given }) },
    execution: { ...config.execution, engine: engine ?? config.execution.engine },
    embeddings: { ...config.embeddings, alignTo: align ?? config.embeddings.alignTo },
    output: output ?? config.output,
  };
}

/** INVALID_ARGUMENT where the engine works in stages and none is named, or the other way round. */
function stageOf(
  { config: { execution } }: Pipeline,
  { engine = execution.engine, stage, shard, rankByEngine, addUpByEngine }: RunOptions,
) {
  const refuse = (message: string): never => {
    throw new TailrecError("INVALID_ARGUMENT", message);
  };
  if (engine === "local" && stage !== undefined)
    return refuse(`--stage ${stage} is of no use where execution.engine is local; name --engine jobs`);
  if (engine === "jobs" && stage === undefined)
    return refuse(
      "execution.engine is jobs: name --stage encode with --shard, or --stage rest; --engine local does it all",
    );
  if (engine === "spark" && stage === undefined)
    return refuse(
      "execution.engine is spark: start it by python -m tailrec_spark run; --engine local does it all here",
    );
  if ((stage === "encode") !== (shard !== undefined))
    return refuse("--stage encode and --shard come together, as --stage encode --shard 3/20");
  if ((rankByEngine === true || addUpByEngine === true) && stage !== "rest")
    return refuse(
      `--${rankByEngine === true ? "rank" : "add-up"}-by-engine is for an engine that starts --stage rest; leave it out`,
    );
  return stage;
}

async function runShard(
  text: string | undefined,
  config: Pipeline["config"],
  context: Parameters<typeof encodeShard>[2],
  session: Session,
): Promise<void> {
  const shard = await encodeShard(config, parseShard(text ?? ""), context);
  const { items, wasThere, file } = shard;
  session.answer(shard, () => [`${items} items ${wasThere ? "were encoded already" : "encoded"} in ${file}`]);
}
