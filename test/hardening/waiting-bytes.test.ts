import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { waitFor } from "../../lib/wait.ts";
import { DEAF_CLIENTS } from "./support/deaf-clients.ts";
import { startStalledGateway, type StalledGateway } from "./support/stalled-gateway.ts";
import { isFull } from "../support/depth.ts";

const MEGABYTE = 1_048_576;
const TOTAL_MB = 32;
/** What is kept of connections, operations and the machine's own doings beside the bytes that are bounded. */
const BESIDE_MB = 16;

describe.runIf(isFull)("clients that do not read", () => {
  let gateway: StalledGateway;
  beforeAll(async () => {
    const total = `${TOTAL_MB * MEGABYTE}`;
    gateway = await startStalledGateway({
      env: { WAITING_BYTES_MAX: total, BODIES_MAX_BYTES: total },
    });
    await fetch(`http://127.0.0.1:${gateway.port}/graphql?query={__typename}`);
  });
  afterAll(() => gateway.stop());

  test.each(DEAF_CLIENTS)(
    "hold no more of the live heap than they may: $what",
    async ({ act, limit }) => {
      const before = await gateway.liveBytes();
      const counted = () =>
        limit === undefined ? 0 : gateway.metric("gateway_limit_refusals_total", `"${limit}"`);
      let heldMb = Number.NaN;
      const countedBefore = await counted();
      const sockets = await act(gateway);
      try {
        if (limit !== undefined) await waitFor(async () => (await counted()) > countedBefore);
        // What a connection held is free once it is closed, which takes a moment for a thousand of them.
        await waitFor(async () => {
          heldMb = ((await gateway.liveBytes()) - before) / MEGABYTE;
          return heldMb < TOTAL_MB + BESIDE_MB;
        }).catch(() => undefined);
      } finally {
        for (const socket of sockets) socket.destroy();
      }
      expect(heldMb).toBeLessThan(TOTAL_MB + BESIDE_MB);
      await waitFor(async () => (await gateway.metric("gateway_waiting_bytes")) === 0);
    },
    120_000,
  );
});
