import { GraphQLError } from "graphql";
import { describe, expect, test } from "vitest";
import { toClientError } from "../../gateway/errors/errors.ts";
import { toPublicError } from "../../lib/graphql-errors.ts";
import { createLog } from "../../lib/log.ts";
import { quietLog } from "../support/quiet-log.ts";

const SECRET = "password hunter2 at /srv/app/main.ts:1 on db.internal:5432";
const INSIDE = /hunter2|\/srv\/app|db\.internal|stack|exception/;
const request = { correlationId: "c-1", log: quietLog, onMasked: () => {} };

/** Extensions as careless servers send them. */
const careless = { stacktrace: [SECRET], exception: { stack: SECRET }, http: { headers: { host: SECRET } } };

const CONTRACT = `UNAUTHENTICATED FORBIDDEN BAD_USER_INPUT NOT_FOUND CONFLICT IDEMPOTENCY_KEY_REUSED
  IDEMPOTENCY_IN_FLIGHT RATE_LIMITED OPERATION_TOO_COMPLEX DOCUMENT_NOT_TRUSTED SUBGRAPH_TIMEOUT SUBGRAPH_UNAVAILABLE
  EXECUTOR_UNAVAILABLE PLM_TIMEOUT PLM_UNAVAILABLE PLM_AUTH_FAILED PLM_NOT_FOUND PLM_MALFORMED PLM_RATE_LIMITED
  PLM_IS_SOURCE_OF_TRUTH GONE`.split(/\s+/);

describe("an error that leaves the gateway", () => {
  test.each(CONTRACT)(
    "%s keeps its code and its message, and loses everything that is not for clients",
    (code) => {
      const error = toClientError(
        { message: "said for clients", extensions: { code, ...careless } },
        request,
      );
      expect(error).toEqual({ message: "said for clients", extensions: { code, correlationId: "c-1" } });
    },
  );

  test.each([
    "INTERNAL",
    "INTERNAL_SERVER_ERROR",
    "DOWNSTREAM_SERVICE_ERROR",
    "EVERYTHING_IS_FINE",
    undefined,
    7,
  ])("with the code %s is masked", (code) => {
    const error = toClientError({ message: SECRET, extensions: { code, ...careless } }, request);
    expect(error.extensions).toEqual({ code: "INTERNAL", correlationId: "c-1" });
    expect(JSON.stringify(error)).not.toMatch(INSIDE);
  });
});

describe("an error that leaves a subgraph", () => {
  test.each([
    ["thrown by a resolver", new GraphQLError(SECRET, { originalError: new Error(SECRET) })],
    ["that is no GraphQL error", new TypeError(SECRET)],
    ["that is no error at all", SECRET],
  ])("%s is masked", (_what, error) => {
    const masked = toPublicError(error, request);
    expect(masked.extensions).toMatchObject({ code: "INTERNAL", correlationId: "c-1" });
    expect(JSON.stringify(masked)).not.toMatch(INSIDE);
  });
});

describe("a line of the log", () => {
  const logged = (write: (log: ReturnType<typeof createLog>) => void): string => {
    const lines: string[] = [];
    write(createLog({ name: "test", level: "trace" }, { write: (line) => void lines.push(line) }));
    expect(lines).toHaveLength(1);
    expect(() => void JSON.parse(lines[0] ?? "")).not.toThrow();
    return lines.join("");
  };
  const TOKEN = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhZGEifQ.c2lnbmF0dXJl";

  test.each([
    ["a header", { headers: { authorization: `Bearer ${TOKEN}`, "x-gateway-secret": "hunter2" } }],
    ["a field", { token: TOKEN, client_secret: "hunter2", password: "hunter2", cookie: "hunter2" }],
    ["the message of an error", { err: new Error(`fetch failed for Bearer ${TOKEN}`) }],
    ["an address", { problem: "connect postgres://app:hunter2@10.0.0.1/db refused" }],
    ["a webhook's secret", { problem: "no match for whsec_aHVudGVyMg==" }],
    ["an e-mail address", { problem: "no account hunter2.doe+x@example.com" }],
  ])("never shows credentials or personal data: %s", (_where, fields) => {
    const line = logged((log) => log.error(fields, "something happened"));
    expect(line).toContain("something happened");
    expect(line).not.toMatch(/hunter2|eyJzdWIi|c2lnbmF0dXJl|aHVudGVyMg/);
  });

  test("keeps what people look for", () => {
    const line = logged((log) =>
      log.warn({ correlationId: "c-1", url: "http://127.0.0.1:4000/graphql" }, "slow"),
    );
    expect(JSON.parse(line)).toMatchObject({
      correlationId: "c-1",
      url: "http://127.0.0.1:4000/graphql",
      level: "warn",
    });
  });
});
