import { createTextMemory } from "../../lib/text-memory.ts";

/** The ways to stream over plain HTTP. */
export type HttpStreamKind = "sse" | "multipart" | "defer" | "incremental";

export type JsonType = "application/json" | "application/graphql-response+json";

/** In which form a client takes each kind of answer; undefined where it takes none that we have. */
export interface Accepted {
  /** An answer in one piece. */
  single: JsonType | HttpStreamKind | undefined;
  /** An answer whose parts may come later. */
  parts: JsonType | HttpStreamKind | undefined;
  /** The events of a subscription. */
  events: HttpStreamKind | undefined;
  /** A refusal; streams say it themselves where there is no JSON. */
  json: JsonType | undefined;
  /** The client is older than the media type for GraphQL: a status other than 200 would hide the answer from it. */
  isLegacy: boolean;
}

/** What is offered when nothing can be accepted. */
export const OFFERED =
  "application/json, application/graphql-response+json, text/event-stream or multipart/mixed;subscriptionSpec=1.0";

interface Range {
  type: string;
  parameters: string[];
  q: number;
  index: number;
}

const JSON_TYPES: readonly JsonType[] = ["application/json", "application/graphql-response+json"];
const STREAMS: Readonly<Record<HttpStreamKind, readonly [type: string, parameter?: string]>> = {
  sse: ["text/event-stream"],
  multipart: ["multipart/mixed", "subscriptionspec=1.0"],
  defer: ["multipart/mixed", "deferspec=20220824"],
  incremental: ["multipart/mixed", "incrementalspec=v0.2"],
};
/** Clients that say `multipart/mixed` alone understand all of these. */
const OF_ANY_KIND: ReadonlySet<string> = new Set<HttpStreamKind>(["multipart", "incremental"]);

/**
 * What an `Accept` header asks for, by its q-values first and its order then. Streams have to be named: a wildcard is for
 * JSON. An answer in parts prefers a form that can carry them, one without parts a form that is none, where the client
 * likes both alike.
 *
 * @example acceptedBy("text/event-stream;q=0.5, application/json").single // "application/json"
 */
export function acceptedBy(accept: string | undefined): Accepted {
  const ranges = rangesIn(accept ?? "*/*");
  const preference = (offers: readonly Offer[]) =>
    offers
      .map((offer) => ({ ...offer, by: rangeFor(offer.kind, ranges) }))
      .filter(({ by }) => by !== undefined && by.q > 0)
      .toSorted((a, b) => order(a, b))[0]?.kind;
  const json = preference(JSON_TYPES.map((kind) => ({ kind, handicap: 0 }))) as JsonType | undefined;
  const best = (kinds: readonly HttpStreamKind[], handicaps: { streams?: number; json?: number }) =>
    preference([
      ...JSON_TYPES.map((kind) => ({ kind, handicap: handicaps.json ?? 0 })),
      ...kinds.map((kind) => ({ kind, handicap: kind === "sse" ? 0 : (handicaps.streams ?? 0) })),
    ]);
  return {
    single: best(["sse", "multipart", "defer", "incremental"], { streams: 1 }),
    parts: best(["incremental", "defer", "sse", "multipart"], { json: 1 }),
    events: preference([
      { kind: "sse", handicap: 0 },
      { kind: "multipart", handicap: 0 },
    ]) as HttpStreamKind | undefined,
    json,
    isLegacy: json === "application/json" && !ranges.some(({ type, q }) => q > 0 && MODERN.has(type)),
  };
}

const MODERN = new Set(["*/*", "application/*", "application/graphql-response+json"]);

interface Offer {
  kind: JsonType | HttpStreamKind;
  /** Comes after others that the client likes as much. */
  handicap: number;
}

function order(a: Offer & { by: Range | undefined }, b: Offer & { by: Range | undefined }): number {
  return (
    (b.by?.q ?? 0) - (a.by?.q ?? 0) || a.handicap - b.handicap || (a.by?.index ?? 0) - (b.by?.index ?? 0)
  );
}

/** The most specific range that speaks of a form. */
function rangeFor(kind: JsonType | HttpStreamKind, ranges: readonly Range[]): Range | undefined {
  if (kind === "application/json" || kind === "application/graphql-response+json")
    return [kind, "application/*", "*/*"]
      .map((wanted) => ranges.find(({ type }) => type === wanted))
      .find((range) => range !== undefined);
  const [type, parameter] = STREAMS[kind];
  const named = ranges.filter((range) => range.type === type);
  if (parameter === undefined) return named[0];
  const isBare = ({ parameters }: Range) => !parameters.some((each) => /spec=/.test(each));
  return (
    named.find(({ parameters }) => parameters.includes(parameter)) ??
    (OF_ANY_KIND.has(kind) ? named.find(isBare) : undefined)
  );
}

const rangesIn = (accept: string): Range[] =>
  accept
    .toLowerCase()
    .split(",")
    .map((range) => range.replaceAll(/[\s"]/g, "").split(";"))
    .map(([type = "", ...parameters], index) => ({ type, parameters, q: qualityIn(parameters), index }))
    .filter(({ type }) => type !== "");

function qualityIn(parameters: readonly string[]): number {
  const q = Number(parameters.find((parameter) => parameter.startsWith("q="))?.slice(2) ?? 1);
  return Number.isNaN(q) ? 0 : Math.min(1, Math.max(0, q));
}

const BOUNDS = { texts: 200, chars: 60_000, longestChars: 300 };

/** The same, remembered: clients say the same with each request. */
export function createNegotiation(): typeof acceptedBy {
  const known = createTextMemory<Accepted>(BOUNDS);
  return (accept = "*/*") => {
    const remembered = known.get(accept);
    if (remembered) return remembered;
    const accepted = acceptedBy(accept);
    known.set(accept, accepted);
    return accepted;
  };
}
