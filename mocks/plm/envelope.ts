import { createHash } from "node:crypto";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { ActiveFaults } from "../fault-hooks.ts";

export const SCHEMA_VERSION_HEADER = "x-plm-schema-version";
const PLM_SCHEMA_VERSION = "1.4.0";
/** What the PLM claims while a `schema-drift` fault holds. */
const DRIFTED_SCHEMA_VERSION = "2.0.0";

/** Every JSON body of the PLM API. */
export interface Envelope<T> {
  schemaVersion: string;
  correlationId: string;
  data: T;
}

/** Sends data in the PLM's envelope, or 304 when the caller holds the same data already. */
export type Answer = (request: FastifyRequest, reply: FastifyReply, data: object) => FastifyReply;

export function createAnswer(active: ActiveFaults): Answer {
  const known = new WeakMap<object, string>();
  const tagOf = (version: string, data: object): string => {
    const remembered = known.get(data);
    if (remembered !== undefined) return remembered;
    const digest = createHash("sha256").update(version).update(JSON.stringify(data)).digest("base64url");
    const tag = `"${digest.slice(0, 22)}"`;
    known.set(data, tag);
    return tag;
  };
  return (request, reply, data) => {
    const schemaVersion = schemaVersionOf(active, request);
    // Spoiled before it is tagged: a client must never keep a bad body under the tag of the good one.
    const sent = active.spoiled(request, data);
    const tag = tagOf(schemaVersion, sent);
    reply.header("etag", tag).header("cache-control", "private, no-cache");
    // A fault that spoils bytes needs some: who asks conditionally meets it as everybody does.
    const isConditional = request.method === "GET" && !active.spoilsBytes(request);
    if (isConditional && holds(request.headers["if-none-match"], tag)) return reply.code(304).send();
    return reply.send({ schemaVersion, correlationId: request.id, data: sent } satisfies Envelope<unknown>);
  };
}

export const schemaVersionOf = (active: ActiveFaults, request: FastifyRequest): string =>
  active.modeOf(request) === "schema-drift" ? DRIFTED_SCHEMA_VERSION : PLM_SCHEMA_VERSION;

function holds(ifNoneMatch: string | undefined, tag: string): boolean {
  const given = new Set((ifNoneMatch ?? "").split(",").map((item) => item.trim().replace(/^W\//, "")));
  return given.has(tag) || given.has("*");
}
