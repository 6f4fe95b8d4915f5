import { createHash } from "node:crypto";
import { DEFAULT_SUPPORTED_SUPERGRAPH_FEATURES, Supergraph, type Schema } from "@apollo/federation-internals";
import { parse, type DocumentNode, type GraphQLSchema } from "graphql";
import { requirementsOf, type ProtectedField, type Requirements } from "../lib/authorization.ts";
import { createTextMemory, type TextMemory } from "../lib/text-memory.ts";
import { refuseUnsafeShapes } from "./refused-shapes.ts";
import { resolvableKeysFirst } from "./resolvable-keys-first.ts";

/** A supergraph, ready to be validated against, planned for and executed. */
export interface LoadedSupergraph {
  /** Short hash of the SDL: the name of this generation. */
  id: string;
  loadedAt: Date;
  sdl: string;
  /** The same, parsed. */
  document: DocumentNode;
  subgraphs: readonly { name: string; url: string }[];
  /** What clients see. */
  apiSchema: GraphQLSchema;
  /** The same for the planner. */
  federationApiSchema: Schema;
  /** Everything, joins included. */
  supergraph: Supergraph;
  supergraphSchema: GraphQLSchema;
  /** What each protected field asks of its caller. */
  requirements: Requirements;
  /** The fields of a document that ask something of their caller, as far as somebody has looked for them. */
  protectedFields: WeakMap<DocumentNode, readonly ProtectedField[]>;
  /** Documents that are valid for it, by their text. */
  validDocuments: TextMemory<DocumentNode>;
}

/**
 * Security features that this gateway enforces itself. Others, like `@policy`, stay unsupported, so that a
 * supergraph which relies on them is refused instead of being served unprotected.
 */
const ENFORCED_HERE = [
  "https://specs.apollo.dev/authenticated/v0.1",
  "https://specs.apollo.dev/requiresScopes/v0.1",
];
const SUPPORTED = new Set([...DEFAULT_SUPPORTED_SUPERGRAPH_FEATURES, ...ENFORCED_HERE]);

/**
 * Parses and checks supergraph SDL.
 *
 * @throws GraphQLError naming what is wrong or not supported
 */
export function loadSupergraph(sdl: string, loadedAt: Date): LoadedSupergraph {
  const document = parse(sdl);
  refuseUnsafeShapes(document);
  const supergraph = Supergraph.build(resolvableKeysFirst(document), { supportedFeatures: SUPPORTED });
  const federationApiSchema = supergraph.apiSchema();
  return {
    id: createHash("sha256").update(sdl).digest("hex").slice(0, 16),
    loadedAt,
    sdl,
    document,
    subgraphs: supergraph.subgraphsMetadata(),
    apiSchema: federationApiSchema.toGraphQLJSSchema({ includeDefer: true }),
    federationApiSchema,
    supergraph,
    supergraphSchema: supergraph.schema.toGraphQLJSSchema(),
    requirements: requirementsOf(document),
    protectedFields: new WeakMap(),
    validDocuments: createTextMemory(),
  };
}
