/**
 * Row solves of single users against one fixed set of item vectors (equation 2), prepared once: lengths divided out, the axes of the
 * Gram of all items. A user's own solve then reads the vectors of the items they took and no others.
 */
import { type BackendContext, rowRegularization, scaleConfidence } from "../als/half-sweep.ts";
import type { Attribute } from "../data/catalog.ts";
import type { Interactions } from "../data/interactions.ts";
import { defaultBackend } from "../math/compute/backend.ts";
import { type DiagonalBasis, sharedBasis } from "../math/compute/diagonal-basis.ts";
import { gramBasis } from "../math/compute/gram-basis.ts";
import { type Matrix, takeRows } from "../math/matrix.ts";
import { once } from "../once.ts";
import type { UserSettings } from "./defaults.ts";
import type { HybridModel } from "./hybrid.ts";
import { scaleNorms } from "./norms.ts";
import { weighByRecency } from "./recency.ts";
import { predictedUser } from "./user-prior.ts";
import { userSide, userSolveOptions } from "./users.ts";

export interface UserSolver {
  /** The vector (k + channel) of one user: 1 x items, with what is said of them. */
  solve(interactions: Interactions, attributes?: readonly Attribute[], context?: BackendContext): Promise<Float32Array>;
}

export type UserSolverModel = Pick<HybridModel, "als" | "embeddings" | "userPrior"> & {
  readonly settings: UserSettings;
};

/** `basis` is of the items when training ended, where some came or moved since: they are few. */
export function createUserSolver(
  { als, embeddings, settings, userPrior }: UserSolverModel,
  basis: () => Promise<DiagonalBasis> = userBasis({ embeddings, settings }),
): UserSolver {
  const options = userSolveOptions(als.options, settings);
  const solve: UserSolver["solve"] = async (interactions, attributes, context = {}) => {
    const backend = context.backend ?? defaultBackend();
    const rows = scaleConfidence(weighByRecency(interactions, settings.recencyDecay), options.confidenceScale);
    const support = rows.indices.length;
    const expected =
      userPrior === undefined || attributes === undefined
        ? {}
        : await predictedUser(userPrior, attributes, support, backend);
    const own = scaleNorms(gathered(embeddings.vectors, rows.indices), settings.userNormExponent);
    const systems = {
      factors: own,
      basis: await basis(),
      rows: { ...rows, columns: own.rows, indices: Uint32Array.from(rows.indices.keys()) },
      unobservedWeight: options.unobservedWeight,
      rowPrecision: rowRegularization(rows, options),
      ...expected,
    };
    return (await backend.solveRows(systems, context)).values;
  };
  return { solve };
}

/** The axes of the Gram of all items as the user solve has it (`userSide`); made when they are first asked for. */
export function userBasis({ embeddings, settings }: Pick<UserSolverModel, "embeddings" | "settings">) {
  return once(async () => {
    const { gram } = await userSide(embeddings, settings);
    return sharedBasis(await gramBasis(gram, defaultBackend()));
  });
}

/** The rows that take part; one that takes none where there is none. */
function gathered(factors: Matrix, rows: Uint32Array): Matrix {
  return takeRows(factors, rows.length === 0 ? [0] : rows);
}
