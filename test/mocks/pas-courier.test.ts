import { describe, expect, onTestFinished, test } from "vitest";
import { createLog } from "../../lib/log.ts";
import { createFaults, parseFaultRules, WEBHOOK_MODES, type FaultRuleInput } from "../../mocks/faults.ts";
import { createCourier } from "../../mocks/pas/courier.ts";
import type { Attempt } from "../../mocks/pas/webhook-post.ts";
import { createRandom } from "../../mocks/seeded-random.ts";
import { waitFor } from "../../lib/wait.ts";

interface Script {
  rules?: readonly Omit<FaultRuleInput, "path">[];
  /** What the receiver answers in turn; `delivered` when nothing is left to say. */
  answers?: Attempt[];
}

/** A courier and the ids that its receiver saw, in order. */
function start({ rules = [], answers = [] }: Script) {
  const faults = createFaults(createRandom(1));
  const anywhere = rules.map((rule) => ({ path: "/webhooks/*", ...rule }));
  faults.set(parseFaultRules(anywhere, WEBHOOK_MODES));
  const seen: string[] = [];
  const take = async (id: string) => {
    seen.push(id);
    return answers.shift() ?? "delivered";
  };
  const post = {
    signed: ({ id }: { id: string }) => take(id),
    forged: ({ id }: { id: string }) => take(`${id} forged`),
    setUrl: () => undefined,
    close: async () => undefined,
  };
  const log = createLog({ name: "test", level: "silent" });
  const courier = createCourier({ post, faults, log, retryBaseMs: 1 });
  onTestFinished(() => courier.close());
  const send = (id: string) => courier.send({ id, path: "/webhooks/pas/receipts", body: "{}" });
  const sendAll = async (...ids: readonly string[]) => {
    for (const id of ids) await send(id);
  };
  return { courier, send, sendAll, seen };
}

describe("what the receiver sees", () => {
  test("is every message once when nothing is wrong", async () => {
    const { sendAll, seen } = start({});
    await sendAll("a", "b", "c");
    expect(seen).toEqual(["a", "b", "c"]);
  });

  test("is a failed message again until it is taken", async () => {
    const { courier, send, seen } = start({ answers: ["failed", "failed", "failed"] });
    await send("a");
    expect(seen).toEqual(["a", "a", "a", "a"]);
    expect(courier.counts()).toMatchObject({ delivered: 1, failedAttempts: 3, abandoned: 0 });
  });

  test("is a refused message five times, however many failures come between", async () => {
    const { courier, send, seen } = start({
      answers: ["refused", "failed", "refused", "refused", "failed", "refused", "refused"],
    });
    await send("a");
    expect(seen).toHaveLength(7);
    expect(courier.counts()).toMatchObject({ delivered: 0, abandoned: 1 });
  });

  test("is the next message first when one is reordered, pair by pair when all are", async () => {
    const one = start({ rules: [{ mode: "reordered", count: 1 }] });
    await one.sendAll("a", "b", "c");
    expect(one.seen).toEqual(["b", "a", "c"]);
    const all = start({ rules: [{ mode: "reordered" }] });
    await all.sendAll("a", "b", "c", "d");
    expect(all.seen).toEqual(["b", "a", "d", "c"]);
  });

  test("is a reordered message after a while when no other follows", async () => {
    const { sendAll, seen } = start({ rules: [{ mode: "reordered", latencyMs: 5 }] });
    await sendAll("a");
    expect(seen).toEqual([]);
    await waitFor(() => seen.length === 1);
  });

  test("is a lost message only later, behind those that were sent after it", async () => {
    const { courier, send, seen } = start({ rules: [{ mode: "lost", count: 1, latencyMs: 20 }] });
    await Promise.all([send("a"), send("b"), send("c")]);
    expect(seen).toEqual(["b", "c", "a"]);
    expect(courier.counts()).toMatchObject({ delivered: 3, failedAttempts: 1 });
  });

  test("is a duplicated message twice and a forged one on top of the genuine one", async () => {
    const { courier, sendAll, seen } = start({
      rules: [
        { mode: "duplicate", count: 1 },
        { mode: "forged", count: 1 },
      ],
      answers: ["delivered", "delivered", "refused"],
    });
    await sendAll("a", "b");
    expect(seen).toEqual(["a", "a", "b forged", "b"]);
    expect(courier.counts()).toMatchObject({ delivered: 2, forgedRefused: 1, forgedAccepted: 0 });
  });

  test("is nothing more once the courier is closed", async () => {
    const { courier, send, seen } = start({ rules: [{ mode: "slow", latencyMs: 600_000, count: 1 }] });
    const underway = send("a");
    await courier.close();
    await underway;
    await send("b");
    expect(seen).toEqual([]);
  });
});
