import { boundaryOf, onStream, partsIn, type HttpStream, type Part } from "../http-stream.ts";
import { given, requireThat, type Rule } from "../rule.ts";
import type { Target } from "../target.ts";

const SPEC = "https://www.apollographql.com/docs/graphos/routing/operations/subscriptions/multipart-protocol";
export const SUBSCRIPTIONS = 'multipart/mixed;subscriptionSpec="1.0", application/json';
const accept = SUBSCRIPTIONS;

interface Body {
  payload?: { data?: unknown; errors?: unknown } | null;
  errors?: unknown;
}

const bodyOf = ({ body }: Part): Body => JSON.parse(body) as Body;
/** A part that only keeps the connection alive. */
const isHeartbeat = (body: Body): boolean => Object.keys(body).length === 0;

function boundaryIn({ status, contentType, text }: HttpStream): string {
  const boundary = boundaryOf(contentType);
  requireThat(
    status === 200 && boundary !== undefined,
    `answered ${status} ${contentType}: ${text().slice(0, 200)}`,
  );
  return boundary;
}

/** Asks for a subscription in that form, and waits for its first event. */
const onEvent = (target: Target, use: (stream: HttpStream, part: Part) => Promise<void> | void) =>
  onStream(target, { query: given(target, "subscription"), accept }, async (stream) => {
    const boundary = boundaryIn(stream);
    const part = await stream.until("a part with an event, and the delimiter after it", (text) =>
      partsIn(text, boundary).parts.find((each) => !isHeartbeat(bodyOf(each))),
    );
    await use(stream, part);
  });

/** Apollo's protocol for subscriptions over multipart HTTP. */
export const multipart: readonly Rule[] = [
  {
    id: "multipart-content-type",
    level: "MUST",
    says: "a subscription that accepts multipart/mixed;subscriptionSpec=1.0 is answered with 200 and that type, with a boundary",
    source: `${SPEC}#executing-a-subscription`,
    check: (target) =>
      onStream(target, { query: given(target, "subscription"), accept }, async (stream) => {
        boundaryIn(stream);
        const spec = /subscriptionSpec="?1\.0"?/.test(stream.contentType);
        requireThat(spec, `the content type is ${stream.contentType}, without subscriptionSpec=1.0`);
      }),
  },
  {
    id: "multipart-part-type",
    level: "MUST",
    says: "each part says that it is application/json",
    source: `${SPEC}#executing-a-subscription`,
    check: (target) =>
      onEvent(target, (_, { headers }) => {
        requireThat(
          /content-type:\s*application\/json/i.test(headers),
          `its headers are ${JSON.stringify(headers)}`,
        );
      }),
  },
  {
    id: "multipart-payload",
    level: "MUST",
    says: "an event is the payload of its part; a part that is {} keeps the connection alive",
    source: `${SPEC}#message-and-error-format`,
    check: (target) =>
      onEvent(target, (_, part) => {
        const { payload } = bodyOf(part);
        const isResult =
          typeof payload === "object" && payload !== null && ("data" in payload || "errors" in payload);
        requireThat(isResult, `the part is ${part.body.slice(0, 200)}`);
      }),
  },
  {
    id: "multipart-end",
    level: "MUST",
    says: "a subscription that is over ends with the closing delimiter",
    source: `${SPEC}#executing-a-subscription`,
    check: (target) =>
      onStream(target, { query: given(target, "ending"), accept }, async (stream) => {
        const boundary = boundaryIn(stream);
        const { isClosed } = partsIn(await stream.ended(), boundary);
        requireThat(isClosed, `the answer ends with ${JSON.stringify(stream.text().slice(-80))}`);
      }),
  },
  {
    id: "multipart-error",
    level: "MUST",
    says: "an operation that cannot be executed is told with its errors, and the answer ends",
    source: `${SPEC}#message-and-error-format`,
    check: (target) =>
      onStream(target, { query: "subscription { doesNotExist }", accept }, async (stream) => {
        const text = await stream.ended();
        requireThat(/"errors"\s*:\s*\[/.test(text), `answered ${stream.status}: ${text.slice(0, 200)}`);
      }),
  },
];
