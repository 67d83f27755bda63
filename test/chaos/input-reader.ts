/**
 * A process that reads damaged inputs, one a message, and answers how each ended: read, refused with a code, or broken down with a
 * stack. It is the reader that may crash, hang or take all memory; whoever started it watches.
 */

import { parsePipeline } from "../../src/config.ts";
import { ingest, ingestItems } from "../../src/data/ingest/ingest.ts";
import type { ImagePreparation } from "../../src/encoders/image/image-preparation.ts";
import { preparePicture } from "../../src/encoders/image/picture.ts";
import { TailrecError } from "../../src/errors.ts";
import { type InputAnswer, type InputRequest, READ, SET_ASIDE } from "./input-request.ts";

process.on("message", (request: InputRequest) => {
  read(request).then(
    (ending) => answer(ending),
    (error: unknown) =>
      answer(error instanceof TailrecError ? error.code : String(error instanceof Error ? error.stack : error)),
  );
});

function answer(ending: string): void {
  process.send?.({ ending } satisfies InputAnswer);
}

async function read(request: InputRequest): Promise<string> {
  switch (request.role) {
    case "items":
      await ingestItems(itemsOptions(request.path));
      return READ;
    case "events":
      await ingest({
        interactions: { path: request.path, columns: { time: "time", weight: "weight" } },
        items: itemsOptions(request.items),
        maximumRejectedShare: 1,
      });
      return READ;
    case "pipeline":
      parsePipeline(request.text, "pipeline.yaml");
      return READ;
    case "picture":
      return readPicture(Buffer.from(request.base64, "base64"));
  }
}

/** A picture that cannot be read is set aside with sharp's reason, whatever its type. */
function readPicture(bytes: Buffer): Promise<string> {
  return preparePicture(bytes, PREPARATION, new Float32Array(3 * PREPARATION.size ** 2)).then(
    () => READ,
    () => SET_ASIDE,
  );
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
