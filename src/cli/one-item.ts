/** One new item as a command line describes it: title, description, picture, attributes. */
import { readFile } from "node:fs/promises";
import { type Command, InvalidArgumentError } from "commander";
import type { ItemRecord } from "../data/ingest/item-records.ts";
import { TailrecError } from "../errors.ts";
import { readError } from "../file-errors.ts";

export interface OneItemOptions {
  readonly id?: string;
  readonly title?: string;
  readonly description?: string;
  readonly image?: string;
  readonly attribute?: Readonly<Record<string, string | readonly string[]>>;
}

export function addOneItemOptions(command: Command): Command {
  return command
    .option("--title <text>", "one item in place of a file: its title")
    .option("--description <text>", "its description")
    .option("--image <file>", "its picture: a file, or an http(s) address where the pipeline allows it")
    .option("--attribute <name=value>", "one of its attributes; may be repeated, also for several values", addAttribute)
    .option("--id <id>", "its id in what is written");
}

function addAttribute(
  text: string,
  earlier: OneItemOptions["attribute"] = {},
): NonNullable<OneItemOptions["attribute"]> {
  const [, name, value] = /^\s*([^=]+?)\s*=\s*(.+?)\s*$/.exec(text) ?? [];
  if (name === undefined) throw new InvalidArgumentError("expected name=value.");
  const known = earlier[name] ?? [];
  const values = [...(typeof known === "string" ? [known] : known), value];
  return { ...earlier, [name]: values.length === 1 ? value : values };
}

const ADDRESS = /^(https?|data):/i;

/** Undefined where nothing describes one. INVALID_ARGUMENT beside a file of items, and where neither is there; errors of reading a picture. */
export async function oneItem(
  { id = "new", title, description, image, attribute }: OneItemOptions,
  file: string | undefined,
): Promise<ItemRecord | undefined> {
  const isDescribed = [title, description, image, attribute].some((part) => part !== undefined);
  if (isDescribed && file !== undefined) {
    throw new TailrecError("INVALID_ARGUMENT", "expected a file of items or one item, received both; leave one out");
  }
  if (!isDescribed && file === undefined) {
    const message = "expected --items FILE, or one item by --title, --description, --image or --attribute";
    throw new TailrecError("INVALID_ARGUMENT", message);
  }
  if (!isDescribed) return undefined;
  return { id, title, description, image: image === undefined ? null : await pictureAt(image), attributes: attribute };
}

/** What a shell names may lie anywhere: its bytes are handed on, or its address. */
async function pictureAt(image: string): Promise<string | Uint8Array<ArrayBuffer>> {
  if (ADDRESS.test(image)) return image;
  const bytes = await readFile(image).catch((cause: unknown) => {
    throw readError(`picture ${image}`, cause);
  });
  return new Uint8Array(bytes);
}
