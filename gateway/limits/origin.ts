/**
 * Whether a page of this origin may open a stream. Programs send no origin; pages of the same host and of the
 * listed origins may; `*` stands for everybody.
 */
export function isOriginAllowed(
  headers: { origin?: string | undefined; host?: string | undefined },
  allowed: readonly string[],
): boolean {
  const { origin, host } = headers;
  if (origin === undefined || allowed.includes("*") || allowed.includes(origin)) return true;
  return URL.canParse(origin) && new URL(origin).host === host;
}
