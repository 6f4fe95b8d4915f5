import { once } from "node:events";
import { connect } from "node:net";
import { expect, test } from "vitest";
import { createHttpServer } from "../../lib/http-server.ts";
import { quietLog } from "../support/quiet-log.ts";

test("a server closes even while somebody is connected and says nothing", async () => {
  const server = createHttpServer({ log: quietLog });
  const { port } = new URL(await server.listen({ host: "127.0.0.1", port: 0 }));
  const silent = connect({ host: "127.0.0.1", port: Number(port) });
  await once(silent, "connect");
  const cut = once(silent, "close");
  await server.close();
  await cut;
  expect(silent.destroyed).toBe(true);
});
