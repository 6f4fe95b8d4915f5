import type { IncomingMessage } from "node:http";
import { CodedError } from "./errors.ts";

/** What pages of other origins are told, as headers: whether they may read an answer, and which of its headers. */
export interface CrossOrigin {
  /** Why a page may not ask at all: FORBIDDEN. */
  refusal(request: Asked): CodedError | undefined;
  /** For every answer; a list of names and values in turn. */
  headersFor(request: Asked): readonly string[];
  /** For the answer to a preflight. */
  preflightFor(request: Asked): readonly string[];
}

/** What a request says of where it comes from. */
type Asked = Pick<IncomingMessage, "headers" | "method">;

const METHODS = "GET, POST";
/** How long browsers need not ask again; they cap it themselves. */
const PREFLIGHT_SECONDS = 600;
/** Any header name that HTTP allows, in a list that is not long. */
const HEADER_LIST = /^[\w!#$%&'*+.^`|~, -]{1,1000}$/;

/**
 * Cross-origin resource sharing by a list of origins. Listed ones may send credentials; `*` lets every page ask, without
 * them. The rule is the same for queries, streams and sockets.
 *
 * @param exposed names of headers that pages may read, like `etag, retry-after`
 */
export function createCrossOrigin(allowed: readonly string[], exposed: string): CrossOrigin {
  const isOpen = allowed.includes("*");
  const varies = allowed.length > 0 && !isOpen;
  const headersFor = ({ headers }: Asked): string[] => {
    const { origin } = headers;
    if (origin === undefined || !isOriginAllowed(headers, allowed)) return varies ? ["vary", "origin"] : [];
    if (isOpen && !allowed.includes(origin))
      return ["access-control-allow-origin", "*", "access-control-expose-headers", exposed];
    return [
      "vary",
      "origin",
      "access-control-allow-origin",
      origin,
      "access-control-allow-credentials",
      "true",
      "access-control-expose-headers",
      exposed,
    ];
  };
  return {
    headersFor,
    refusal: ({ headers, method }) => {
      if (!isOriginAllowed(headers, allowed)) return foreign(headers.origin);
      // A browser says so where a page's request carries no origin: an image, a script, a link of another site.
      const isForeign = method === "GET" && !isOpen && headers.origin === undefined;
      return isForeign && CROSS_SITE.has(String(headers["sec-fetch-site"])) && !isNavigation(headers)
        ? foreign(headers["sec-fetch-site"])
        : undefined;
    },
    preflightFor: (request) => {
      const asked = request.headers["access-control-request-headers"];
      return [
        ...headersFor(request),
        "access-control-allow-methods",
        METHODS,
        ...(typeof asked === "string" && HEADER_LIST.test(asked)
          ? ["access-control-allow-headers", asked]
          : []),
        "access-control-max-age",
        String(PREFLIGHT_SECONDS),
      ];
    },
  };
}

/**
 * Whether a page of this origin may ask. Programs send no origin; pages of the same host and of the listed origins may;
 * `*` stands for everybody.
 */
export function isOriginAllowed(
  headers: { origin?: string | undefined; host?: string | undefined },
  allowed: readonly string[],
): boolean {
  const { origin, host } = headers;
  if (origin === undefined || allowed.includes("*") || allowed.includes(origin)) return true;
  return URL.canParse(origin) && new URL(origin).host === host;
}

const CROSS_SITE = new Set(["cross-site", "same-site"]);

const isNavigation = (headers: IncomingMessage["headers"]) =>
  headers["sec-fetch-mode"] === "navigate" && headers["sec-fetch-dest"] === "document";

const foreign = (origin: unknown): CodedError =>
  new CodedError("FORBIDDEN", "Pages of this origin may not ask here; ALLOWED_ORIGINS lists those that may", {
    field: "origin",
    value: String(origin).slice(0, 200),
  });
