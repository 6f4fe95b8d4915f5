import { writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { waitFor } from "../../lib/wait.ts";
import { TRANSPORTS } from "../hardening/support/transports.ts";
import { temporaryFolder } from "../support/temporary-folders.ts";
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

describe.each(["development", "production"])("what a subgraph says of its errors, in %s,", (mode) => {
  /** A gateway that lets a code and an extension of the subgraph through, which answers with that code. */
  async function start(code: string): Promise<TestGateway> {
    const fleet = await startSickSubgraph(answers(errorWith(code)));
    const file = join(await temporaryFolder(), "subgraphs.json");
    const errors = { codes: ["SOLD"], extensions: ["buyer"] };
    writeFileSync(file, JSON.stringify({ subgraphs: { fleet: { errors } } }));
    const env = {
      NODE_ENV: mode,
      SUBGRAPHS_FILE: file,
      SUBGRAPH_URLS: `fleet=${fleet.url}`,
      // In production sockets want a token otherwise.
      AUTH_ANONYMOUS_SCOPES: "none",
    };
    const gateway = await startGateway(env, { inProcess: "yard" });
    onTestFinished(() => gateway.close());
    return gateway;
  }

  test.each(Object.entries(TRANSPORTS))(
    "passes where the operator lets it through, over %s",
    async (_way, ask) => {
      const gateway = await start("SOLD");
      const { errors, status = 200 } = await ask(gateway.url, QUERY);
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
    const { post } = await start("STOLEN");
    const { body, status } = await post(QUERY);
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
    const { post } = await start("GRAPHQL_PARSE_FAILED");
    const { body, status } = await post(QUERY);
    expect(status).toBe(200);
    expect(body.errors?.[0]?.extensions?.["code"]).toBe("BAD_USER_INPUT");
  });
});

/** Statuses that would take the body away, begin another protocol, announce a first answer or send clients elsewhere. */
const STEERING = [100, 101, 103, 204, 205, 304, 307, 401, 418, 500, 999, -1, 204.5];

describe("a status that a subgraph sets in its errors", () => {
  test.each(STEERING)("is nothing to us: %s, on a connection whose next answer is whole", async (status) => {
    const fleet = await startSickSubgraph(answers(errorWith("SOLD", status)));
    const gateway = await startGateway({ SUBGRAPH_URLS: `fleet=${fleet.url}` }, { inProcess: "yard" });
    onTestFinished(() => gateway.close());
    const { port } = new URL(gateway.url);
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
      const fleet = await startSickSubgraph(answers(errorWith("SOLD", status)));
      const gateway = await startGateway({ SUBGRAPH_URLS: `fleet=${fleet.url}` }, { inProcess: "yard" });
      const reply = await ask(gateway.url, QUERY);
      expect([status, reply.status]).toEqual([status, way === "WebSocket" ? undefined : 200]);
      expect(reply.errors[0]?.extensions).not.toHaveProperty("http");
      await gateway.close();
    }
  });
});
