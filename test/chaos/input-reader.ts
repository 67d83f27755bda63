/**
 * A process that reads damaged inputs, one a message, and answers how each ended: read, refused with a code, or broken down with a
 * stack. It is the reader that may crash, hang or take all memory; whoever started it watches.
 */

import { parsePipeline } from "../../src/config.ts";
import { ingest, ingestItems } from "../../src/data/ingest/ingest.ts";
import type { ImagePreparation } from "../../src/encoders/image/image-preparation.ts";
import { preparePicture } from "../../src/encoders/image/picture.ts";
import { TailrecError } from "../../src/errors.ts";

/** What is read: a file as the items or the events of a shop, a pipeline file's text, or a picture. */
export type InputRequest =
  | { readonly role: "items"; readonly path: string }
  | { readonly role: "events"; readonly path: string; readonly items: string }
  | { readonly role: "pipeline"; readonly text: string }
  | { readonly role: "picture"; readonly base64: string };

export interface InputAnswer {
  /** "read", the code of an error of ours, or the stack of any other. */
  readonly ending: string;
}

process.on("message", (request: InputRequest) => {
  read(request).then(
    () => answer("read"),
    (error: unknown) =>
      answer(error instanceof TailrecError ? error.code : String(error instanceof Error ? error.stack : error)),
  );
});

function answer(ending: string): void {
  process.send?.({ ending } satisfies InputAnswer);
}

async function read(request: InputRequest): Promise<void> {
  switch (request.role) {
    case "items":
      await ingestItems(itemsOptions(request.path));
      return;
    case "events":
      await ingest({
        interactions: { path: request.path, columns: { time: "time", weight: "weight" } },
        items: itemsOptions(request.items),
        maximumRejectedShare: 1,
      });
      return;
    case "pipeline":
      parsePipeline(request.text, "pipeline.yaml");
      return;
    case "picture":
      // A picture that cannot be read is set aside with sharp's reason, whatever its type.
      await preparePicture(
        Buffer.from(request.base64, "base64"),
        PREPARATION,
        new Float32Array(3 * PREPARATION.size ** 2),
      ).catch(() => undefined);
      return;
  }
}

function itemsOptions(path: string) {
  return {
    path,
    columns: { title: "title" },
    attributes: [
      { column: "brand", kind: "category" as const },
      { column: "price", kind: "price" as const },
    ],
    maximumRejectedShare: 1,
  };
}

const PREPARATION: ImagePreparation = {
  size: 32,
  resize: { rule: "crop", shortSide: 36 },
  filter: "bilinear",
  channelOrder: "rgb",
  mean: [0.5, 0.5, 0.5],
  std: [0.5, 0.5, 0.5],
};
