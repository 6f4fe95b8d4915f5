import { promisify } from "node:util";
import * as zlib from "node:zlib";

/** A way to compress answers, by the name that HTTP has for it. */
export interface Encoder {
  name: string;
  encode: (body: Buffer) => Promise<Buffer>;
}

const brotli = promisify(zlib.brotliCompress);
const gzip = promisify(zlib.gzip);
const zstd = promisify<Buffer, Buffer>((body, done) => zlib.zstdCompress(body, done));

/** The cheapest first. Quality is what pays for answers that are made for one request. */
const ENCODERS: readonly Encoder[] = [
  // Node 20 does not have it.
  ...("zstdCompress" in zlib ? [{ name: "zstd", encode: (body: Buffer) => zstd(body) }] : []),
  {
    name: "br",
    encode: (body) => brotli(body, { params: { [zlib.constants.BROTLI_PARAM_QUALITY]: 4 } }),
  },
  { name: "gzip", encode: (body) => gzip(body) },
];

/**
 * The encoder that an `Accept-Encoding` header likes best, ours where it likes several alike; undefined for none.
 *
 * @example encoderFor("br;q=0.5, gzip")?.name // "gzip"
 */
export function encoderFor(acceptEncoding: string | undefined): Encoder | undefined {
  if (acceptEncoding === undefined || acceptEncoding === "") return undefined;
  const asked = new Map(
    acceptEncoding.split(",").map((entry) => {
      const [name = "", ...parameters] = entry.replaceAll(/\s/g, "").toLowerCase().split(";");
      const q = Number(parameters.find((parameter) => parameter.startsWith("q="))?.slice(2) ?? 1);
      return [name, Number.isNaN(q) ? 0 : q];
    }),
  );
  const likes = ({ name }: Encoder) => asked.get(name) ?? asked.get("*") ?? 0;
  const [best] = ENCODERS.filter((encoder) => likes(encoder) > 0).toSorted((a, b) => likes(b) - likes(a));
  return best && likes(best) >= (asked.get("identity") ?? 0) ? best : undefined;
}
