import { createHash } from "node:crypto";
import { Kind, print, visit, type GraphQLError } from "graphql";
import type { Registry } from "prom-client";
import { hotCounter } from "../../lib/hot-metrics.ts";
import { badInput, isCodedError, type CodedError } from "../../lib/errors.ts";
import { unknownDocument } from "../errors/errors.ts";
import type { LimitSettings } from "./config.ts";
import { parseWithin } from "./parse-within.ts";
import { createTextMemory } from "../../lib/text-memory.ts";
import type { Peers } from "./peers.ts";
import type { RefuseBy } from "./refusal.ts";
import { readTrustedDocuments } from "./trusted-list.ts";

/** The part of a request that says which document to execute. */
interface DocumentRequest {
  query?: string | undefined;
  documentId?: string | undefined;
  extensions?: Readonly<Record<string, unknown>> | undefined;
}

/** The documents that are known to be ours, by their id or because they say the same; and those that clients registered. */
export interface DocumentTrust {
  /** The text of the document that a request has or names. */
  textOf(request: DocumentRequest): string | CodedError | GraphQLError;
  /** Whether a document is trusted, counted; an error where only such may come. */
  admit(text: string): boolean | CodedError;
  /** Counts a document that was looked at before. */
  count(isTrusted: boolean): void;
  /** Keeps a good document for those who name it by its hash from now on, where the request asks for that. */
  register(text: string, request: DocumentRequest): void;
  /** All texts of the list. */
  texts(): string[];
}

/**
 * Reads the list, and remembers what clients register by Apollo's protocol for persisted queries.
 *
 * @throws Error naming the file, when it cannot be read although documents are required to be on it
 */
export function createDocumentTrust(
  { trust, document: { tokens } }: LimitSettings,
  {
    metrics,
    refuse,
    peers,
  }: { metrics: Registry; refuse: RefuseBy; peers?: Pick<Peers, "documents"> | undefined },
): DocumentTrust {
  const documents = readTrustedDocuments(trust);
  const isTrusted = createRecognition([...documents.values()], tokens);
  const registered = createRegister(peers);
  const counter = hotCounter({
    name: "gateway_documents_total",
    help: "Documents by whether they are trusted: on the list of our own clients",
    labelNames: ["trusted"],
    registry: metrics,
  });
  const counts = { trusted: counter({ trusted: "true" }), other: counter({ trusted: "false" }) };

  const count = (trusted: boolean) => {
    if (trust.mode !== "off") counts[trusted ? "trusted" : "other"].inc();
  };

  return {
    textOf: (request) => {
      const { query } = request;
      if (query !== undefined && request.extensions === undefined) return query;
      const hash = hashIn(request);
      if (isCodedError(hash)) return hash;
      if (query !== undefined)
        return hash === undefined || hash === sha256(query) ? query : contradiction(hash);
      const id = request.documentId?.replace(PREFIX, "") ?? hash ?? "";
      const text = documents.get(id) ?? (hash === undefined ? undefined : registered.get(hash));
      if (text !== undefined) return text;
      // A hash that we do not know may still be one that a client is about to register.
      const mayBeRegistered = request.documentId === undefined && trust.mode !== "require";
      return mayBeRegistered
        ? unknownDocument()
        : notTrusted(`The document ${JSON.stringify(id.slice(0, 80))}`, refuse);
    },
    admit: (text) => {
      const trusted = trust.mode !== "off" && isTrusted(text);
      if (trust.mode === "require" && !trusted) return notTrusted("The document", refuse);
      count(trusted);
      return trusted;
    },
    count,
    register: (text, { extensions }) => {
      const hash = extensions && hashIn({ extensions });
      if (typeof hash === "string") registered.set(hash, text);
    },
    texts: () => [...documents.values()],
  };
}

/** Whatever fits into a request may be registered; the oldest go when all of them are longer than this together. */
const REGISTERED = { texts: 10_000, chars: 32_000_000, longestChars: 1_048_576 };
/** What clients register, here or at another worker. */
function createRegister(peers: Pick<Peers, "documents"> | undefined) {
  const registered = createTextMemory<string>({ ...REGISTERED, charsOf: (_hash, text) => text.length });
  peers?.documents.onTold((hash, text) => registered.set(hash, text));
  return {
    get: (hash: string) => registered.get(hash),
    set: (hash: string, text: string) => {
      if (registered.get(hash) !== text) peers?.documents.tell(hash, text);
      registered.set(hash, text);
    },
  };
}

const PREFIX = /^sha256:/;
const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");

/** The hash of a persisted query, as Apollo's clients send it. */
function hashIn({ extensions }: DocumentRequest): string | undefined | CodedError {
  const asked = extensions?.["persistedQuery"];
  if (asked === undefined || asked === null) return undefined;
  const { version, sha256Hash } = asked as { version?: unknown; sha256Hash?: unknown };
  if (version !== 1) return badInput("extensions.persistedQuery.version", version, "1");
  if (typeof sha256Hash !== "string")
    return badInput("extensions.persistedQuery.sha256Hash", sha256Hash, "the SHA-256 of a document, in hex");
  return sha256Hash.replace(PREFIX, "").toLowerCase();
}

const contradiction = (hash: string) =>
  badInput("extensions.persistedQuery.sha256Hash", hash, "the SHA-256 of the document that is sent with it");

const notTrusted = (what: string, refuse: RefuseBy): CodedError =>
  refuse("trustedDocuments", {
    code: "DOCUMENT_NOT_TRUSTED",
    message: `${what} is not on the list of trusted documents; send the id of one that is`,
    allowed: "documents of the list that codegen writes",
  });

/** Tells whether a text says the same as one of the documents, and remembers that. */
function createRecognition(documents: readonly string[], tokens: number): (text: string) => boolean {
  const own = new Set(documents.map((text) => meaningOf(text, tokens)));
  const mayBeOwn = namesOneOf(documents);
  const looked = createTextMemory<boolean>();
  return (text) => {
    const known = looked.get(text);
    if (known !== undefined) return known;
    const meaning = mayBeOwn(text) ? meaningOf(text, tokens) : undefined;
    const result = meaning !== undefined && own.has(meaning);
    looked.set(text, result);
    return result;
  };
}

const NAMED = /\b(?:query|mutation|subscription)\s+(\w+)/g;
const namesIn = (text: string): string[] => [...text.matchAll(NAMED)].map(([, name = ""]) => name);

/** Whether a text names an operation of one of the documents: most others need no second look then. */
function namesOneOf(documents: readonly string[]): (text: string) => boolean {
  const names = new Set(documents.flatMap(namesIn));
  if (documents.some((text) => namesIn(text).length === 0)) return () => true;
  return (text) => namesIn(text).some((name) => names.has(name));
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
