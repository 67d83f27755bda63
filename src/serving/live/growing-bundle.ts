/**
 * A bundle to which items are added while it is served: every column of the catalog and every matrix of the model grows by a row. The
 * matrices are those of the bundle itself, lent for as long as it is served: a second copy would double what a service holds.
 * `bundle()` is a record of what there is now; those who hold an earlier one go on with it.
 */
import type { Bundle } from "../../bundle/bundle.ts";
import type { Attribute, Catalog } from "../../data/catalog.ts";
import type { FeatureMatrix } from "../../data/feature-matrix.ts";
import type { EmbeddingSource } from "../../hybrid/item-embeddings.ts";
import { sharedMatrix } from "../../math/compute/shared-memory.ts";
import { createLentMatrix, type GrowingMatrix } from "../../math/growing-matrix.ts";
import { createGrowingRows } from "../../math/growing-rows.ts";
import { type Matrix, rowOf } from "../../math/matrix.ts";
import type { NewItems } from "../vectors/new-items.ts";
import { createGrowingFeatures } from "./growing-features.ts";

/** What a row solve changes of an item. */
export interface MovedItem {
  readonly row: number;
  readonly vector: Float32Array;
  /** By which it is compared; absent where that stays. */
  readonly similar?: Float32Array;
  readonly behaviour: Float32Array;
  readonly support: number;
  readonly source: EmbeddingSource;
  readonly uncertainty: number;
}

export interface GrowingBundle {
  bundle(): Bundle;
  /** Puts the items: known ones keep their row and vector until they are moved, others get the rows that follow. Gives the rows. */
  put(items: NewItems, priors: Matrix, rowOf: (id: string) => number | undefined): number[];
  move(items: readonly MovedItem[]): void;
  /** The served vector of an item of the bundle, as it was before it moved. */
  trainedRow(row: number): Float32Array;
  /** Rows whose vectors changed since it was last asked. */
  takeChanged(): readonly number[];
  /** Gives the bundle back as it was loaded; what is put or moved later is lost. */
  giveBack(): void;
}

export function createGrowingBundle(base: Bundle): GrowingBundle {
  const { model } = base;
  const columns = growingColumns(base);
  const features = createGrowingFeatures(base.features);
  let changed: number[] = [];
  const matrices = {
    vectors: createLentMatrix(sharedMatrix(model.embeddings.vectors)),
    prior: createLentMatrix(model.prior),
    behaviour: createLentMatrix(model.behaviour),
    itemFactors: createLentMatrix(model.als.itemFactors),
    similar: model.similar && createLentMatrix(sharedMatrix(model.similar.vectors)),
  };
  const put: GrowingBundle["put"] = (items, priors, knownRow) =>
    items.catalog.ids.map((id, i) => {
      const known = knownRow(id);
      const row = known ?? columns.ids.length;
      columns.put(row, items, i);
      matrices.prior.put(row, rowOf(priors, i));
      features.put(row, items.features, i);
      if (known !== undefined) return row;
      changed.push(row);
      matrices.vectors.put(row, rowOf(items.embeddings.vectors, i));
      // Nobody met it yet: it is compared by its content.
      matrices.similar?.put(row, rowOf(items.embeddings.similar, i));
      matrices.behaviour.put(row, new Float32Array(model.prior.columns));
      matrices.itemFactors.put(row, new Float32Array(model.als.itemFactors.columns));
      columns.describe(row, {
        support: 0,
        source: "content",
        uncertainty: items.embeddings.uncertainty[i],
      });
      return row;
    });
  const move: GrowingBundle["move"] = (items) => {
    for (const { row, vector, similar, behaviour, support, source, uncertainty } of items) {
      changed.push(row);
      if (similar) matrices.similar?.put(row, similar);
      matrices.vectors.put(row, vector);
      matrices.behaviour.put(row, behaviour);
      columns.describe(row, { support, source, uncertainty });
    }
  };
  const takeChanged = (): readonly number[] => {
    const taken = changed;
    changed = [];
    return taken;
  };
  const giveBack = (): void => {
    for (const matrix of Object.values(matrices)) matrix?.restore();
  };
  const trainedRow = matrices.vectors.lent;
  return {
    put,
    move,
    trainedRow,
    takeChanged,
    giveBack,
    bundle: () => assembled(base, columns, matrices, features.view()),
  };
}

interface Matrices extends Readonly<Record<"vectors" | "prior" | "behaviour" | "itemFactors", GrowingMatrix>> {
  readonly similar?: GrowingMatrix;
}

function assembled(base: Bundle, columns: GrowingColumns, matrices: Matrices, features: FeatureMatrix): Bundle {
  const { model } = base;
  const items = columns.ids.length;
  return {
    ...base,
    catalog: columns.catalog(),
    features,
    interactions: { ...base.interactions, columns: items },
    model: {
      ...model,
      als: { ...model.als, itemFactors: matrices.itemFactors.view() },
      prior: matrices.prior.view(),
      behaviour: matrices.behaviour.view(),
      ...(model.similar && matrices.similar && { similar: { ...model.similar, vectors: matrices.similar.view() } }),
      embeddings: { ...model.embeddings, vectors: matrices.vectors.view(), ...columns.described() },
    },
  };
}

interface Described {
  readonly support: number;
  readonly source: EmbeddingSource;
  readonly uncertainty: number;
}

interface GrowingColumns {
  readonly ids: readonly string[];
  put(row: number, items: NewItems, from: number): void;
  describe(row: number, described: Described): void;
  catalog(): Catalog;
  described(): Pick<Bundle["model"]["embeddings"], "support" | "source" | "uncertainty">;
}

function growingColumns({ catalog, model }: Bundle): GrowingColumns {
  const ids = [...catalog.ids];
  const titles = [...catalog.titles];
  const descriptions = [...catalog.descriptions];
  const images = [...catalog.images];
  const attributes = catalog.attributes.map(growingAttribute);
  const support = createGrowingRows(model.embeddings.support, 1);
  const source = [...model.embeddings.source];
  const uncertainty = createGrowingRows(model.embeddings.uncertainty, 1);
  const describe = (row: number, described: Described): void => {
    support.open(row)[0] = described.support;
    source[row] = described.source;
    uncertainty.open(row)[0] = described.uncertainty;
  };
  return {
    ids,
    describe,
    put: (row, items, from) => {
      ids[row] = items.catalog.ids[from];
      titles[row] = items.catalog.titles[from];
      descriptions[row] = items.catalog.descriptions[from];
      images[row] = items.catalog.images[from];
      for (const [a, attribute] of attributes.entries()) attribute.put(row, items.catalog.attributes[a].values[from]);
    },
    catalog: () => ({
      ...catalog,
      ids,
      titles,
      descriptions,
      images,
      attributes: attributes.map(({ view }) => view()),
    }),
    described: () => ({ support: support.view(), source, uncertainty: uncertainty.view() }),
  };
}

interface GrowingAttribute {
  put(row: number, value: unknown): void;
  view(): Attribute;
}

function growingAttribute(attribute: Attribute): GrowingAttribute {
  if (attribute.kind === "category") {
    const values = [...attribute.values];
    return {
      put: (row, value) => {
        values[row] = value as readonly string[];
      },
      view: () => ({ ...attribute, values }),
    };
  }
  const values = createGrowingRows(attribute.values, 1);
  return {
    put: (row, value) => {
      values.open(row)[0] = value as number;
    },
    view: () => ({ ...attribute, values: values.view() }),
  };
}
