import { createHash } from "node:crypto";
import { GraphQLError, Kind, parse, print, type DocumentNode, type GraphQLSchema } from "graphql";
import { requirementsOf, type ProtectedPart, type Requirements } from "../../lib/authorization.ts";
import { linkedFeatures } from "../../lib/linked-features.ts";
import { apiSchemaOf } from "./api-schema.ts";
import { unsupportedIn } from "./federation-support.ts";
import { joinsIn, type Joins } from "./joins.ts";
import { readEventStreams, type EventStream } from "./streams/event-streams.ts";

/** A supergraph, ready to be validated against, planned for and executed. */
export interface LoadedSupergraph extends Joins {
  /** Short hash of the SDL: the name of this generation. */
  id: string;
  loadedAt: Date;
  sdl: string;
  /** The same, parsed. */
  document: DocumentNode;
  /** What it uses that has no effect here, as sentences. */
  passedOver: readonly string[];
  /** What clients see. */
  apiSchema: GraphQLSchema;
  /** Fields of `Subscription` that a broker feeds; in `sdl` and `document` each of them is a graph of its own. */
  eventStreams: ReadonlyMap<string, EventStream>;
  /** What its fields and types ask of their callers. */
  requirements: Requirements;
  /** The protected fields and types that a document reaches; each document is searched once, when it is first asked for. */
  protectedParts: WeakMap<DocumentNode, readonly ProtectedPart[]>;
}

/** The directives that this gateway enforces itself, and the versions of them that it knows. */
const ENFORCED_HERE = [
  "https://specs.apollo.dev/authenticated/v0.1",
  "https://specs.apollo.dev/requiresScopes/v0.1",
];
/** Specifications that answers depend on, or could: tags of caches are passed over. */
const EXECUTED_HERE =
  /^https:\/\/specs\.apollo\.dev\/(?:core\/v0\.[12]|link\/v1\.0|join\/v0\.[1-5]|cacheTag\/v0\.1)$/;
const PROTECTING = new Set([
  ...ENFORCED_HERE,
  "https://specs.apollo.dev/inaccessible/v0.1",
  "https://specs.apollo.dev/inaccessible/v0.2",
  // Protects nothing by itself; what its arguments would be needed for is refused below.
  "https://specs.apollo.dev/context/v0.1",
]);
/** Specifications that protect something, whether or not whoever links them says so; their directives have the same name. */
const PROTECTIONS = ["authenticated", "requiresScopes", "policy", "inaccessible"];

/**
 * Refuses a supergraph that relies on protection which would not be there: linked and not enforced here, or meant and
 * not linked.
 *
 * @throws GraphQLError naming the specification or the directive
 */
function refuseUnprotected(document: DocumentNode): void {
  const features = linkedFeatures(document);
  for (const { url, identity, purpose } of features) {
    const isProtection =
      purpose === "SECURITY" || PROTECTIONS.some((name) => identity === `https://specs.apollo.dev/${name}`);
    if (isProtection && !PROTECTING.has(url))
      throw new GraphQLError(
        `The supergraph relies on ${url} for its security, which is not enforced here; expected one of ${[...PROTECTING].join(", ")}`,
      );
  }
  for (const node of document.definitions) {
    if (node.kind !== Kind.DIRECTIVE_DEFINITION || !PROTECTIONS.includes(node.name.value)) continue;
    const name = node.name.value;
    if (features.some((feature) => feature.owns(name))) continue;
    throw new GraphQLError(
      `The supergraph defines @${name} without linking its specification, so it would not be enforced; add @link(url: "https://specs.apollo.dev/${name}/v0.1", for: SECURITY)`,
    );
  }
}

/**
 * Refuses a supergraph that nobody here could answer as it is meant: one that is none, or that depends on something new.
 *
 * @throws GraphQLError naming the specification and what to do
 */
function refuseUnknown(document: DocumentNode): void {
  const features = linkedFeatures(document);
  if (!features.some(({ identity }) => identity === "https://specs.apollo.dev/join"))
    throw new GraphQLError(
      "This is no supergraph: it does not link https://specs.apollo.dev/join. Compose the subgraphs first",
    );
  for (const { url, identity, purpose } of features) {
    const isJoin = identity === "https://specs.apollo.dev/join";
    if ((purpose === "EXECUTION" || isJoin) && !EXECUTED_HERE.test(url))
      throw new GraphQLError(
        `The supergraph depends on ${url}, which is not known here; compose it for join/v0.1 to join/v0.5, without what needs more`,
      );
  }
}

/**
 * Parses and checks supergraph SDL.
 *
 * @throws GraphQLError naming what is wrong or not supported
 */
export function loadSupergraph(sdl: string, loadedAt: Date, { hasBroker = false } = {}): LoadedSupergraph {
  const written = parse(sdl);
  const passedOver = unsupportedIn(written);
  refuseUnprotected(written);
  refuseUnknown(written);
  const apiSchema = apiSchemaOf(written);
  const joins = joinsIn(written);
  const { document, streams } = readEventStreams(written, { hasBroker, visible: apiSchema, joins });
  const isStreamed = streams.size > 0;
  return {
    id: createHash("sha256").update(sdl).digest("hex").slice(0, 16),
    loadedAt,
    sdl: isStreamed ? print(document) : sdl,
    document,
    passedOver,
    apiSchema,
    eventStreams: streams,
    ...(isStreamed ? joinsIn(document) : joins),
    // Streams are no subgraphs for anybody but the planners.
    subgraphs: joins.subgraphs,
    requirements: requirementsOf(written),
    protectedParts: new WeakMap(),
  };
}
