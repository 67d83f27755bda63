/** Requests as Qdrant's OpenAPI document has them (https://github.com/qdrant/qdrant, docs/redoc/master/openapi.json), as far as tailrec speaks. */
import { z } from "zod";

const pointId = z.union([z.int().nonnegative(), z.uuid()]);
const vector = z.array(z.number());
const payload = z.record(z.string(), z.unknown());

/** `Filter` and `Condition`. */
export interface QdrantFilter {
  readonly must?: readonly Condition[];
  readonly should?: readonly Condition[];
  readonly must_not?: readonly Condition[];
}

export type Condition =
  | QdrantFilter
  | { readonly key: string; readonly match: { readonly value: string } | { readonly any: readonly string[] } }
  | {
      readonly key: string;
      readonly range: { readonly gt?: number; readonly gte?: number; readonly lt?: number; readonly lte?: number };
    }
  | { readonly is_empty: { readonly key: string } };

const match = z.union([z.strictObject({ value: z.string() }), z.strictObject({ any: z.array(z.string()) })]);
const bound = z.number().optional();
const condition: z.ZodType<Condition> = z.lazy(() =>
  z.union([
    z.strictObject({ key: z.string(), match }),
    z.strictObject({ key: z.string(), range: z.strictObject({ gt: bound, gte: bound, lt: bound, lte: bound }) }),
    z.strictObject({ is_empty: z.strictObject({ key: z.string() }) }),
    filter,
  ]),
);
const conditions = z.array(condition).optional();
export const filter: z.ZodType<QdrantFilter> = z.strictObject({
  must: conditions,
  should: conditions,
  must_not: conditions,
});

const withPayload = z.union([z.boolean(), z.array(z.string())]).optional();
const withVector = z.union([z.boolean(), z.array(z.string())]).optional();

export const requests = {
  CreateCollection: z.strictObject({
    vectors: z.strictObject({
      size: z.int().min(1).max(65_535),
      distance: z.enum(["Cosine", "Euclid", "Dot", "Manhattan"]),
    }),
  }),
  CreateFieldIndex: z.strictObject({
    field_name: z.string(),
    field_schema: z.enum(["keyword", "integer", "float", "geo", "text", "bool", "datetime", "uuid"]),
  }),
  ChangeAliasesOperation: z.strictObject({
    actions: z.array(
      z.union([
        z.strictObject({ create_alias: z.strictObject({ collection_name: z.string(), alias_name: z.string() }) }),
        z.strictObject({ delete_alias: z.strictObject({ alias_name: z.string() }) }),
      ]),
    ),
  }),
  PointsList: z.strictObject({ points: z.array(z.strictObject({ id: pointId, vector, payload: payload.optional() })) }),
  PointRequest: z.strictObject({ ids: z.array(pointId), with_payload: withPayload, with_vector: withVector }),
  ScrollRequest: z.strictObject({
    filter: filter.optional(),
    limit: z.int().min(1).optional(),
    with_payload: withPayload,
    with_vector: withVector,
  }),
  QueryRequest: z.strictObject({
    query: vector,
    filter: filter.optional(),
    limit: z.int().min(1).optional(),
    params: z.strictObject({ hnsw_ef: z.int().optional(), exact: z.boolean().optional() }).optional(),
    with_payload: withPayload,
    with_vector: withVector,
  }),
  CountRequest: z.strictObject({ filter: filter.optional(), exact: z.boolean().optional() }),
} as const;
