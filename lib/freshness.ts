/** What an answer says of how long it may be kept, as the values of its headers. */
export interface Said {
  cacheControl: string | undefined;
  /** How many seconds it has been kept already. */
  age: string | undefined;
}

/**
 * How long an answer may be kept that is made of several: as long as the strictest of them says, in private where one of
 * them is private, and not at all where one of them says nothing.
 */
export class Freshness {
  #maxAgeSeconds = Number.POSITIVE_INFINITY;
  #isPrivate = false;

  /** Takes in one of the answers; one without headers may not be kept. */
  restrict({ cacheControl = "", age }: Partial<Said> = {}): void {
    const directives = directivesIn(cacheControl);
    const keptSeconds = secondsIn(age) ?? 0;
    const isForbidden = directives.has("no-store") || directives.has("no-cache");
    const maxAgeSeconds = isForbidden ? 0 : (secondsIn(directives.get("max-age")) ?? 0) - keptSeconds;
    this.#maxAgeSeconds = Math.min(this.#maxAgeSeconds, Math.max(0, maxAgeSeconds));
    this.#isPrivate ||= directives.has("private");
  }

  /** As a `Cache-Control` header; undefined where the whole may not be kept, or no subgraph was asked. */
  cacheControl({ isPrivate }: { isPrivate: boolean }): string | undefined {
    const seconds = this.#maxAgeSeconds;
    if (seconds === 0 || seconds === Number.POSITIVE_INFINITY) return undefined;
    return `max-age=${seconds}, ${isPrivate || this.#isPrivate ? "private" : "public"}`;
  }
}

const directivesIn = (header: string): Map<string, string> =>
  new Map(
    header
      .toLowerCase()
      .split(",")
      .map((directive) => {
        const [name = "", value = ""] = directive.split("=");
        return [name.trim(), value.trim().replaceAll('"', "")] as const;
      }),
  );

/** A century is long enough for everybody. */
const MOST_SECONDS = 3_153_600_000;

const secondsIn = (text: string | undefined): number | undefined =>
  text !== undefined && /^\d{1,20}$/.test(text) ? Math.min(Number(text), MOST_SECONDS) : undefined;
