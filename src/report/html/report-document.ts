/**
 * `report.json`: what the page shows beside the metrics files. It holds everything that the page needs of catalog and
 * model, pictures too, so that `tailrec report` makes the same page without either.
 */
import { z } from "zod";
import { boundaryRateSchema } from "../../evaluation/boundaries.ts";
import { leakFindingSchema } from "../../leaks/finding.ts";

const count = z.int().nonnegative();

const supportRangeSchema = z.object({
  name: z.string(),
  items: count,
  interactions: count,
});

const dataCardSchema = z.object({
  users: count,
  items: count,
  interactions: count,
  /** Share of the users x items pairs that were observed. */
  density: z.number(),
  medianItemSupport: z.number(),
  medianUserInteractions: z.number(),
  /** Share of the interactions that the most popular tenth of the items holds. */
  topTenthShare: z.number(),
  ranges: z.array(supportRangeSchema),
  /** Support of the item at a place of the popularity order (from 1), at places evenly spread on a log scale. */
  popularity: z.array(z.object({ place: count, support: count })),
  /** Items that have each kind of content. */
  contents: z.array(z.object({ name: z.string(), items: count, dimensions: count })),
  /** What the likeness of two items rests on; the shares sum to 1. Reports of tailrec 0.2.0 do not say. */
  likeness: z.array(z.object({ name: z.string(), share: z.number() })).default([]),
});

const point = z.tuple([z.number(), z.number()]);

const latentMapSchema = z.object({
  /** How many items of the catalog could have been drawn, and why these were. */
  outOf: count,
  seed: z.int(),
  neighbours: count,
  epochs: count,
  /** Name of the attribute behind `category`; null where the catalog has none. */
  categoryAttribute: z.string().nullable(),
  categories: z.array(z.string()),
  items: z.array(
    z.object({
      id: z.string(),
      title: z.string(),
      support: count,
      /** Place in `categories`; -1 for any other or none. */
      category: z.int(),
      /** In the unit square; null where the item has no ALS vector. */
      before: point.nullable(),
      after: point,
    }),
  ),
});

const listedItemSchema = z.object({ id: z.string(), title: z.string(), support: count });

const similarListSchema = z.object({
  item: listedItemSchema,
  /** Empty where behaviour alone has no vector for the item. */
  before: z.array(listedItemSchema),
  after: z.array(listedItemSchema),
});

const provenanceSchema = z.object({
  /** As typed; null where tailrec was called as a library. */
  command: z.string().nullable(),
  versions: z.record(z.string(), z.string()),
  seeds: z.record(z.string(), z.number()),
  /** sha256 of item ids, user ids and interactions. */
  fingerprint: z.string(),
  /** sha256 of each encoder's weights and preparation. */
  encoders: z.record(z.string(), z.string()),
  settings: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
});

export const reportDocumentSchema = z.object({
  format: z.literal("tailrec-report"),
  formatVersion: z.literal(1),
  dataset: z.string(),
  /** Kinds of the protocols of this run, in their order: each has its folder with metrics.json. */
  protocols: z.array(z.string()),
  /** Which fit the map, the lists and the boundaries were made from. */
  fitted: z.string(),
  data: dataCardSchema,
  leaks: z.array(leakFindingSchema),
  boundaries: z.array(boundaryRateSchema),
  map: latentMapSchema.nullable(),
  lists: z.array(similarListSchema),
  /** Data URIs by item id. */
  pictures: z.record(z.string(), z.string().regex(/^data:image\/webp;base64,[A-Za-z0-9+/=]*$/)),
  provenance: provenanceSchema,
});

export type ReportDocument = z.output<typeof reportDocumentSchema>;
export type DataCard = z.output<typeof dataCardSchema>;
export type LatentMap = z.output<typeof latentMapSchema>;
export type SimilarList = z.output<typeof similarListSchema>;
export type ListedItem = z.output<typeof listedItemSchema>;
export type Provenance = z.output<typeof provenanceSchema>;
