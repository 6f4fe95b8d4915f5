import { expect, it, onTestFinished } from "vitest";
import { BudgetRunwayDocument, StartProjectDocument } from "../../schema/generated/documents.ts";
import { createTestDatabase } from "../support/database.ts";
import { waitFor } from "../support/wait.ts";
import { clientOf } from "./support/client.ts";
import { startReplicas } from "./support/replicas.ts";

const PROJECTS = ["1", "2"];

it("two gateways, each over its own PLMS process, tell of what was written through either", async () => {
  const database = await createTestDatabase({ seed: true });
  onTestFinished(() => database.close());
  const { gateways, token, close } = await startReplicas(database.url);
  onTestFinished(close);
  const clients = await Promise.all(gateways.map(async (url) => clientOf(url, await token())));
  onTestFinished(async () => {
    for (const client of clients) await client.close();
  });
  const watching = clients.flatMap((client) =>
    PROJECTS.map((projectId) => client.watch(BudgetRunwayDocument, { projectId })),
  );
  await waitFor(() => watching.every(({ events }) => events.length > 0), { timeoutMs: 10_000 });

  // Project 1 is started through the first gateway, project 2 through the second.
  await Promise.all(
    clients.map((client, index) =>
      client.ask(StartProjectDocument, {
        input: { projectId: PROJECTS[index] ?? "", runKind: "BASELINE", writeSandbox: false },
        idempotencyKey: `replica-${index}`,
      }),
    ),
  );
  const spentOf = ({ events }: (typeof watching)[number]) =>
    events.map(({ budgetRunway }) => budgetRunway.budget.usdSpent);
  await waitFor(() => watching.every((watch) => new Set(spentOf(watch)).size >= 3), { timeoutMs: 20_000 });
  for (const watch of watching) {
    expect(spentOf(watch)).toEqual([...spentOf(watch)].sort((a, b) => a - b));
    expect(watch.problems).toEqual([]);
    watch.stop();
  }
}, 60_000);
