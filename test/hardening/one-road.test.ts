import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bearer, startGateway, type TestGateway } from "../gateway/support/start-gateway.ts";
import { inForm, TRANSPORTS, type Ask, type Question } from "./support/transports.ts";

/** What can be wrong with an operation, and what POST says of it; the other transports are compared with that. */
interface Wrong extends Question {
  code: string;
  status: number;
}

const SUBSCRIPTION = "subscription ($v: Boolean!)";
const WRONG: Readonly<Record<string, Wrong>> = {
  "a syntax error": { query: "{ whoAmI", code: "GRAPHQL_PARSE_FAILED", status: 400 },
  "an empty document": { query: "# nothing", code: "GRAPHQL_PARSE_FAILED", status: 400 },
  "an unknown field": { query: "{ nowhere }", code: "GRAPHQL_VALIDATION_FAILED", status: 400 },
  "two wrong fields": { query: "{ nowhere nothing }", code: "GRAPHQL_VALIDATION_FAILED", status: 400 },
  "an argument that is missing": {
    query: "subscription { boatMoved { id } }",
    code: "GRAPHQL_VALIDATION_FAILED",
    status: 400,
  },
  "a condition at the root of a subscription": {
    query: `${SUBSCRIPTION} { boatMoved(id: "b1") @include(if: $v) { id } }`,
    variables: { v: true },
    code: "GRAPHQL_VALIDATION_FAILED",
    status: 400,
  },
  "an operation name that selects nothing": {
    query: "query A { whoAmI }",
    operationName: "B",
    code: "OPERATION_RESOLUTION_FAILURE",
    status: 400,
  },
  "no name for one of two operations": {
    query: "query A { whoAmI } query B { whoAmI }",
    code: "OPERATION_RESOLUTION_FAILURE",
    status: 400,
  },
  "too many aliases": {
    query: `{ ${Array.from({ length: 101 }, (_, i) => `a${i}: whoAmI`).join(" ")} }`,
    code: "OPERATION_TOO_COMPLEX",
    status: 400,
  },
  "a variable that does not fit": {
    query: "query ($skip: Boolean!) { whoAmI @skip(if: $skip) }",
    variables: { skip: "perhaps" },
    code: "BAD_USER_INPUT",
    status: 400,
  },
  "a variable that is missing": {
    query: "query ($skip: Boolean!) { whoAmI @skip(if: $skip) }",
    code: "BAD_USER_INPUT",
    status: 400,
  },
  "an id that is not on the list": { documentId: "0".repeat(64), code: "DOCUMENT_NOT_TRUSTED", status: 400 },
  "a hash that nobody has registered": {
    extensions: { persistedQuery: { version: 1, sha256Hash: "0".repeat(64) } },
    code: "PERSISTED_QUERY_NOT_FOUND",
    status: 200,
  },
  "another document's hash": {
    query: "{ whoAmI }",
    extensions: { persistedQuery: { version: 1, sha256Hash: "0".repeat(64) } },
    code: "BAD_USER_INPUT",
    status: 400,
  },
  "a field that needs a token": { query: "{ secretPlan }", code: "UNAUTHENTICATED", status: 401 },
  "a field that needs another token": {
    query: "{ secretPlan }",
    authorization: "somebody's",
    code: "FORBIDDEN",
    status: 403,
  },
};

/** Ways that take JSON for what is no stream: they have a status to compare. */
const WITH_STATUS: Readonly<Record<string, Ask>> = {
  "SSE or JSON": inForm({ method: "POST", accept: "text/event-stream, application/json;q=0.5, */*;q=0.1" }),
  "multipart or JSON": inForm({
    method: "POST",
    accept: "multipart/mixed;subscriptionSpec=1.0,application/graphql-response+json,application/json;q=0.9",
  }),
};
const { POST = inForm({ method: "POST", accept: "*/*" }), GET, ...STREAMS } = TRANSPORTS;

const said = async (ask: Ask, url: string, question: Question) => {
  const { errors, status } = await ask(url, question);
  return { errors: errors.map(({ message, extensions }) => [extensions?.["code"], message]), status };
};

describe("what is wrong with an operation", () => {
  let gateway: TestGateway;
  let token: string;
  beforeAll(async () => {
    gateway = await startGateway();
    token = await bearer({}, 3_600);
  });
  afterAll(() => gateway.close());

  const asked = ({ code: _code, status: _status, ...question }: Wrong): Question => ({
    ...question,
    ...(question.authorization !== undefined && { authorization: token }),
  });
  const ways = Object.entries({ GET, ...WITH_STATUS, ...STREAMS } as Record<string, Ask>);

  describe.each(Object.entries(WRONG))("%s", (_name, wrong) => {
    test(`is ${wrong.code} with status ${wrong.status} over POST`, async () => {
      const { errors, status } = await said(POST, gateway.url, asked(wrong));
      expect(errors.map(([code]) => code)).toEqual(errors.map(() => wrong.code));
      expect(errors.length).toBeGreaterThan(0);
      expect(status).toBe(wrong.status);
    });

    test.each(ways)("is said with the same words over %s", async (way, ask) => {
      const reference = await said(POST, gateway.url, asked(wrong));
      const { errors, status } = await said(ask, gateway.url, asked(wrong));
      expect(errors).toEqual(reference.errors);
      // A stream that is accepted says it in itself, with 200; WebSocket has no status.
      const isStream = way in STREAMS;
      expect(status).toBe(isStream ? (way === "WebSocket" ? undefined : 200) : reference.status);
    });
  });
});

describe("what is right with an operation", () => {
  test.each([
    ["a type that there is not", '{ __type(name: "Nobody") { name } }', { __type: null }],
    [
      "whether a type is one of many inputs",
      '{ __type(name: "Boat") { isOneOf } }',
      { __type: { isOneOf: null } },
    ],
  ])("is that it may ask for %s", async (_what, query, data) => {
    const gateway = await startGateway();
    expect(await gateway.post({ query })).toMatchObject({ status: 200, body: { data } });
    await gateway.close();
  });
});
