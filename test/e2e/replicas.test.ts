import { expect, onTestFinished, test } from "vitest";
import { startFleet } from "../../fleet/fleet.ts";
import { BudgetRunwayDocument, StartProjectDocument } from "../../schema/generated/documents.ts";
import { createTestDatabase } from "../support/database.ts";
import { waitFor } from "../../lib/wait.ts";
import { isFull } from "../support/depth.ts";

const PROJECTS = ["1", "2"];

test.runIf(isFull)(
  "two gateways, each over its own PLMS process, tell of what was written through either",
  async () => {
    const database = await createTestDatabase({ seed: true });
    onTestFinished(() => database.close());
    const fleet = await startFleet({
      databaseUrl: database.url,
      // With services the hints go through Redis as well.
      redisUrl: process.env["REDIS_URL"] || undefined,
      gateways: 2,
      plms: 2,
    });
    onTestFinished(fleet.close);
    const clients = await Promise.all(fleet.gateways.map((gateway) => fleet.admin(gateway)));
    const watching = clients.flatMap((client) =>
      PROJECTS.map((projectId) => client.watch(BudgetRunwayDocument, { projectId })),
    );
    await waitFor(() => watching.every(({ events }) => events.length > 0));

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
    await waitFor(() => watching.every((watch) => new Set(spentOf(watch)).size >= 3));
    for (const watch of watching) {
      expect(spentOf(watch)).toEqual([...spentOf(watch)].sort((a, b) => a - b));
      expect(watch.problems).toEqual([]);
      watch.stop();
    }
  },
);
