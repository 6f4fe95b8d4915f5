/** The ways to stream over plain HTTP. */
export type HttpStreamKind = "sse" | "multipart";

/** What an `Accept` header asks for; undefined when it wants one finished answer. */
export function streamKindOf(accept: string | undefined): HttpStreamKind | undefined {
  const ranges = (accept ?? "")
    .toLowerCase()
    .split(",")
    .map((range) => range.replaceAll(/[\s"]/g, ""));
  if (ranges.some((range) => range.startsWith("text/event-stream"))) return "sse";
  const isMultipart = (range: string) =>
    range.startsWith("multipart/mixed") && range.includes(";subscriptionspec=1.0");
  return ranges.some(isMultipart) ? "multipart" : undefined;
}
