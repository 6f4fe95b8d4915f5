import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { waitFor } from "../../lib/wait.ts";
import { TRANSPORTS } from "../hardening/support/transports.ts";
import { answers, startSickSubgraph } from "./support/sick-subgraph.ts";
import { startGateway, type TestGateway } from "./support/start-gateway.ts";

const QUERY = { query: "{ boats { name } }" };

/** What a subgraph says with one of its own codes, and everything else that such errors come with. */
const errorWith = (code: string, status = 204) => ({
  data: null,
  errors: [
    {
      message: "The boat is sold",
      path: ["boats"],
      extensions: {
        code,
        buyer: { id: 7 },
        price: 12,
        http: { status, headers: { "set-cookie": "a=b" } },
        stacktrace: ["at /srv/app/main.ts:1"],
        subgraph: "another",
        correlationId: "mine",
      },
    },
  ],
});

type SickSubgraph = Awaited<ReturnType<typeof startSickSubgraph>>;

/** A gateway and a subgraph that all tests of a describe ask; what the subgraph answers is for each to say. */
function share(env: Record<string, string> = {}): { gateway: TestGateway; fleet: SickSubgraph } {
  const shared = {} as { gateway: TestGateway; fleet: SickSubgraph };
  beforeAll(async () => {
    shared.fleet = await startSickSubgraph(answers({ data: null }), { isShared: true });
    const urls = { SUBGRAPH_URLS: `fleet=${shared.fleet.url}` };
    shared.gateway = await startGateway({ ...urls, ...env }, { inProcess: "yard" });
  });
  afterAll(async () => {
    await shared.gateway.close();
    shared.fleet.close();
  });
  return shared;
}

/** The options of a subgraph whose code SOLD and whose extension `buyer` clients may see. */
const folder = mkdtempSync(join(tmpdir(), "foreign-errors-"));
const optionsFile = join(folder, "subgraphs.json");
const errors = { codes: ["SOLD"], extensions: ["buyer"] };
writeFileSync(optionsFile, JSON.stringify({ subgraphs: { fleet: { errors } } }));
afterAll(() => rmSync(folder, { recursive: true }));

describe.each(["development", "production"])("what a subgraph says of its errors, in %s,", (mode) => {
  // In production sockets want a token, unless callers without one have scopes.
  const shared = share({ NODE_ENV: mode, SUBGRAPHS_FILE: optionsFile, AUTH_ANONYMOUS_SCOPES: "none" });
  const saying = (code: string): TestGateway => {
    shared.fleet.behave(answers(errorWith(code)));
    return shared.gateway;
  };

  test.each(Object.entries(TRANSPORTS))(
    "passes where the operator lets it through, over %s",
    async (_way, ask) => {
      const { errors, status = 200 } = await ask(saying("SOLD").url, QUERY);
      expect(status).toBe(200);
      expect(errors).toMatchObject([{ message: "The boat is sold" }]);
      expect(errors[0]?.extensions).toEqual({
        code: "SOLD",
        subgraph: "fleet",
        buyer: { id: 7 },
        correlationId: expect.not.stringMatching("mine"),
      });
    },
  );

  test("is masked with a code that nobody let through, and keeps what was let through beside it", async () => {
    const { body, status } = await saying("STOLEN").post(QUERY);
    expect(status).toBe(200);
    expect(body.errors?.[0]?.message).toMatch(/^Something went wrong in the subgraph "fleet"/);
    expect(body.errors?.[0]?.extensions).toEqual({
      code: "INTERNAL",
      subgraph: "fleet",
      buyer: { id: 7 },
      correlationId: expect.any(String),
    });
  });

  test("never hides behind a code that the gateway has itself", async () => {
    const { body, status } = await saying("GRAPHQL_PARSE_FAILED").post(QUERY);
    expect(status).toBe(200);
    expect(body.errors?.[0]?.extensions?.["code"]).toBe("BAD_USER_INPUT");
  });
});

/** Statuses that would take the body away, begin another protocol, announce a first answer or send clients elsewhere. */
const STEERING = [100, 101, 103, 204, 205, 304, 307, 401, 418, 500, 999, -1, 204.5];

describe("a status that a subgraph sets in its errors", () => {
  const shared = share();
  test.each(STEERING)("is nothing to us: %s, on a connection whose next answer is whole", async (status) => {
    shared.fleet.behave(answers(errorWith("SOLD", status)));
    const { port } = new URL(shared.gateway.url);
    const socket = connect(Number(port), "127.0.0.1");
    onTestFinished(() => void socket.destroy());
    let heard = "";
    socket.on("data", (chunk) => (heard += String(chunk)));
    for (const query of [QUERY.query, "{ __typename }"]) {
      const body = JSON.stringify({ query });
      const before = heard.length;
      socket.write(
        `POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
      );
      await waitFor(() => /\r\n\r\n\{.*\}\n$/s.test(heard.slice(before)), { what: `the answer to ${query}` });
    }
    expect(heard.match(/HTTP\/1.1 \d+/g)).toEqual(["HTTP/1.1 200", "HTTP/1.1 200"]);
    expect(heard).toContain("Something went wrong in the subgraph");
    expect(heard).toContain('{"data":{"__typename":"Query"}}');
    expect(heard).not.toContain("set-cookie");
  });

  test.each(Object.entries(TRANSPORTS))("is nothing to us over %s", async (way, ask) => {
    for (const status of STEERING) {
      shared.fleet.behave(answers(errorWith("SOLD", status)));
      const reply = await ask(shared.gateway.url, QUERY);
      expect([status, reply.status]).toEqual([status, way === "WebSocket" ? undefined : 200]);
      expect(reply.errors[0]?.extensions).not.toHaveProperty("http");
    }
  });
});
