/**
 * The bytes of an Arrow stream, and whether they were all of it. At many places the reader of batches takes an end for that of the stream.
 * What a killed writer left would pass for a smaller table. Only the end mark says that nothing is missing.
 */
import type { Readable } from "node:stream";

/** A continuation mark and a message of no length. */
const END = Buffer.from([0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0]);

export interface WholeStream {
  readonly chunks: AsyncIterable<Uint8Array>;
  /** Whether what has been read so far is nothing at all, or a stream with its end mark. */
  isWhole(): boolean;
}

export function wholeStream(input: Readable): WholeStream {
  let tail: Buffer = Buffer.alloc(0);
  async function* chunks(): AsyncGenerator<Uint8Array> {
    for await (const chunk of input) {
      tail = Buffer.concat([tail, chunk.subarray(-END.length)]).subarray(-END.length);
      yield chunk;
    }
  }
  return { chunks: chunks(), isWhole: () => tail.length === 0 || tail.equals(END) };
}
