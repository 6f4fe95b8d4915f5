import { promisify } from "node:util";
import * as zlib from "node:zlib";

type Decode = (body: Buffer, options: { maxOutputLength: number }) => Promise<Buffer>;

const gunzip: Decode = promisify(zlib.gunzip);
const DECODERS: Readonly<Record<string, Decode>> = {
  // Node 20 does not have it.
  ...("zstdDecompress" in zlib && { zstd: promisify(zlib.zstdDecompress) }),
  br: promisify(zlib.brotliDecompress),
  gzip: gunzip,
  "x-gzip": gunzip,
  deflate: promisify(zlib.inflate),
};
/** Whoever compresses what is compressed already means to cost us something. */
const MOST_LAYERS = 2;

/** What bodies may be compressed with. */
export const READABLE_ENCODINGS: readonly string[] = Object.keys(DECODERS);

/** What is offered to servers that we ask, the cheapest to read first. */
export const OFFERED_ENCODINGS: string = ["zstd", "br", "gzip"].filter((name) => name in DECODERS).join(", ");

/** Whether a body with that `Content-Encoding` can be read. */
export function isReadableEncoding(header: string): boolean {
  const layers = layersIn(header);
  return layers.length <= MOST_LAYERS && layers.every((name) => name in DECODERS);
}

const layersIn = (header: string): string[] =>
  header
    .toLowerCase()
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "" && name !== "identity");

/**
 * A body without its `Content-Encoding`, which has to be readable.
 *
 * @throws RangeError when it would have more than `limitBytes`, another error when it is not encoded like that
 */
export async function decoded(body: Buffer, header: string, limitBytes: number): Promise<Buffer> {
  let plain = body;
  for (const name of layersIn(header).toReversed())
    plain = (await DECODERS[name]?.(plain, { maxOutputLength: limitBytes })) ?? plain;
  return plain;
}
