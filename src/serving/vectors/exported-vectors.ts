/** The vectors of a bundle for other tools: items and users along the score axes, cut to their first numbers. */
import type { Bundle } from "../../bundle/bundle.ts";
import type { VectorTable } from "../../data/files/vector-table.ts";
import { givenAway } from "../../hybrid/alignment.ts";
import { alongAxes, keptScores, leadingColumns } from "../../hybrid/score-axes.ts";
import { unitRows } from "../../math/row-norms.ts";

export interface ExportedVectors {
  /** With support, source and uncertainty. */
  readonly items: VectorTable;
  readonly users: VectorTable;
  /** Share of the score variance that the numbers carry. */
  readonly kept: number;
}

/** The first `dimensions` numbers of every vector; all of them when absent. */
export async function exportedVectors(
  { catalog, userIds, model, axes }: Bundle,
  dimensions: number = axes.columns,
): Promise<ExportedVectors> {
  const length = Math.min(dimensions, axes.columns);
  const [users, items] = [await alongAxes(model.userVectors, axes), await alongAxes(model.embeddings.vectors, axes)];
  const { support, source, uncertainty } = model.embeddings;
  return {
    items: { ids: catalog.ids, vectors: leadingColumns(items, length), extra: { support, source, uncertainty } },
    users: { ids: userIds, vectors: leadingColumns(users, length) },
    kept: await keptScores(users, items, length),
  };
}

/** The vectors by which items are compared: a store that ranks by the inner product lists what `similar` does. */
export async function similarVectors({ catalog, model, similarAxes }: Bundle): Promise<VectorTable> {
  const { support, source, uncertainty } = model.embeddings;
  const vectors = await givenAway({
    ids: catalog.ids,
    vectors: model.similar?.vectors ?? unitRows(model.embeddings.vectors),
    axes: similarAxes,
  });
  return { ids: catalog.ids, vectors, extra: { support, source, uncertainty } };
}
