import type { GraphQLError } from "graphql";

const OUTAGES = new Set<unknown>(["SUBGRAPH_UNAVAILABLE", "SUBGRAPH_TIMEOUT"]);

/** A subgraph that does not answer fails every fetch of a plan; the first error says it for all of them. */
export function oneErrorPerOutage(errors: readonly GraphQLError[]): readonly GraphQLError[] {
  const told = new Set<unknown>();
  return errors.filter(({ extensions }) => {
    const isOutage = OUTAGES.has(extensions?.["code"]) && extensions["serviceName"] !== undefined;
    if (!isOutage) return true;
    const isNews = !told.has(extensions["serviceName"]);
    told.add(extensions["serviceName"]);
    return isNews;
  });
}
