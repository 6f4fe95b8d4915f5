/** The ways to stream over plain HTTP. */
export type HttpStreamKind = "sse" | "multipart" | "parts";

/** What an `Accept` header asks for; undefined when it wants one finished answer. */
export function streamKindOf(accept: string | undefined): HttpStreamKind | undefined {
  const ranges = (accept ?? "")
    .toLowerCase()
    .split(",")
    .map((range) => range.replaceAll(/[\s"]/g, ""));
  if (ranges.some((range) => range.startsWith("text/event-stream"))) return "sse";
  const isMultipart = (specification: string) =>
    ranges.some((range) => range.startsWith("multipart/mixed") && range.includes(specification));
  if (isMultipart(";subscriptionspec=1.0")) return "multipart";
  return isMultipart(";deferspec=20220824") ? "parts" : undefined;
}
