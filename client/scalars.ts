/**
 * Our scalars in TypeScript, as they come over the wire: for `scalars` in the configuration of a GraphQL Code Generator,
 * which cannot know and would write `unknown` or `any`.
 *
 * @example
 * // codegen.ts of your own, with schema: "https://gateway.example/graphql"
 * generates: { "./src/gql/": { preset: "client", config: { scalars } } }
 */
export const scalars = {
  /** ISO 8601 in UTC, like `2026-01-31T08:00:00.000Z`; any zone is taken. */
  DateTime: "string",
  /** US dollars with at most six decimals. */
  USD: "number",
  /** Any JSON value. */
  JSON: "unknown",
} as const;
