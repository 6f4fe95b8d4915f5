import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { randomUUID } from "node:crypto";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Page } from "../../tools/browser.ts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  CreateProjectDocument,
  ProjectDocument,
  RunKpisDocument,
  StartProjectDocument,
} from "../../schema/generated/documents.ts";
import { waitFor } from "../../lib/wait.ts";
import { buttonOf } from "./support/dialog.ts";
import { panel, startSite, type Site } from "./support/site.ts";

const HARD =
  "Notwithstanding organisational considerations, interdepartmental communication necessitates comprehensive documentation.";

describe("the KPIs of a run", () => {
  let site: Site;
  const artifacts = mkdtempSync(join(tmpdir(), "dashboard-kpis-"));
  beforeAll(async () => {
    site = await startSite({ ARTIFACTS_DIR: artifacts });
  });
  afterAll(async () => {
    await site?.close();
    rmSync(artifacts, { recursive: true });
  });

  test("are red with KPI, value and threshold, and green after a fix", async () => {
    const { id, folder } = await runOfOneDocument(site);
    const write = (text: string) => {
      const file = join(artifacts, folder, "readability.md");
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, text);
    };
    const page = await site.open(`/projects/${id}`, { role: "supervisor" });
    const kpis = panel(page, "KPIs");
    await kpis.getByText("1 missed").waitFor();
    expect(await kpis.getAttribute("class")).toContain("alarm");

    write(HARD);
    await buttonOf(kpis, "Measure again").click();
    await kpis.getByText("should be at most 10").waitFor();
    await waitFor(async () => (await measured(page)) > 12, { what: "the grade of the text" });
    await kpis.getByText("Readability").waitFor();

    write("The boat is red. It has two seats. You can row it on a lake.");
    await buttonOf(kpis, "Measure again").click();
    await kpis.getByText("all met").waitFor();
    expect(await kpis.getAttribute("class")).not.toContain("alarm");
    expect(await measured(page)).toBeLessThanOrEqual(10);
    await panel(page, "Run").locator("header").getByText("completed").waitFor();
    await page.close();
  });
});

/** The grade that the page shows. */
const measured = async (page: Page) =>
  Number.parseFloat(
    (await panel(page, "KPIs")
      .locator("li", { hasText: "Readability" })
      .locator(".number")
      .first()
      .textContent()) ?? "",
  );

/** A run that has done its one task, which has yet to be measured well; and where its document belongs. */
async function runOfOneDocument(site: Site): Promise<{ id: string; folder: string }> {
  const tasks = [{ name: "Write the manual", laneId: 4204 }];
  const { createProject } = await site.ask(CreateProjectDocument, { input: { name: "A manual", tasks } });
  if (createProject.__typename !== "CreateProjectSuccess") throw new Error(createProject.message);
  const { id } = createProject.project;
  await site.ask(StartProjectDocument, {
    input: { projectId: id, runKind: "BASELINE", writeSandbox: false },
    idempotencyKey: randomUUID(),
  });
  return waitFor(
    async () => {
      const { project } = await site.ask(ProjectDocument, { id });
      const runId = project?.runs.edges[0]?.node.id ?? "";
      const { projectRun } = await site.ask(RunKpisDocument, { runId });
      const details = projectRun?.kpiResults.map(({ detail }) => detail).join(" ") ?? "";
      const folder = /(\S+\/lane-4204)\//.exec(details)?.[1];
      return folder !== undefined && { id, folder };
    },
    { what: "a measured run" },
  );
}
