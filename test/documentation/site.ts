/** A folder in which every documented command can be typed as printed: pipelines, data, encoders and the files that pages show. */
import { cp, mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createService } from "../../src/index.ts";
import { readPages, root } from "./pages.ts";

const shop = join(root, "fixtures", "shop");
const models = join(root, "models");

/** What a command needs beside the demo's output, in `folder`. */
export async function prepareSite(folder: string): Promise<void> {
  const text = (path: string) => readPages().find((page) => page.path === path)?.text ?? "";
  await symlink(join(root, "fixtures"), join(folder, "fixtures"));
  await cp(join(root, "pipelines", "shop.yaml"), join(folder, "pipelines", "shop.yaml"));
  await writeFile(join(folder, "pipelines", "amazon-scientific.yaml"), "name: unread\n");
  await writeFile(join(folder, "my-shop.yaml"), blockOf(text("README.md"), "yaml"));
  await writeFile(join(folder, "events.csv"), await ownEvents());
  await writeFile(join(folder, "items.csv"), await ownItems());
  await writeFile(join(folder, "new.jsonl"), blockOf(text("docs/getting-started.md"), "jsonl"));
  await mkdir(join(folder, "photos"));
  await cp(join(shop, "images", "P00001.webp"), join(folder, "photos", "one.webp"));
  await writeFile(join(folder, "new.csv"), newItems);
  await mkdir(join(folder, "examples"));
  await cp(join(root, "examples", "rules.yaml"), join(folder, "examples", "rules.yaml"));
  await writeFile(join(folder, "examples", "stock.txt"), "P00002\nP00007\nP00199\nP00280\nP00686\n");
  await cp(join(models, "tailrec-text-small"), join(folder, "my-encoder"), { recursive: true });
  await cp(join(models, "tailrec-image-small"), join(folder, "my-resnet"), { recursive: true });
}

/** Lists of somebody else, for `evaluate --scores`: everybody gets the first three items. */
export async function prepareScores(folder: string): Promise<void> {
  const lists = (owner: string, ids: readonly string[], separator: string) => {
    const rows = ids.flatMap((id) =>
      ["P00001", "P00002", "P00003"].map((item, place) => [id, item, String(place + 1)]),
    );
    return `${[[owner, "item", "rank"], ...rows].map((row) => row.join(separator)).join("\n")}\n`;
  };
  const users = ["U0001", "U0002", "U0003"];
  await writeFile(join(folder, "recs.tsv"), lists("user", users, "\t"));
  await writeFile(join(folder, "other.csv"), lists("user", users, ","));
  await writeFile(join(folder, "similar.tsv"), lists("query", ["P00042", "P00107"], "\t"));
}

/** Bundles of two days, and what came in between: for `update` and `compare`. */
export async function prepareDays(folder: string): Promise<void> {
  const bundle = join(folder, "out", "shop", "bundle");
  for (const day of ["yesterday", "today"]) await cp(bundle, join(folder, "out", day, "bundle"), { recursive: true });
  const events =
    "user_id,item_id,event,timestamp\nU0001,P00042,view,2026-12-01T09:12:00Z\nU0002,P00107,purchase,2026-12-01T10:00:00Z\n";
  for (const file of ["yesterday.csv", "today.csv"]) await writeFile(join(folder, file), events);
  await writeFile(join(folder, "new-items.jsonl"), `${newItem}\n`);
}

/** What a service logged of one visitor, the experiment that it ran and limits on it: for `experiment report` and `monitor`. */
export async function prepareTraffic(folder: string): Promise<void> {
  const [bundle, log] = [join(folder, "out", "shop", "bundle"), join(folder, "out", "shop", "log")];
  const experiment = join(folder, "experiment.json");
  const variants = [
    { name: "plain", share: 1 },
    { name: "popular", share: 1, model: "popularity" },
  ];
  await writeFile(experiment, JSON.stringify({ name: "models", salt: "s", variants }));
  await writeFile(join(folder, "limits.json"), '{ "coverage": { "minimum": 0 } }');
  const { app, close } = await createService({ bundle, log, experiment });
  const given = await app.inject({ method: "POST", url: "/v1/recommend", payload: { user: "U0007", count: 3 } });
  const { items, requestId } = given.json<{ items: readonly { id: string }[]; requestId: string }>();
  const events = [{ user: "U0007", item: items[0].id, event: "view", requestId }];
  await app.inject({ method: "POST", url: "/v1/events", payload: { events } });
  await close();
}

/** The first block of a language. */
export function blockOf(page: string, language: string): string {
  const [, block] = new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``).exec(page) ?? [];
  if (block === undefined) throw new Error(`the page has no ${language} block`);
  return block;
}

/** Events with the columns of README's three lines: every user takes ten items. */
function ownEvents(): string {
  const rows = Array.from({ length: 400 }, (_, at) => {
    const [user, place] = [Math.floor(at / 10), at % 10];
    return `U${user},P${(7 * user + place) % 40},view,2025-03-0${1 + (place % 9)}T09:12:00Z`;
  });
  return `user,item,event,time\n${rows.join("\n")}\n`;
}

function ownItems(): string {
  const rows = Array.from(
    { length: 40 },
    (_, item) => `P${item},Mug ${item},"Enamelled steel",photos/one.webp,Brand ${item % 4},12.5`,
  );
  return `item,title,description,picture,brand,price\n${rows.join("\n")}\n`;
}

const newItem = JSON.stringify({
  item_id: "N4",
  title: "Norrvik Cairn journal",
  category: "notebook",
  brand: "Norrvik",
  price: 12,
});

const newItems = `item_id,title,description,image,category,brand,price
N3,Norrvik Cairn trainers,"For loose stones and campfires",one.webp,sneakers,Norrvik,80
`;
