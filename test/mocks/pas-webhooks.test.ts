import { describe, expect, test } from "vitest";
import type { FaultRuleInput } from "../../mocks/faults.ts";
import { waitFor } from "../../lib/wait.ts";
import { startPas, submission, type PasUnderTest } from "./pas-client.ts";
import { startReceiver } from "./webhook-receiver.ts";

const RECEIPTS = "/webhooks/pas/receipts";
const completed = (pas: PasUnderTest) => waitFor(() => pas.receiver.completions().length === 1);

/** Runs six tasks, each with a message of its own, under one fault on the receipts. */
async function runUnder(pas: PasUnderTest, rule: Omit<FaultRuleInput, "path">): Promise<string> {
  pas.mock.setFaults([{ path: RECEIPTS, ...rule }]);
  return pas.submit(submission(6));
}
const ONE_EACH = { batchMs: 0, speed: 4000 };

describe("webhooks", () => {
  test("bring every task's receipt in the shape of the contract, signed", async () => {
    const pas = await startPas();
    const runId = await pas.submit(submission(12));
    await completed(pas);
    expect(pas.receiver.messages.every(({ isGenuine }) => isGenuine)).toBe(true);
    const receipts = pas.receiver.receipts();
    expect(receipts.map(({ task_id }) => task_id).sort()).toEqual(
      Array.from({ length: 12 }, (_, i) => String(i + 101)),
    );
    for (const receipt of receipts) {
      expect(receipt).toEqual({
        receipt_id: `${runId}-${receipt.task_id}`,
        task_id: expect.any(String),
        lane_id: expect.any(Number),
        provider: expect.stringMatching(/^(anthropic|openai)$/),
        tokens: expect.any(Number),
        duration_ms: expect.any(Number),
        cost_usd: expect.any(Number),
        echo_cos: expect.any(Number),
        status: expect.stringMatching(/^(succeeded|failed)$/),
        occurred_at: expect.stringMatching(/Z$/),
      });
      expect(receipt.cost_usd).toBe(Number(receipt.cost_usd.toFixed(6)));
      expect(Math.abs(Date.parse(receipt.occurred_at) - Date.now())).toBeLessThan(10_000);
    }
  });

  test("end with one completion, after all receipts", async () => {
    const pas = await startPas({ failureRate: 0 });
    const runId = await pas.submit(submission(12));
    await completed(pas);
    expect(pas.receiver.messages.at(-1)).toMatchObject({
      path: "/webhooks/pas/completion",
      body: { project_id: 7, run_id: runId, validation_pass: true, completed_at: expect.any(String) },
    });
    expect(pas.receiver.receipts()).toHaveLength(12);
  });

  test("do not validate a run in which too much failed", async () => {
    const pas = await startPas({ failureRate: 1 });
    await pas.submit(submission(3));
    await completed(pas);
    expect(pas.receiver.completions()[0]?.body).toMatchObject({ validation_pass: false });
  });

  test("go to another address when they are told to, old ones too", async () => {
    const pas = await startPas({ webhookUrl: "http://127.0.0.1:9" });
    const other = await startReceiver();
    await pas.submit(submission(3));
    await waitFor(() => pas.mock.deliveries().failedAttempts > 0);
    pas.mock.setWebhookUrl(other.url);
    await waitFor(() => other.completions().length === 1);
    expect(other.receipts()).toHaveLength(3);
  });

  test("come again under the same id until they are taken", async () => {
    const refused = { count: 3 };
    const pas = await startPas({}, ({ status }) => (refused.count-- > 0 ? 500 : status));
    await pas.submit(submission(3));
    await completed(pas);
    const ids = (status: number) =>
      pas.receiver.messages.filter((m) => m.status === status).map((m) => m.webhookId);
    expect(ids(500)).toHaveLength(3);
    expect(ids(202)).toEqual(expect.arrayContaining(ids(500)));
  });

  test.each([401, 410])("are given up after five answers of %i", async (status) => {
    const pas = await startPas({ batchMs: 20 }, () => status);
    await pas.submit(submission(1));
    await waitFor(() => pas.mock.deliveries().abandoned === 2);
    expect(pas.receiver.messages).toHaveLength(10);
  });
});

describe("webhook faults", () => {
  test("duplicate: one message twice under the same id, with the same receipts", async () => {
    const pas = await startPas(ONE_EACH);
    await runUnder(pas, { mode: "duplicate", count: 1 });
    await completed(pas);
    const [twice] = pas.receiver.messages;
    const again = pas.receiver.messages.filter(({ webhookId }) => webhookId === twice?.webhookId);
    expect(again).toEqual([twice, twice]);
    expect(new Set(pas.receiver.messages.map(({ webhookId }) => webhookId)).size).toBe(
      pas.receiver.messages.length - 1,
    );
    expect(new Set(pas.receiver.receipts().map((receipt) => receipt.receipt_id)).size).toBe(6);
  });

  test("reordered: everything arrives all the same", async () => {
    const pas = await startPas(ONE_EACH);
    await runUnder(pas, { mode: "reordered", rate: 0.5 });
    await completed(pas);
    await waitFor(() => pas.receiver.receipts().length === 6);
    expect(pas.mock.deliveries()).toMatchObject({ failedAttempts: 0, abandoned: 0 });
  });

  test("reordered: without a next message it comes after a while", async () => {
    const pas = await startPas();
    pas.mock.setFaults([{ path: "/webhooks/pas/completion", mode: "reordered", latencyMs: 30 }]);
    const runId = await pas.submit(submission(1));
    await completed(pas);
    expect(pas.receiver.completions()[0]?.body.run_id).toBe(runId);
  });

  test("lost: the first attempt vanishes, the retry arrives", async () => {
    const pas = await startPas(ONE_EACH);
    await runUnder(pas, { mode: "lost", count: 1 });
    await completed(pas);
    expect(pas.receiver.receipts()).toHaveLength(6);
    expect(pas.mock.deliveries().failedAttempts).toBe(1);
  });

  test("forged: a message with a wrong signature comes on top", async () => {
    const pas = await startPas(ONE_EACH);
    await runUnder(pas, { mode: "forged", count: 1 });
    await completed(pas);
    expect(pas.receiver.messages.filter(({ isGenuine }) => !isGenuine)).toHaveLength(1);
    expect(pas.receiver.receipts()).toHaveLength(6);
    expect(pas.mock.deliveries()).toMatchObject({ forgedRefused: 1, forgedAccepted: 0 });
  });

  test("forged: says so when the receiver takes it", async () => {
    const pas = await startPas(ONE_EACH, () => 202);
    await runUnder(pas, { mode: "forged", count: 1 });
    await completed(pas);
    expect(pas.mock.deliveries()).toMatchObject({ forgedRefused: 0, forgedAccepted: 1 });
  });

  test("down: nothing arrives until it heals, then everything", async () => {
    const pas = await startPas();
    pas.mock.setFaults([{ path: "/webhooks/pas/*", mode: "down" }]);
    const runId = await pas.submit(submission(6));
    await waitFor(async () => (await pas.view(runId)).status === "completed");
    expect(pas.receiver.messages).toEqual([]);
    pas.mock.setFaults([]);
    await completed(pas);
    expect(pas.receiver.receipts()).toHaveLength(6);
  });

  test("slow: it arrives late", async () => {
    const pas = await startPas();
    pas.mock.setFaults([{ path: "/webhooks/pas/completion", mode: "slow", latencyMs: 80 }]);
    const runId = await pas.submit(submission(1));
    await completed(pas);
    const endedMs = Date.parse((await pas.view(runId)).completed_at ?? "");
    expect(Date.now() - endedMs).toBeGreaterThanOrEqual(75);
  });
});
