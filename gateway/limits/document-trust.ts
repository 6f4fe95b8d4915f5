import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { Kind, print, visit } from "graphql";
import type { Registry } from "prom-client";
import { hotCounter } from "../../lib/hot-metrics.ts";
import { CodedError, messageOf } from "../../lib/errors.ts";
import type { LimitSettings } from "./config.ts";
import { parseWithin } from "./parse-within.ts";
import { createTextMemory } from "../../lib/text-memory.ts";
import type { RefuseBy } from "./refusal.ts";

/** The part of a request that says which document to execute. */
export interface DocumentRequest {
  query?: unknown;
  documentId?: unknown;
  extensions?: unknown;
}

/** The documents that are known to be ours: by their id from codegen, or because they say the same. */
export interface DocumentTrust {
  /** The text to execute; undefined where the request has none and others have to say so. Counts it. */
  textOf(request: DocumentRequest): string | undefined | CodedError;
  /** The text of an id, without counting. */
  byId(id: string): string | undefined;
  /** All of them. */
  texts(): string[];
  /** Counts a document that was looked at before. */
  count(isTrusted: boolean): void;
  isTrusted(text: string): boolean;
}

/**
 * Reads the list of `id: text`.
 *
 * @throws Error naming the file, when it cannot be read although documents are required to be on it
 */
export function createDocumentTrust(
  { trust, document: { tokens } }: LimitSettings,
  { metrics, refuse }: { metrics: Registry; refuse: RefuseBy },
): DocumentTrust {
  const documents = readList(trust);
  const own = new Set([...documents.values()].map((text) => meaningOf(text, tokens)));
  const looked = createTextMemory<boolean>();
  const counter = hotCounter({
    name: "gateway_documents_total",
    help: "Documents by whether they are trusted: on the list of our own clients",
    labelNames: ["trusted"],
    registry: metrics,
  });
  const counts = { trusted: counter({ trusted: "true" }), other: counter({ trusted: "false" }) };

  const isTrusted = (text: string): boolean => {
    const known = looked.get(text);
    if (known !== undefined) return known;
    const meaning = meaningOf(text, tokens);
    const result = meaning !== undefined && own.has(meaning);
    looked.set(text, result);
    return result;
  };
  const count = (trusted: boolean) => {
    if (trust.mode !== "off") counts[trusted ? "trusted" : "other"].inc();
  };

  return {
    textOf: (request) => {
      const { query } = request;
      if (typeof query !== "string" || query === "")
        return byRequestedId(request, { documents, trust, refuse, count });
      if (contradicts(query, request)) return contradiction();
      const trusted = trust.mode !== "off" && isTrusted(query);
      if (trust.mode === "require" && !trusted) return notTrusted("The document", refuse);
      count(trusted);
      return query;
    },
    byId: (id) => documents.get(id),
    texts: () => [...documents.values()],
    count,
    isTrusted,
  };
}

/** The id that a request names its document by: `documentId`, or the hash of Apollo's persisted queries. */
export function documentIdOf({ documentId, extensions }: DocumentRequest): string | undefined {
  const { persistedQuery } = (extensions ?? {}) as { persistedQuery?: { sha256Hash?: unknown } | null };
  const id = documentId ?? persistedQuery?.sha256Hash;
  return typeof id === "string" ? id.replace(/^sha256:/, "") : undefined;
}

/** Whether a request names a hash that is not its document's: it would be kept under a wrong name. */
function contradicts(query: string, { extensions }: DocumentRequest): boolean {
  const hash = documentIdOf({ extensions });
  return hash !== undefined && hash !== createHash("sha256").update(query).digest("hex");
}

const contradiction = () =>
  new CodedError("BAD_USER_INPUT", "extensions.persistedQuery.sha256Hash is not the hash of the document");

function byRequestedId(
  request: DocumentRequest,
  deps: {
    documents: ReadonlyMap<string, string>;
    trust: LimitSettings["trust"];
    refuse: RefuseBy;
    count: (isTrusted: boolean) => void;
  },
): string | undefined | CodedError {
  const id = documentIdOf(request);
  if (id === undefined) return undefined;
  const text = deps.documents.get(id);
  if (text !== undefined) {
    deps.count(true);
    return text;
  }
  // A hash that we do not know may still be one that a client has registered.
  const mayBeRegistered = typeof request.documentId !== "string" && deps.trust.mode !== "require";
  return mayBeRegistered
    ? undefined
    : notTrusted(`The document ${JSON.stringify(id.slice(0, 80))}`, deps.refuse);
}

const notTrusted = (what: string, refuse: RefuseBy): CodedError =>
  refuse("trustedDocuments", {
    code: "DOCUMENT_NOT_TRUSTED",
    message: `${what} is not on the list of trusted documents; send the id of one that is`,
    allowed: "documents of the list that codegen writes",
  });

function readList({ mode, file }: LimitSettings["trust"]): Map<string, string> {
  if (mode !== "require" && !existsSync(file)) return new Map();
  try {
    return new Map(Object.entries(JSON.parse(readFileSync(file, "utf8")) as Record<string, string>));
  } catch (cause) {
    throw new Error(`TRUSTED_DOCUMENTS_FILE: ${file} cannot be read: ${messageOf(cause)}`, { cause });
  }
}

/** What a document asks for: without layout, comments, and the `__typename` that client libraries add. */
function meaningOf(text: string, maxTokens: number): string | undefined {
  const document = parseWithin(text, maxTokens);
  if (!("kind" in document)) return undefined;
  return print(
    visit(document, {
      [Kind.FIELD]: ({ name, alias, directives = [] }) =>
        name.value === "__typename" && !alias && directives.length === 0 ? null : undefined,
    }),
  );
}
