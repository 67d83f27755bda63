/**
 * The jobs that a worker does, by name. A job is one module and one line of this list. It takes the rest of what it is told as the
 * command line has it, and says what it lacks.
 */
import type { HalfSweepOptions } from "../als/half-sweep.ts";
import { readWhole } from "../data/files/file-parts.ts";
import { decodeNpy, decodeNpy64 } from "../data/files/npy.ts";
import type { ParsedItemsOptions } from "../data/ingest/ingest-options.ts";
import { TailrecError } from "../errors.ts";
import type { FeatureOptions } from "../features/feature-options.ts";
import { readError } from "../file-errors.ts";
import type { RunContext } from "../run-context.ts";
import type { OpenedJob } from "./job.ts";
import type { ListsRequest } from "./jobs/lists.ts";

/** What jobs may be told; each needs some of it. */
export interface JobRequest extends Pick<ListsRequest, "by" | "count" | "tail"> {
  readonly pipeline?: JobPipeline;
  /** Options of half-sweeps, in place of a pipeline: to read one takes longer than many a half-sweep. */
  readonly collaborative?: OpenHalfSweep;
  /** Folder of a bundle. */
  readonly bundle?: string;
  /** `.npy` file of the other side's factors. */
  readonly factors?: string;
  /** `.npy` file of their Gram; worked out when absent. */
  readonly gram?: string;
  /** `question.safetensors` of a ranking or of moments in parts. */
  readonly question?: string;
  /** Where relative paths of new items' pictures start. */
  readonly images: string;
  readonly cacheFolder?: string;
}

/** The parts of a pipeline that jobs read. */
export interface JobPipeline {
  readonly config: {
    readonly data: { readonly items: ParsedItemsOptions };
    readonly features: FeatureOptions;
    readonly collaborative: OpenHalfSweep;
  };
  readonly folder: string;
}

/** As a pipeline has them. */
type OpenHalfSweep = Omit<HalfSweepOptions, "unobservedWeight"> & { readonly unobservedWeight: number | "auto" };

/** A worker sees some rows alone: INVALID_OPTIONS where all of them would decide. */
function settled(options: OpenHalfSweep): HalfSweepOptions {
  const { unobservedWeight } = options;
  if (unobservedWeight !== "auto") return { ...options, unobservedWeight };
  const message =
    "collaborative.unobservedWeight: expected a number, since workers solve rows of one matrix apart, received auto; set it, for example to 0.1";
  throw new TailrecError("INVALID_OPTIONS", message);
}

export interface JobKind {
  readonly name: string;
  readonly words: string;
  /** INVALID_ARGUMENT where the request lacks what the job needs. */
  readonly open: (request: JobRequest, context: RunContext) => Promise<OpenedJob>;
}

/** Modules are loaded on demand: an engine starts a worker for every task, and all of them take longer than many a task's own work. */
export const jobKinds: readonly JobKind[] = [
  {
    name: "encode",
    words: "items to the vectors of the pipeline's encoders",
    open: async ({ cacheFolder, ...request }, context) => {
      const { config, folder } = needed(request.pipeline, "encode", "--pipeline");
      const { openEncode } = await import("./jobs/encode.ts");
      return openEncode({ items: config.data.items, features: config.features, folder, cacheFolder }, context);
    },
  },
  {
    name: "inputs",
    words: "items to digests of what encode reads of them",
    open: async (request) => {
      const { config, folder } = needed(request.pipeline, "inputs", "--pipeline");
      const { openInputs } = await import("./jobs/encode.ts");
      return openInputs({ items: config.data.items, folder });
    },
  },
  {
    name: "features",
    words: "items to vectors by a bundle",
    open: async ({ images: imageFolder, cacheFolder, ...request }, context) => {
      const path = needed(request.bundle, "features", "--bundle");
      const [{ loadBundle }, { openFeatures }] = await Promise.all([
        import("../bundle/bundle.ts"),
        import("./jobs/features.ts"),
      ]);
      return openFeatures({ bundle: await loadBundle(path), imageFolder, cacheFolder }, context);
    },
  },
  {
    name: "solve",
    words: "rows of interactions to factors, given those of the other side",
    open: async (request, context) => {
      const { collaborative } = request;
      const options = settled(collaborative ?? needed(request.pipeline, "solve", "--pipeline").config.collaborative);
      const path = needed(request.factors, "solve", "--factors");
      const factors = decodeNpy(await bytesAt(path), path);
      const gram = request.gram === undefined ? undefined : decodeNpy64(await bytesAt(request.gram), request.gram);
      const { openSolve } = await import("./jobs/solve.ts");
      return openSolve({ factors, gram, options }, context);
    },
  },
  {
    name: "moments",
    words: "training items to the sums that a ridge is fitted by, in one last row",
    open: async (request) => {
      const { config, folder } = needed(request.pipeline, "moments", "--pipeline");
      const path = needed(request.question, "moments", "--question");
      const [{ decodeMomentsQuestion }, { openMoments }] = await Promise.all([
        import("../execution/moments-question.ts"),
        import("./jobs/moments.ts"),
      ]);
      const question = decodeMomentsQuestion(await bytesAt(path), path);
      return openMoments({ question, items: config.data.items, folder });
    },
  },
  {
    name: "evaluate",
    words: "users to the ranks of their held-out items, by the vectors of models",
    open: async (request, context) => {
      const path = needed(request.question, "evaluate", "--question");
      const [{ decodeQuestion }, { openEvaluate }] = await Promise.all([
        import("../execution/ranking-question.ts"),
        import("./jobs/evaluate.ts"),
      ]);
      return openEvaluate(decodeQuestion(await bytesAt(path), path), context);
    },
  },
  {
    name: "lists",
    words: "users, items or vectors to lists by a bundle",
    open: async ({ bundle, ...request }, context) => {
      const path = needed(bundle, "lists", "--bundle");
      const [{ openBundle }, { openLists }] = await Promise.all([
        import("../serving/bundle-session.ts"),
        import("./jobs/lists.ts"),
      ]);
      return openLists({ ...request, session: await openBundle(path) }, context);
    },
  },
];

/** INVALID_ARGUMENT for a name that no job has. */
export function jobKindNamed(name: string): JobKind {
  const found = jobKinds.find((kind) => kind.name === name);
  if (found !== undefined) return found;
  const known = jobKinds.map((kind) => kind.name).join(", ");
  throw new TailrecError("INVALID_ARGUMENT", `expected a job of ${known}, received "${name}"`);
}

function bytesAt(path: string): Promise<Buffer> {
  return readWhole(path).catch((cause: unknown) => {
    throw readError(path, cause);
  });
}

function needed<T>(value: T | undefined, job: string, option: string): T {
  if (value !== undefined) return value;
  throw new TailrecError("INVALID_ARGUMENT", `the job ${job} needs ${option}; see tailrec worker --help`);
}
