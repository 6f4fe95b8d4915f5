import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { TRANSPORTS } from "../hardening/support/transports.ts";
import { temporaryFolder } from "../support/temporary-folders.ts";
import { answers, startSickSubgraph } from "./support/sick-subgraph.ts";
import { startGateway, type TestGateway } from "./support/start-gateway.ts";

const QUERY = { query: "{ boats { name } }" };

/** What a subgraph says with one of its own codes, and everything else that such errors come with. */
const errorWith = (code: string) => ({
  data: null,
  errors: [
    {
      message: "The boat is sold",
      path: ["boats"],
      extensions: {
        code,
        buyer: { id: 7 },
        price: 12,
        http: { status: 204, headers: { "set-cookie": "a=b" } },
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
