import { describe, expect, test } from "vitest";
import { composed } from "../support/composed.ts";
import { createSampleGraph } from "../gateway/support/sample-graph.ts";
import { bearer, shareGateways } from "../gateway/support/start-gateway.ts";
import { TRANSPORTS, type Ask, type Question } from "./support/transports.ts";

/** What is said of an operation, and with which status by those who have one. */
interface Told {
  code: string;
  /** The same for each transport, but for numbers. */
  message: RegExp;
  /** Of an answer that is no stream. */
  status: number;
}

interface Row extends Told {
  question: Question;
  /** Settings of the gateway that refuses it. */
  env?: Record<string, string>;
  /** The graph, where it is not the sample. */
  sdl?: string;
  /** It is refused to those who ask again and again. */
  isRepeated?: boolean;
  /** Transports that it comes over; all of them by default. */
  over?: (way: string) => boolean;
}

const NARROW = "type Query { hull: Int }";
const isGet = (way: string) => way.includes("GET");

/** A request without a document; a socket is closed over it. */
const absent = (question: object, over = (way: string) => way !== "WebSocket"): Row => ({
  question,
  over,
  code: "BAD_USER_INPUT",
  message: /^query: null is not allowed/,
  status: 400,
});

/** What is wrong with the place or the time of an operation rather than with its text. */
const REFUSED: Readonly<Record<string, Row>> = {
  "one too many": {
    env: { RATE_LIMIT_PER_SECOND: "1", RATE_LIMIT_BURST: "1" },
    question: { query: "{ whoAmI }" },
    isRepeated: true,
    code: "RATE_LIMITED",
    message: /^Too many operations: at most 1 a second; try again in \d+ ms$/,
    status: 429,
  },
  "a mutation where there is no such type": {
    sdl: NARROW,
    question: { query: "mutation { anything }" },
    code: "GRAPHQL_VALIDATION_FAILED",
    message: /mutation/,
    status: 400,
  },
  "a subscription where there is no such type": {
    sdl: NARROW,
    question: { query: "subscription { anything }" },
    code: "GRAPHQL_VALIDATION_FAILED",
    message: /subscription/,
    status: 400,
  },
  "a mutation by GET": {
    question: { query: `mutation { rename(id: "b1", name: "Renamed") { id } }` },
    over: isGet,
    code: "BAD_USER_INPUT",
    message: /^Mutations cannot be sent by GET; use POST$/,
    status: 405,
  },
  "a subscription where no stream is accepted": {
    question: { query: `subscription { boatMoved(id: "b1") { id } }` },
    over: (way) => way === "POST" || way === "GET",
    code: "BAD_USER_INPUT",
    message: /^Subscriptions need a stream/,
    status: 406,
  },
  "no document": absent({}),
  "a document that is null": absent({ query: null }, (way) => way !== "WebSocket" && !isGet(way)),
  "a document that is empty": {
    question: { query: "" },
    code: "BAD_USER_INPUT",
    message: /^query: "" is not allowed/,
    status: 400,
  },
  "a document under another name": absent({ qeury: "{ whoAmI }" }),
  "a document that is no text": {
    question: { query: 7 as never },
    over: (way) => way !== "WebSocket" && !isGet(way),
    code: "BAD_USER_INPUT",
    message: /^query: 7 is not allowed/,
    status: 400,
  },
};

/** A refusal leaves a gateway as it was. */
const gatewayWith = shareGateways();

const gatewayFor = ({ env, sdl }: Row) =>
  gatewayWith(
    env,
    sdl === undefined ? {} : { graph: { ...createSampleGraph(), sdl: composed({ narrow: sdl }) } },
  );

/** Whether the transport says in a stream that it has opened what is wrong; requests that cannot be read have none. */
const saysInStream = (way: string, { question }: Row) =>
  /SSE|multipart/.test(way) && typeof question.query === "string" && question.query !== "";

describe.each(Object.entries(REFUSED))("%s", (_what, row) => {
  const { question, code, message, status, isRepeated = false, over = () => true } = row;
  test.each(Object.entries(TRANSPORTS).filter(([way]) => over(way)))(
    `is ${code} over %s, with the words that it has everywhere`,
    async (way, ask: Ask) => {
      const gateway = await gatewayFor(row);
      const authorization = await bearer();
      const asked = () => ask(gateway.url, { ...question, authorization });
      const replies = await Promise.all(Array.from({ length: isRepeated ? 10 : 1 }, asked));
      const reply = replies.find(({ errors }) => errors.length > 0) ?? replies[0];
      expect(reply?.errors).toMatchObject([{ extensions: { code } }]);
      expect(reply?.errors[0]?.message).toMatch(message);
      // Who asks too often has not said yet what for, so that no stream has begun.
      const isInStream = saysInStream(way, row) && code !== "RATE_LIMITED";
      expect(reply?.status).toBe(way === "WebSocket" ? undefined : isInStream ? 200 : status);
    },
  );
});

/** Every form in which HTTP clients accept answers. */
const ACCEPTED = {
  "any form": "*/*",
  JSON: "application/json",
  "the media type of GraphQL": "application/graphql-response+json",
  "server-sent events": "text/event-stream",
  multipart: "multipart/mixed;subscriptionSpec=1.0",
  "parts, announced": "multipart/mixed;incrementalSpec=v0.2, application/json",
  "parts, as they used to be": "multipart/mixed;deferSpec=20220824, application/json",
} as const;

/** A wrong head of a request, whoever accepts what. */
interface Head {
  method: string;
  headers?: Record<string, string>;
  body?: string;
  status: number;
  message: RegExp;
  /** What the answer says of methods. */
  allow?: string;
}

const RENAME = JSON.stringify({ query: `mutation { rename(id: "b1", name: "Renamed") { id } }` });
const JSON_BODY = { "content-type": "application/json" };
const other = (method: string): Head => ({
  method,
  headers: JSON_BODY,
  body: RENAME,
  status: 405,
  message: /^method: .*expected GET, POST, OPTIONS$/,
  allow: "GET, POST, OPTIONS",
});
const ofType = (type: string): Head => ({
  method: "POST",
  headers: { "content-type": type },
  body: RENAME,
  status: 415,
  message: /^content-type: /,
});
const HEADS: Readonly<Record<string, Head>> = {
  ...Object.fromEntries(["PUT", "PATCH", "DELETE"].map((method) => [method, other(method)])),
  ...Object.fromEntries(
    [
      "text/plain",
      "application/x-www-form-urlencoded",
      "multipart/form-data; boundary=x",
      "application/xml",
    ].map((type) => [`a body of ${type}`, ofType(type)]),
  ),
  "a body in another charset": ofType("application/json; charset=utf-16"),
  "a body in an unknown encoding": {
    method: "POST",
    headers: { ...JSON_BODY, "content-encoding": "pigeon" },
    body: RENAME,
    status: 415,
    message: /^content-encoding: /,
  },
  "a body that is too large": {
    method: "POST",
    headers: JSON_BODY,
    body: `${RENAME}${" ".repeat(3_000)}`,
    status: 413,
    message: /^The body has more than 2048 bytes$/,
  },
  "a body that is no JSON": {
    method: "POST",
    headers: JSON_BODY,
    body: "{",
    status: 400,
    message: /^The body is not valid JSON$/,
  },
  "a batch": { method: "POST", headers: JSON_BODY, body: `[${RENAME}]`, status: 400, message: /batches/ },
};

/** What is accepted that nobody has, by each method. */
const UNACCEPTABLE = [
  "image/png",
  "text/html;q=0.9, application/xml",
  "text/event-stream;q=0",
  "application/json;q=0",
  "*/*;q=0",
  "application/*;q=0, text/event-stream;q=0.0",
  "multipart/mixed;subscriptionSpec=9.9",
];

describe("a request that cannot be met", () => {
  const start = async () => {
    const gateway = await gatewayWith({
      BODY_LIMIT_BYTES: "2048",
      NODE_ENV: "production",
      AUTH_MODE: "off",
      AUTH_OFF_I_MEAN_IT: "1",
    });
    const hasRun = async () => {
      const { body } = await gateway.post({ query: `{ boat(id: "b1") { name } }` });
      return (body.data?.["boat"] as { name: string } | undefined)?.name !== "Boat b1";
    };
    return { address: `${gateway.url}/graphql`, hasRun };
  };
  const said = async (response: Response) => {
    const { errors } = (await response.json()) as {
      errors: { message: string; extensions: { code: string } }[];
    };
    expect(errors.map(({ extensions }) => extensions.code)).toEqual(["BAD_USER_INPUT"]);
    return errors[0]?.message;
  };

  test.each(Object.entries(HEADS))(
    "because of %s is refused in JSON, whatever is accepted, and has not run",
    async (_what, { method, headers = {}, body, status, message, allow = null }) => {
      const { address, hasRun } = await start();
      for (const accept of Object.values(ACCEPTED)) {
        const response = await fetch(address, {
          method,
          headers: { ...headers, accept },
          ...(body !== undefined && { body }),
        });
        expect([accept, response.status]).toEqual([accept, status]);
        expect(response.headers.get("allow")).toBe(allow);
        expect(await said(response)).toMatch(message);
      }
      expect(await hasRun()).toBe(false);
    },
  );

  test.each(UNACCEPTABLE)(
    "because only %s is accepted is refused with 406, and has not run",
    async (accept) => {
      const { address, hasRun } = await start();
      const asked = {
        POST: { url: address, init: { method: "POST", headers: { ...JSON_BODY, accept }, body: RENAME } },
        GET: { url: `${address}?query=%7B__typename%7D`, init: { headers: { accept } } },
      };
      for (const { url, init } of Object.values(asked)) {
        const response = await fetch(url, init);
        expect(response.status).toBe(406);
        expect(await said(response)).toMatch(/^accept: .*expected application\/json, /);
      }
      expect(await hasRun()).toBe(false);
    },
  );
});

describe("what is accepted with quality 0", () => {
  test.each([
    ["text/event-stream;q=0, application/json", "application/json"],
    ["application/json;q=0, text/event-stream", "text/event-stream"],
    ["application/json;q=0, */*", "application/graphql-response+json"],
    ["application/graphql-response+json;q=0, application/json;q=0.1", "application/json"],
    ["multipart/mixed;subscriptionSpec=1.0;q=0, text/event-stream;q=0.1", "text/event-stream"],
    ["application/*;q=0, multipart/mixed;subscriptionSpec=1.0", "multipart/mixed"],
  ])("is never sent: %s gets %s", async (accept, type) => {
    const gateway = await gatewayWith();
    const asked = JSON.stringify({ query: "{ __typename }" });
    const url = `${gateway.url}/graphql`;
    for (const response of [
      await fetch(url, { method: "POST", headers: { ...JSON_BODY, accept }, body: asked }),
      await fetch(`${url}?query=%7B__typename%7D`, { headers: { accept } }),
    ]) {
      expect([response.status, response.headers.get("content-type")?.split(";")[0]]).toEqual([200, type]);
      expect(await response.text()).toContain('{"data":{"__typename":"Query"}}');
    }
  });
});
