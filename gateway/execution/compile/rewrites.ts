import { createRequire } from "node:module";
import type { FetchDataRewrite } from "@apollo/query-planner";
import type { GraphQLSchema } from "graphql";
import type { JsonObject } from "./json-object.ts";

type ApplyRewrites = (schema: GraphQLSchema, rewrites: FetchDataRewrite[], value: JsonObject) => void;

/** Apollo's own implementation; the package does not export it, its version is pinned. */
const { applyRewrites } = createRequire(import.meta.url)("@apollo/gateway/dist/dataRewrites.js") as {
  applyRewrites: ApplyRewrites;
};

/** Changes an object in place the way that a fetch asks for; undefined when it asks for nothing. */
export function rewriter(
  schema: GraphQLSchema,
  rewrites: FetchDataRewrite[] | undefined,
): ((value: JsonObject) => void) | undefined {
  if (!rewrites || rewrites.length === 0) return undefined;
  return (value) => applyRewrites(schema, rewrites, value);
}
