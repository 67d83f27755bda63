/** Lists of the native backend: one view of the items, or several that share their products. */
import type { ItemView, TopK, TopKRequest, TopKViewsRequest } from "../compute-backend.ts";
import { checkTopKRequest, checkTopKViews } from "../request-check.ts";
import { allocate } from "../result-memory.ts";
import { type NativeEngine, type NativeTopK, statusOf } from "./native-engine.ts";

export async function topK(engine: NativeEngine, request: TopKRequest): Promise<TopK> {
  checkTopKRequest(request);
  const { allow, itemScale, codes } = request;
  const coded = { codes: codes?.codes, codeSteps: codes?.steps, codeErrors: codes?.errors };
  const lengths = Uint32Array.of(request.items.columns);
  const [found] = await search(engine, request, { lengths, allow, itemScale, ...coded });
  return found;
}

export async function topKViews(engine: NativeEngine, request: TopKViewsRequest): Promise<readonly TopK[]> {
  checkTopKViews(request);
  const { queries, items } = request;
  const lengthOf = ({ length = items.columns }: ItemView) => length;
  const order = Array.from(request.views.keys()).sort(
    (a, b) => lengthOf(request.views[a]) - lengthOf(request.views[b]),
  );
  const views = order.map((v) => request.views[v]);
  const found = await search(engine, request, {
    lengths: Uint32Array.from(views, lengthOf),
    allow: besideOrNone(views, ({ allow }) => allow, new Uint8Array(items.rows).fill(1)),
    itemScale: besideOrNone(views, ({ itemScale }) => itemScale, new Float32Array(items.rows).fill(1)),
    asked: besideOrNone(views, ({ asked }) => asked, new Uint8Array(queries.rows).fill(1)),
  });
  return order.map((_, v) => found[order.indexOf(v)]);
}

/** The arrays of the views one after the other, `absent` where a view has none; undefined where none has. */
function besideOrNone<A extends Uint8Array | Float32Array>(
  views: readonly ItemView[],
  of: (view: ItemView) => A | undefined,
  absent: A,
): A | undefined {
  if (views.every((view) => of(view) === undefined)) return undefined;
  const { length } = absent;
  const beside = new (absent.constructor as new (length: number) => A)(views.length * length);
  for (const [v, view] of views.entries()) beside.set(of(view) ?? absent, v * length);
  return beside;
}

type ViewArrays = Pick<NativeTopK, "lengths" | "allow" | "itemScale" | "asked" | "codes" | "codeSteps" | "codeErrors">;

async function search(
  engine: NativeEngine,
  { queries, items, count, exclude }: Omit<TopKViewsRequest, "views">,
  arrays: ViewArrays,
): Promise<TopK[]> {
  const views = arrays.lengths.length;
  const places = queries.rows * count;
  const found = allocate(8 * views * places, "the lists", () => ({
    items: new Int32Array(views * places),
    scores: new Float32Array(views * places),
  }));
  await statusOf(() =>
    engine.topK({
      views,
      queries: queries.values,
      items: items.values,
      queryCount: queries.rows,
      itemCount: items.rows,
      dimension: items.columns,
      count,
      excludeIndptr: exclude?.indptr,
      excludeIndices: exclude?.indices,
      foundItems: found.items,
      foundScores: found.scores,
      ...arrays,
    }),
  );
  if (views === 1) return [{ count, ...found }];
  return Array.from({ length: views }, (_, v) => ({
    count,
    items: found.items.subarray(v * places, (v + 1) * places),
    scores: found.scores.subarray(v * places, (v + 1) * places),
  }));
}
