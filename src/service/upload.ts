/** multipart/form-data as the JSON that it stands for: the file `image` as a data: address, `attributes` and numbers as JSON, the rest as text. */
import multipart from "@fastify/multipart";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { TailrecError } from "../errors.ts";

const LIMITS = { files: 1, fields: 20, fieldSize: 100_000, headerPairs: 50 };

export async function acceptUploads(app: FastifyInstance, bodyLimit: number): Promise<void> {
  await app.register(multipart, { limits: { ...LIMITS, fileSize: bodyLimit } });
}

/** INVALID_OPTIONS for fields that are not what they should be, TOO_LARGE. */
export async function uploadedBody(request: FastifyRequest): Promise<Readonly<Record<string, unknown>>> {
  try {
    return await readParts(request);
  } catch (cause) {
    if (cause instanceof TailrecError) throw cause;
    const isLarge = cause instanceof Error && "statusCode" in cause && cause.statusCode === 413;
    if (isLarge) throw new TailrecError("TOO_LARGE", "the form is larger than the service's bodyLimit", { cause });
    throw new TailrecError("INVALID_OPTIONS", "the body is not the form that its headers promise", { cause });
  }
}

async function readParts(request: FastifyRequest): Promise<Readonly<Record<string, unknown>>> {
  const body = new Map<string, unknown>();
  for await (const part of request.parts()) {
    if (part.type === "file") {
      if (part.fieldname !== "image") throw new TailrecError("INVALID_OPTIONS", 'expected one file, called "image"');
      const bytes = await part.toBuffer();
      body.set("image", `data:;base64,${bytes.toString("base64")}`);
    } else body.set(part.fieldname, fieldValue(part.fieldname, String(part.value)));
  }
  return Object.fromEntries(body);
}

const JSON_FIELDS = ["attributes", "count", "dimensions"];

function fieldValue(name: string, text: string): unknown {
  if (!JSON_FIELDS.includes(name)) return text;
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new TailrecError("INVALID_OPTIONS", `${name}: expected JSON`, { cause });
  }
}
