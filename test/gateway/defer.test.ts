import { afterEach, describe, expect, test } from "vitest";
import { waitFor } from "../../lib/wait.ts";
import { collect } from "./support/collect.ts";
import { bearer, startGateway, type TestGateway } from "./support/start-gateway.ts";

const open: TestGateway[] = [];
afterEach(async () => {
  for (const gateway of open.splice(0)) await gateway.close();
});

async function start(...options: Parameters<typeof startGateway>): Promise<TestGateway> {
  const gateway = await startGateway(...options);
  open.push(gateway);
  return gateway;
}

/** The payloads of a multipart answer, in order. */
async function parts(gateway: TestGateway, body: object, headers: Record<string, string> = {}) {
  const response = await fetch(`${gateway.url}/graphql`, {
    method: "POST",
    body: JSON.stringify(body),
    headers: {
      "content-type": "application/json",
      accept: "multipart/mixed;deferSpec=20220824,application/json",
      ...headers,
    },
  });
  const text = await response.text();
  expect(response.headers.get("content-type")).toBe('multipart/mixed;boundary="-";deferSpec=20220824');
  expect(text.endsWith("\r\n-----\r\n")).toBe(true);
  const bodies = text.split("\r\n---").slice(1, -1);
  return bodies.map((part) => JSON.parse(part.split("\r\n\r\n")[1] ?? "") as unknown);
}

const BOAT = `query ($late: Boolean = true) { boat(id: "b1") { name ...Late @defer(if: $late, label: "late") } } fragment Late on Boat { hull { material } }`;

describe("an operation with @defer", () => {
  test("is answered at once without the deferred part, which follows with its label and place", async () => {
    expect(await parts(await start(), { query: BOAT })).toEqual([
      { data: { boat: { name: "Boat b1" } }, hasNext: true },
      {
        incremental: [{ path: ["boat"], label: "late", data: { hull: { material: "aluminium" } } }],
        hasNext: false,
      },
    ]);
  });

  test("is one part when it is not deferred after all", async () => {
    expect(await parts(await start(), { query: BOAT, variables: { late: false } })).toEqual([
      { data: { boat: { name: "Boat b1", hull: { material: "aluminium" } } } },
    ]);
  });

  test("is answered in one piece to who does not take parts", async () => {
    const { body } = await (await start()).post({ query: BOAT });
    expect(body).toEqual({ data: { boat: { name: "Boat b1", hull: { material: "aluminium" } } } });
  });

  test("says in the deferred part what goes wrong there, with the whole path", async () => {
    const gateway = await start({ SUBGRAPH_URLS: "yard=http://127.0.0.1:9/graphql" }, { inProcess: "fleet" });
    const [first, second] = await parts(gateway, { query: BOAT });
    expect(first).toEqual({ data: { boat: { name: "Boat b1" } }, hasNext: true });
    expect(second).toMatchObject({
      incremental: [
        {
          path: ["boat"],
          data: null,
          errors: [{ extensions: { code: "SUBGRAPH_UNAVAILABLE", subgraph: "yard" } }],
        },
      ],
      hasNext: false,
    });
  });

  test("does a mutation once and defers what is read after it", async () => {
    const gateway = await start();
    const query = `mutation { launch(id: "b1", idempotencyKey: "once") { name ... @defer { hull { material } } } }`;
    const payloads = await parts(gateway, { query }, { authorization: await bearer() });
    expect(payloads).toEqual([
      {
        data: { launch: { name: "Boat b1" } },
        extensions: { idempotency: { key: "once", replayed: false, expiresAt: expect.any(String) } },
        hasNext: true,
      },
      { incremental: [{ path: ["launch"], data: { hull: { material: "aluminium" } } }], hasNext: false },
    ]);
    const [again] = await parts(gateway, { query }, { authorization: await bearer() });
    expect(again).toMatchObject({ extensions: { idempotency: { replayed: true } } });
  });

  test("comes in parts over WebSocket too", async () => {
    const gateway = await start();
    const { results, ends } = collect(gateway.socketClient(), BOAT);
    await waitFor(() => ends.length > 0);
    expect(results).toEqual([
      { data: { boat: { name: "Boat b1" } }, hasNext: true },
      {
        incremental: [{ path: ["boat"], label: "late", data: { hull: { material: "aluminium" } } }],
        hasNext: false,
      },
    ]);
    expect(ends).toEqual(["complete"]);
  });

  test("is refused as a whole to who may not see the deferred part", async () => {
    const accept = "multipart/mixed;deferSpec=20220824,application/json";
    const query = "{ whoAmI ... @defer { secretPlan } }";
    const { status, body } = await (await start()).post({ query }, { accept });
    expect(status).toBe(401);
    expect(body).toMatchObject({ errors: [{ extensions: { code: "UNAUTHENTICATED" } }] });
  });
});
