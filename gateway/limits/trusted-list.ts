import { existsSync, readFileSync } from "node:fs";
import { z } from "zod";
import { messageOf } from "../../lib/errors.ts";
import type { LimitSettings } from "./config.ts";

const list = z.union([
  z.object({
    format: z.literal("apollo-persisted-query-manifest"),
    version: z.literal(1),
    operations: z.array(z.object({ id: z.string().min(1), body: z.string().min(1) })),
  }),
  z.record(z.string().min(1), z.string().min(1)),
]);

/**
 * Reads the documents of our own clients, text by id, as the tools of the field write them: GraphQL Code Generator's
 * `persisted-documents.json` (with or without `sha256:` before the hash), Relay's `persisted.json` (any ids), and
 * Apollo's manifest of persisted queries.
 *
 * @example {"sha256:5f…": "query Boat { … }"} // a client may say 5f… or sha256:5f…
 * @throws Error naming the file and what is wrong with it, when it is there or has to be
 */
export function readTrustedDocuments({ mode, file }: LimitSettings["trust"]): ReadonlyMap<string, string> {
  if (mode !== "require" && !existsSync(file)) return new Map();
  const read = list.safeParse(jsonIn(file));
  if (!read.success)
    throw new Error(
      `TRUSTED_DOCUMENTS_FILE: ${file} is not a list of documents; expected a JSON object of texts by id, as codegen and Relay write it, or Apollo's manifest of persisted queries`,
    );
  return new Map(entriesOf(read.data).map(([id, text]) => [id.replace(/^sha256:/, ""), text]));
}

const entriesOf = (data: z.infer<typeof list>): [id: string, text: string][] =>
  typeof data["operations"] === "object"
    ? data.operations.map(({ id, body }) => [id, body])
    : Object.entries(data as Record<string, string>);

function jsonIn(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch (cause) {
    throw new Error(`TRUSTED_DOCUMENTS_FILE: ${file} cannot be read: ${messageOf(cause)}`, { cause });
  }
}
