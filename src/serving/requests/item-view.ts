/** An item as people look at it: what the catalog says, its lists before (behaviour), by content and as served, its place on the map. */
import { z } from "zod";
import { pictureThumbnail } from "../../encoders/image/picture-preview.ts";
import { pictureAccess } from "../../features/blocks/image.ts";
import { rowOf } from "../../math/matrix.ts";
import { parseOptions } from "../../options.ts";
import type { BundleSession } from "../bundle-session.ts";
import { type ListedItem, listedItem } from "./listed-items.ts";
import { countOption } from "./request-options.ts";
import { answerSimilar } from "./similar-request.ts";

export const itemViewSchema = z.strictObject({ item: z.string(), count: countOption });

export interface ItemView {
  readonly item: ListedItem;
  readonly description: string;
  readonly hasPicture: boolean;
  /** What the catalog says, as text; attributes that the item lacks are left out. */
  readonly attributes: Readonly<Record<string, string>>;
  readonly lists: Readonly<Record<"before" | "content" | "after", readonly ListedItem[]>>;
  /** What would make its vector more certain. */
  readonly advice: string;
}

/** UNKNOWN_ITEM, INVALID_OPTIONS. */
export async function viewItem(session: BundleSession, request: z.input<typeof itemViewSchema>): Promise<ItemView> {
  const { item, count } = parseOptions(itemViewSchema, request, "item");
  const row = session.itemRow(item);
  const { catalog } = session.bundle;
  const [byBehaviour, byContent] = await Promise.all([
    answerSimilar(session, { item, count, compare: "als" }),
    answerSimilar(session, { item, count, compare: "prior" }),
  ]);
  return {
    item: listedItem(session, row),
    description: catalog.descriptions[row],
    hasPicture: catalog.images[row] !== null,
    attributes: attributesOf(session, row),
    lists: { before: byBehaviour.before ?? [], content: byContent.before ?? [], after: byBehaviour.similar },
    advice: adviceFor(listedItem(session, row), missingBlocks(session, row)),
  };
}

function attributesOf({ bundle }: BundleSession, row: number): Record<string, string> {
  const named = bundle.catalog.attributes.map((attribute): [string, string] => {
    if (attribute.kind === "category") return [attribute.name, attribute.values[row].join(", ")];
    const value = attribute.values[row];
    return [attribute.name, Number.isNaN(value) ? "" : String(value)];
  });
  return Object.fromEntries(named.filter(([, text]) => text !== ""));
}

function missingBlocks({ bundle }: BundleSession, row: number): string[] {
  const { presence, blocks } = bundle.features;
  return blocks.filter((_, b) => presence.values[row * blocks.length + b] === 0).map(({ name }) => name);
}

function adviceFor({ support, source }: ListedItem, missing: readonly string[]): string {
  if (source === "behaviour") return "Behaviour decides; more clicks change little.";
  const clicks = support === 0 ? "its first clicks" : "more clicks";
  const content = missing.length === 0 ? "" : `, and the content that it lacks: ${missing.join(", ")}`;
  return `Most would change by ${clicks}${content}.`;
}

/** A small WebP as a data: address; undefined where the item has no picture that can be read. UNKNOWN_ITEM. */
export async function itemThumbnail({ bundle, itemRow }: BundleSession, item: string): Promise<string | undefined> {
  const { catalog, manifest } = bundle;
  const location = catalog.images[itemRow(item)];
  if (location === null) return undefined;
  return pictureThumbnail(location, pictureAccess(catalog, manifest.config.features.image));
}

export interface MapPoint {
  readonly id: string;
  readonly title: string;
  readonly x: number;
  readonly y: number;
  readonly support: number;
}

/** So many points show where the catalog lies. */
const MAP_POINTS = 1500;

/** The first axis is popularity: every item lies on one side of it. */
const MAP_AXES = [1, 2];

/** Items along the next two axes that scores vary most by, evenly drawn from the catalog, `item` among them. UNKNOWN_ITEM. */
export function mapAround(session: BundleSession, item: string): readonly MapPoint[] {
  const { catalog, model, axes } = session.bundle;
  const { length } = catalog.ids;
  const count = Math.min(MAP_POINTS, length);
  const rows = Array.from({ length: count }, (_, i) => Math.floor((i * length) / count));
  return [...new Set([...rows, session.itemRow(item)])].map((row) => {
    const vector = rowOf(session.index.vectors, row);
    // Vectors of one or two numbers have fewer axes.
    const [x, y] = MAP_AXES.map((axis) =>
      axis < axes.columns ? vector.reduce((sum, value, d) => sum + value * axes.values[d * axes.columns + axis], 0) : 0,
    );
    return { id: catalog.ids[row], title: catalog.titles[row], x, y, support: model.embeddings.support[row] };
  });
}
