import { eventsIn, onStream, type HttpStream } from "../http-stream.ts";
import { given, requireThat, Skipped, type Rule } from "../rule.ts";
import type { Target } from "../target.ts";

const SPEC = "https://github.com/enisdenjo/graphql-sse/blob/master/PROTOCOL.md";
const HTTP = "https://github.com/graphql/graphql-over-http/blob/main/spec/GraphQLOverHTTP.md";
export const EVENT_STREAM = "text/event-stream";
const accept = EVENT_STREAM;

interface Result {
  data?: unknown;
  errors?: unknown;
}

/** Events have to be `next`, with a result, or `complete`. */
function resultsIn(text: string): Result[] {
  return eventsIn(text).flatMap(({ event, data }) => {
    if (event === "complete") return [];
    requireThat(
      event === "next",
      `an event is called ${JSON.stringify(event)}; allowed are next and complete`,
    );
    const result = JSON.parse(data) as Result;
    requireThat(
      "data" in result || Array.isArray(result.errors),
      `${data.slice(0, 200)} is no result of an execution`,
    );
    return [result];
  });
}

function requireEventStream({ status, contentType, text }: HttpStream): void {
  requireThat(
    status === 200 && contentType.startsWith(accept),
    `answered ${status} ${contentType}: ${text().slice(0, 200)}`,
  );
}

const firstResult = (stream: HttpStream) => stream.until("the first event", (text) => resultsIn(text)[0]);

/** What cannot be executed has to be told in the stream, not by a status that EventSource hides. */
const refusals: readonly Rule[] = (
  [
    ["syntax", "a syntax error", "subscription {"],
    ["unknown-field", "a field that the schema does not have", "subscription { doesNotExist }"],
  ] as const
).map(([id, what, query]) => ({
  id: `sse-error-${id}`,
  level: "MUST",
  says: `an operation with ${what} is told by a next event with errors, then complete`,
  source: `${SPEC}#distinct-connections-mode`,
  check: (target) =>
    onStream(target, { query, accept }, async (stream) => {
      requireEventStream(stream);
      const [result, ...more] = resultsIn(await stream.ended());
      requireThat(result !== undefined && Array.isArray(result.errors) && more.length === 0, stream.text());
    }),
}));

/** graphql-sse in its distinct connections mode. */
export const serverSentEvents: readonly Rule[] = [
  {
    id: "sse-content-type",
    level: "MUST",
    says: "a subscription that accepts text/event-stream is answered with 200 and that content type",
    source: `${SPEC}#distinct-connections-mode`,
    check: (target) =>
      onStream(target, { query: given(target, "subscription"), accept }, async (stream) =>
        requireEventStream(stream),
      ),
  },
  {
    id: "sse-next",
    level: "MUST",
    says: "each event is called next and has the result of an execution as its data",
    source: `${SPEC}#next-event`,
    check: (target) =>
      onStream(target, { query: given(target, "subscription"), accept }, async (stream) => {
        await firstResult(stream);
      }),
  },
  {
    id: "sse-get",
    level: "SHOULD",
    says: "EventSource of a browser can ask: GET with the query in the address",
    source: `${HTTP}#get`,
    check: (target) =>
      onStream(target, { query: given(target, "subscription"), accept, method: "GET" }, async (stream) => {
        requireEventStream(stream);
        await firstResult(stream);
      }),
  },
  {
    id: "sse-query",
    level: "MUST",
    says: "a query gets one next, then complete, then the end of the answer",
    source: `${SPEC}#complete-event`,
    check: (target) =>
      onStream(target, { query: "{ __typename }", accept }, async (stream) => {
        requireEventStream(stream);
        const names = eventsIn(await stream.ended()).map(({ event }) => event);
        requireThat(names.join() === "next,complete", `got ${names.join(", ")}`);
      }),
  },
  {
    id: "sse-complete",
    level: "MUST",
    says: "a subscription that is over ends with complete, and so does the answer",
    source: `${SPEC}#complete-event`,
    check: (target) =>
      onStream(target, { query: given(target, "ending"), accept }, async (stream) => {
        const last = eventsIn(await stream.ended()).at(-1);
        requireThat(last?.event === "complete", `the last event is ${JSON.stringify(last)}`);
      }),
  },
  ...refusals,
  {
    id: "sse-mutation-by-get",
    level: "MUST",
    says: "a mutation by GET is not executed",
    source: `${HTTP}#get`,
    check: (target) =>
      onStream(target, { query: "mutation { __typename }", accept, method: "GET" }, async (stream) => {
        const text = await stream.ended();
        requireThat(!/"data":\s*\{\s*"__typename"/.test(text), `it was executed: ${text.slice(0, 200)}`);
      }),
  },
  {
    id: "sse-one-answer",
    level: "SHOULD",
    says: "a subscription whose client accepts one answer only is refused, and not left open",
    source: `${HTTP}#accept`,
    check: (target) =>
      onStream(
        target,
        { query: given(target, "subscription"), accept: "application/json" },
        async (stream) => {
          const text = await stream.ended();
          requireThat(
            stream.status >= 400 || /"errors"/.test(text),
            `answered ${stream.status}: ${text.slice(0, 200)}`,
          );
        },
      ),
  },
  {
    id: "sse-defer",
    level: "SHOULD",
    says: "the parts of a deferred operation come as next, the last one says hasNext: false, and complete follows",
    source: `${SPEC}#event-stream`,
    check: (target: Target) =>
      onStream(target, { query: given(target, "defer"), accept }, async (stream) => {
        const text = await stream.ended();
        const results = resultsPartsIn(text);
        if (results.length === 0) throw new Skipped(`answered ${stream.status}: ${text.slice(0, 160)}`);
        if (results.length === 1) throw new Skipped("the answer came in one part");
        requireThat(results.at(-1)?.hasNext === false, `the last part is ${JSON.stringify(results.at(-1))}`);
        requireThat(eventsIn(text).at(-1)?.event === "complete", "no complete follows");
      }),
  },
];

const resultsPartsIn = (text: string) =>
  eventsIn(text)
    .filter(({ event }) => event === "next")
    .map(({ data }) => JSON.parse(data) as { hasNext?: boolean });
