import { GraphQLError, parse, type DocumentNode } from "graphql";

/** A document, what is wrong with its syntax, or the limit that it exceeds before it is read to its end. */
export function parseWithin(
  source: string,
  maxTokens: number,
): DocumentNode | GraphQLError | { exceeded: "tokens" | "depth" } {
  try {
    return parse(source, { maxTokens });
  } catch (error) {
    // graphql-js reads recursively; whatever else it throws than its own errors is the end of the stack.
    if (!(error instanceof GraphQLError)) return { exceeded: "depth" };
    return TOO_MANY_TOKENS.test(error.message) ? { exceeded: "tokens" } : error;
  }
}

const TOO_MANY_TOKENS = /Document contains more tha[nt] \d+ tokens/;
