import { readdirSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { request } from "undici";
import { WebSocket } from "ws";
import { startGateway, type TestGateway } from "../gateway/support/start-gateway.ts";
import { createMutator } from "./mutate.ts";

/** A thousand in every run; CI asks for a hundred thousand by FUZZ_RUNS. */
const RUNS = Number(process.env["FUZZ_RUNS"] ?? 1_000);
const IN_FLIGHT = 16;
const MEMORY_GROWTH_BYTES = 40 * 1_048_576;

const folder = resolve(import.meta.dirname, "../../schema/operations");
const DOCUMENTS = [
  ...readdirSync(folder).map((file) => readFileSync(resolve(folder, file), "utf8")),
  `query Boat($id: ID!) { boat(id: $id) { ...b sister { ...b } } } fragment b on Boat { name hull { material weightKg } }`,
  `{ __schema { types { name fields { name args { name defaultValue } } } } }`,
  `subscription { boatMoved(id: "b1") { miles } }`,
  `mutation { rename(id: "b1", name: "\\u00e9") { name } }`,
];
const MESSAGES = [
  `{"type":"connection_init","payload":{"authorization":"Bearer x.y.z"}}`,
  `{"type":"ping","payload":{"a":1}}`,
  `{"type":"pong"}`,
  `{"id":"1","type":"subscribe","payload":{"query":"subscription { boatMoved(id: \\"b1\\") { miles } }","variables":{"a":[1]},"extensions":{"lastEventId":"a:1"}}}`,
  `{"id":"2","type":"subscribe","payload":{"query":"{ whoAmI }","operationName":null}}`,
  `{"id":"1","type":"complete"}`,
];

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

function heapAfterCollection(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed;
}

describe("a gateway that is sent rubbish", () => {
  let gateway: TestGateway;
  beforeAll(async () => {
    gateway = await startGateway({ NODE_ENV: "production" });
  });
  afterAll(() => gateway.close());

  const isHealthy = async () => (await gateway.post({ query: "{ whoAmI }" })).status === 200;

  test(
    `answers ${RUNS} mutated documents without a server error, and its memory stays flat`,
    { timeout: 1_800_000 },
    async () => {
      const { mutate, pick } = createMutator(1);
      const broken: string[] = [];
      const sendOne = async () => {
        const query = mutate(pick(DOCUMENTS));
        const { statusCode, body } = await request(`${gateway.url}/graphql`, {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: JSON.stringify({ query, variables: { id: "b1" } }),
        });
        await body.dump();
        if (statusCode >= 500) broken.push(query);
      };
      const send = (count: number) => {
        let left = count;
        const sendOn = async () => {
          while (left > 0) {
            left -= 1;
            await sendOne();
          }
        };
        return Promise.all(Array.from({ length: IN_FLIGHT }, sendOn));
      };
      await send(500);
      const before = heapAfterCollection();
      await send(RUNS);
      expect(broken).toEqual([]);
      expect(heapAfterCollection() - before).toBeLessThan(MEMORY_GROWTH_BYTES);
      expect(await isHealthy()).toBe(true);
    },
  );

  test(
    `survives ${RUNS} mutated socket messages and leaves no subscription behind`,
    { timeout: 1_800_000 },
    async () => {
      const { mutate, pick } = createMutator(2);
      const url = `${gateway.url.replace("http", "ws")}/graphql`;
      const perSocket = 20;
      for (let i = 0; i < RUNS; i += perSocket) {
        const socket = new WebSocket(url, "graphql-transport-ws");
        await new Promise<void>((done) => {
          socket.on("error", () => {});
          socket.on("close", () => done());
          socket.on("open", () => {
            socket.send(`{"type":"connection_init"}`);
            for (let n = 0; n < perSocket; n++) socket.send(mutate(pick(MESSAGES)));
            socket.close();
          });
        });
      }
      expect(await isHealthy()).toBe(true);
      await expect.poll(() => gateway.graph.hub.watchedKeys, { timeout: 40_000 }).toEqual([]);
    },
  );
});
