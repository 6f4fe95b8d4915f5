/** The header of W3C Trace Context that says of which trace a request is a part. */
export const TRACEPARENT_HEADER = "traceparent";

const TRACEPARENT = /^00-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-[0-9a-f]{2}$/;

/** The caller's place in its trace, when it is well-formed. */
export const traceparentFrom = (given: unknown): string | undefined =>
  typeof given === "string" && TRACEPARENT.test(given) ? given : undefined;
