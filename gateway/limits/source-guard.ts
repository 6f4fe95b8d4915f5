import { GraphQLError, parse } from "graphql";
import { MAX_TOKENS } from "../prepare-operation.ts";
import { exceededLimit } from "./document-limits.ts";

/** Throws a GraphQLError for a document that is too large; anything else is left to those who come later. */
export type SourceGuard = (source: unknown) => void;

const REMEMBERED = 1_000;

/**
 * Guards Apollo Server, which validates before any plugin can refuse. Sources that passed are remembered,
 * so that a known operation is not parsed for this again.
 */
export function createSourceGuard(): SourceGuard {
  const passed = new Set<string>();
  return (source) => {
    if (typeof source !== "string" || passed.has(source)) return;
    const document = tryParse(source);
    const exceeded = document && exceededLimit(document);
    if (exceeded) throw exceeded;
    passed.add(source);
    if (passed.size > REMEMBERED) passed.delete(passed.values().next().value ?? "");
  };
}

function tryParse(source: string) {
  try {
    return parse(source, { maxTokens: MAX_TOKENS });
  } catch (error) {
    // What cannot be parsed gets its error from Apollo Server, except that it must not exhaust the stack there.
    if (error instanceof GraphQLError) return undefined;
    const extensions = { code: "OPERATION_TOO_COMPLEX", limit: "depth", http: { status: 400 } };
    throw new GraphQLError("The operation is nested too deeply to be parsed", { extensions });
  }
}
