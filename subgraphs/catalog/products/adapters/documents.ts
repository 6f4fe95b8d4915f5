import { createHash, type Hash } from "node:crypto";
import { promisify } from "node:util";
import { constants, gunzip, gzipSync } from "node:zlib";
import type { Kysely } from "kysely";
import type { CatalogDatabase } from "../../../../db/tables/catalog.ts";
import { canonicalPieces } from "../../../../lib/canonical-json.ts";
import { inSteps, type Steps } from "../../../../lib/in-steps.ts";
import type { PackedDocument } from "../operations/ports.ts";
import { parseJsonInSteps } from "./json-in-steps.ts";

/** Packed at a time: a few milliseconds. Members of gzip one behind the other are one gzip file (RFC 1952 §2.2). */
const PIECE_CHARACTERS = 131_072;
/** Fast: ten times smaller already, and most documents are never looked at again. */
const LEVEL = constants.Z_BEST_SPEED;

/** A value as canonical JSON, packed, and known by the hash of that text. */
export function* packDocument(value: unknown): Steps<PackedDocument> {
  const hash = createHash("sha256");
  const members: Buffer[] = [];
  let text = "";
  const pack = () => {
    hash.update(text);
    members.push(gzipSync(text, { level: LEVEL }));
    text = "";
  };
  for (const piece of canonicalPieces(value)) {
    text += piece;
    if (text.length < PIECE_CHARACTERS) continue;
    pack();
    yield;
  }
  pack();
  return { sha256: hash.digest("hex"), gzipBase64: Buffer.concat(members).toString("base64") };
}

const unpack = promisify(gunzip);
const CHUNK_BYTES = 1_048_576;

/** The canonical text of a document as bytes. */
const textOf = ({ gzipBase64 }: PackedDocument): Promise<Buffer> => unpack(Buffer.from(gzipBase64, "base64"));

/** Adds the text of a document to a hash without holding anything up. */
export async function hashDocument(hash: Hash, document: PackedDocument): Promise<void> {
  const bytes = await textOf(document);
  await inSteps(
    (function* chunks() {
      for (let at = 0; at < bytes.length; at += CHUNK_BYTES) {
        hash.update(bytes.subarray(at, at + CHUNK_BYTES));
        yield;
      }
    })(),
  );
}

/** Puts documents into `catalog.documents`; what is there already is not sent again. */
export async function keepDocuments(
  db: Kysely<CatalogDatabase>,
  documents: readonly PackedDocument[],
  at: Date,
): Promise<void> {
  const hashes = documents.map(({ sha256 }) => sha256);
  if (hashes.length === 0) return;
  const there = await db
    .selectFrom("catalog.documents")
    .select("sha256")
    .where("sha256", "in", hashes)
    .execute();
  const known = new Set(there.map(({ sha256 }) => sha256));
  for (const { sha256, gzipBase64 } of documents) {
    if (known.has(sha256)) continue;
    await db
      .insertInto("catalog.documents")
      .values({ sha256, gzip: Buffer.from(gzipBase64, "base64"), created_at: at })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  }
}

/** Documents by their hashes; unknown ones are left out. */
export async function readDocuments(
  db: Kysely<CatalogDatabase>,
  hashes: readonly string[],
): Promise<ReadonlyMap<string, unknown>> {
  if (hashes.length === 0) return new Map();
  const rows = await db
    .selectFrom("catalog.documents")
    .select(["sha256", "gzip"])
    .where("sha256", "in", [...new Set(hashes)])
    .execute();
  const found = new Map<string, unknown>();
  for (const { sha256, gzip } of rows) found.set(sha256, await inSteps(parseJsonInSteps(await unpack(gzip))));
  return found;
}
