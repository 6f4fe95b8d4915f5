import { describe, expect, test } from "vitest";
import { waitFor } from "../../lib/wait.ts";
import { startPas, submission } from "./pas-client.ts";

describe("submitting", () => {
  test("mints a run and works on it until every task is done", async () => {
    const pas = await startPas();
    const runId = await pas.submit(submission(6));
    await waitFor(() => pas.receiver.completions().length === 1);
    const run = await pas.view(runId);
    expect(run).toMatchObject({
      run_id: runId,
      project_id: 7,
      status: "completed",
      tasks_total: 6,
      tasks_completed: 6,
    });
    const costs = pas.receiver.receipts().reduce((sum, receipt) => sum + receipt.cost_usd * 1e6, 0);
    expect(Math.round(run.spend_usd * 1e6)).toBe(Math.round(costs));
  });

  test("invents forty tasks on a few lanes when there are none", async () => {
    const pas = await startPas();
    const runId = await pas.submit(submission());
    await waitFor(() => pas.receiver.completions().length === 1);
    expect(await pas.view(runId)).toMatchObject({ tasks_total: 40, tasks_completed: 40 });
    expect(new Set(pas.receiver.receipts().map((receipt) => receipt.lane_id)).size).toBe(4);
  });

  test("gives the same run for the same key, also to twenty callers at once", async () => {
    const pas = await startPas();
    const headers = { "idempotency-key": "start-7" };
    const runIds = await Promise.all(Array.from({ length: 20 }, () => pas.submit(submission(3), headers)));
    expect(new Set(runIds).size).toBe(1);
    const replay = await pas.post("/pas/architect/submit", submission(3), headers);
    expect(replay.headers.get("idempotent-replay")).toBe("true");
    expect((await pas.post("/pas/architect/submit", submission(4), headers)).status).toBe(422);
  });

  test("tells a reconciler which run a key started, even when the answer was lost", async () => {
    const pas = await startPas();
    const runsOf = async (key: string) => {
      const response = await fetch(`${pas.url}/pas/runs?idempotency_key=${key}`);
      return ((await response.json()) as { runs: { run_id: string }[] }).runs;
    };
    expect(await runsOf("lost")).toEqual([]);
    pas.mock.setFaults([{ path: "/pas/architect/submit", mode: "reset", count: 1 }]);
    const headers = { "idempotency-key": "lost" };
    await expect(pas.submit(submission(3), headers)).rejects.toThrow("terminated");
    const [run] = await runsOf("lost");
    expect(await pas.submit(submission(3), headers)).toBe(run?.run_id);
  });

  test("starts nothing when it is down", async () => {
    const pas = await startPas();
    pas.mock.setFaults([{ path: "/pas/*", mode: "status", status: 503, count: 1 }]);
    expect((await pas.post("/pas/architect/submit", submission(3))).status).toBe(503);
    expect(await (await fetch(`${pas.url}/pas/runs`)).json()).toEqual({ runs: [] });
  });

  test.each([
    [{ ...submission(), project_id: null }, "project_id"],
    [{ ...submission(), run_kind: "canary" }, "run_kind"],
    [{ ...submission(), provider_matrix: {} }, "provider_matrix"],
    [{ ...submission(), tasks: [{ task_id: "a", lane_id: "x" }] }, "tasks.0.lane_id"],
    [{ ...submission(), tasks: [1, 1].map((task_id) => ({ task_id, lane_id: 4200 })) }, "tasks.1.task_id"],
    [[], "body"],
  ])("refuses %j and names %s", async (body, field) => {
    const pas = await startPas();
    const response = await pas.post("/pas/architect/submit", body);
    expect([response.status, await response.json()]).toEqual([400, expect.objectContaining({ field })]);
  });
});

describe("run control", () => {
  test("pause holds the run where it is, resume lets it go on to the end", async () => {
    const pas = await startPas({ speed: 4000 });
    const runId = await pas.submit(submission(60));
    await waitFor(() => pas.receiver.receipts().length > 0);
    await pas.post(`/pas/runs/${runId}/pause`);
    const paused = await pas.view(runId);
    expect(paused).toMatchObject({ status: "paused", completed_at: null });
    await waitFor(() => pas.receiver.receipts().length === paused.tasks_completed);
    expect(paused.tasks_completed).toBeLessThan(60);

    await pas.post(`/pas/runs/${runId}/resume`);
    await waitFor(() => pas.receiver.completions().length === 1);
    expect(pas.receiver.receipts()).toHaveLength(60);
  });

  test("cancel ends the run without a completion and sends what was spent", async () => {
    const pas = await startPas({ speed: 4000 });
    const runId = await pas.submit(submission(60));
    await waitFor(() => pas.receiver.receipts().length > 0);
    const cancelled = (await (await pas.post(`/pas/runs/${runId}/cancel`)).json()) as {
      tasks_completed: number;
    };
    expect(cancelled).toMatchObject({ status: "cancelled", completed_at: expect.any(String) });
    await waitFor(() => pas.receiver.receipts().length === cancelled.tasks_completed);
    await new Promise((resolve) => setTimeout(resolve, 250));
    expect(await pas.view(runId)).toMatchObject({
      status: "cancelled",
      tasks_completed: cancelled.tasks_completed,
    });
    expect(pas.receiver.completions()).toEqual([]);
  });

  test("takes the same action twice, refuses any on a run that is over, knows no other", async () => {
    const pas = await startPas({ speed: 1 });
    const runId = await pas.submit();
    const statusOf = async (action: string) => (await pas.post(`/pas/runs/${runId}/${action}`)).status;
    expect([await statusOf("pause"), await statusOf("pause"), await statusOf("resume")]).toEqual([
      200, 200, 200,
    ]);
    expect([await statusOf("cancel"), await statusOf("cancel")]).toEqual([200, 200]);
    expect([await statusOf("resume"), await statusOf("explode")]).toEqual([409, 404]);
    expect((await pas.post("/pas/runs/nobody/pause")).status).toBe(404);
  });
});
