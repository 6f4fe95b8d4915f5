import { randomUUID } from "node:crypto";
import type { Locator, Page } from "../../tools/browser.ts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Role } from "../../lib/identity.ts";
import { StartProjectDocument } from "../../schema/generated/documents.ts";
import { seriousProblems } from "./support/axe.ts";
import { buttonOf } from "./support/dialog.ts";
import { waitFor } from "../../lib/wait.ts";
import { panel, seen, startSite, type Site } from "./support/site.ts";

describe("the playground", () => {
  let site: Site;
  beforeAll(async () => {
    site = await startSite();
  });
  afterAll(() => site?.close());

  interface Visit {
    role?: Role;
    width?: number;
  }
  const visit = async (
    look: (page: Page) => Promise<void>,
    { role = "supervisor", width = 1280 }: Visit = {},
  ) => {
    const page = await site.open("/playground", { role, width });
    const refused: string[] = [];
    page.on("console", (message) => {
      if (/Content Security Policy/.test(message.text())) refused.push(message.text());
    });
    await panel(page, "Documentation").getByRole("button", { name: "Query" }).waitFor();
    await look(page);
    expect(refused).toEqual([]);
    await page.close();
  };
  const choose = (page: Page, name: string) => page.getByLabel("Example").selectOption({ label: name });
  const answer = (page: Page) => page.getByLabel("Answer", { exact: true }).locator("visible=true").last();
  const editor = (page: Page, name: string) => page.getByRole("textbox", { name, exact: true });
  /** As people write: what the browser itself does with a selection is none of ours. */
  const write = async (place: Locator, text: string) => {
    await place.press("ControlOrMeta+a");
    await place.press("Delete");
    await place.page().keyboard.insertText(text);
  };

  test.each([390, 820, 1280])("runs the query that it opens with, on a screen %i pixels wide", (width) =>
    visit(
      async (page) => {
        await buttonOf(page, "Run").click();
        await answer(page).getByText('"name": "Online configurator for the LX24"').waitFor();
        expect(await seriousProblems(page)).toEqual([]);
        const widths = await page.evaluate<number[]>("[document.documentElement.scrollWidth, innerWidth]");
        expect(widths[0]).toBeLessThanOrEqual(widths[1] ?? 0);
      },
      { width },
    ),
  );

  test("runs a mutation with the reader's token and inputs that are filled in", () =>
    visit(async (page) => {
      expect(await editor(page, "Headers").innerText()).toContain('"authorization": "Bearer ');
      await choose(page, "StartProject");
      await editor(page, "Variables").press("Control+Enter");
      await answer(page).getByText('"__typename": "StartProjectSuccess"').waitFor();
      await write(editor(page, "Headers"), "{}");
      await buttonOf(page, "Run").click();
      await answer(page)
        .getByText('"code": "FORBIDDEN"')
        .or(answer(page).getByText("UNAUTHENTICATED"))
        .waitFor();
    }));

  test("shows the events of a subscription as they come, until it is stopped", () =>
    visit(async (page) => {
      await site.ask(StartProjectDocument, {
        input: { projectId: "1", runKind: "BASELINE", writeSandbox: false },
        idempotencyKey: randomUUID(),
      });
      await choose(page, "BudgetRunway");
      await buttonOf(page, "Run").click();
      await answer(page)
        .getByText(/^Event ([3-9]|\d\d)\n/)
        .waitFor();
      const ended = page.waitForEvent("requestfailed");
      await buttonOf(page, "Stop").click();
      expect((await ended).postData()).toContain("subscription BudgetRunway");
    }));

  test("asks over WebSocket as well, for as long as it is not stopped", () =>
    visit(async (page) => {
      await page.getByLabel("Transport").selectOption("WebSocket");
      await buttonOf(page, "Run").click();
      await answer(page).getByText('"name": "Online configurator for the LX24"').waitFor();
      await choose(page, "PlmHealth");
      const opened = page.waitForEvent("websocket");
      await buttonOf(page, "Run").click();
      const socket = await opened;
      await answer(page)
        .getByText(/^Event 2\n/)
        .waitFor();
      const closed = socket.waitForEvent("close");
      await buttonOf(page, "Stop").click();
      await closed;
      await write(editor(page, "Headers"), '{"authorization":"Bearer nonsense"}');
      await buttonOf(page, "Run").click();
      expect(await seen(answer(page).getByText("The connection was closed (4403"))).toBe(true);
    }));

  test("shows administrators the plan and what each fetch took, over both transports", () =>
    visit(
      async (page) => {
        await write(
          editor(page, "Operation"),
          "{ projects(first: 2) { edges { node { products { model { name } } } } } }",
        );
        await page.getByLabel("Explain").check();
        const plan = panel(page, "Plan and timings");
        for (const transport of ["HTTP", "WebSocket"]) {
          await page.getByLabel("Transport").selectOption(transport);
          await buttonOf(page, "Run").click();
          await plan.getByRole("row", { name: /#1 catalog/ }).waitFor();
          await plan.getByText("One after the other").waitFor();
          await page.getByLabel("Explain").uncheck();
          await buttonOf(page, "Run").click();
          await plan.waitFor({ state: "detached" });
          await page.getByLabel("Explain").check();
        }
        await buttonOf(page, "Run").click();
        await plan.getByText(/#1 catalog entities at/).click();
        await plan.getByText("_entities").waitFor();
        expect(await answer(page).innerText()).not.toContain("executionMs");
        expect(await seriousProblems(page)).toEqual([]);
      },
      { role: "admin" },
    ));

  test("does not offer to explain to anybody else", () =>
    visit(async (page) => {
      expect(await page.getByLabel("Explain").count()).toBe(0);
    }));

  test("completes fields, marks what the schema does not have, and opens the documentation of what is meant", () =>
    visit(async (page) => {
      const operation = editor(page, "Operation");
      await write(operation, "{ ");
      await page.keyboard.type("mod");
      const option = page.getByRole("option", { name: /^models/ });
      await option.waitFor();
      // A click right after the list has opened is none: it may have been meant for something else.
      await waitFor(async () => {
        await option.click({ timeout: 500 }).catch(() => {});
        return (await operation.innerText()).includes("{ models");
      });
      await write(operation, "{ nothingOfTheKind }");
      await page.locator(".cm-lintRange-error").first().waitFor();
      await write(operation, "{ models { totalCount } }");
      await operation.press("ControlOrMeta+End");
      for (const _ of "t } }") await operation.press("ArrowLeft");
      await operation.press("F1");
      expect(await seen(panel(page, "Documentation").getByRole("heading", { name: "ModelConnection" }))).toBe(
        true,
      );
    }));

  test("has the documentation of every type, and finds names in it", () =>
    visit(async (page) => {
      const docs = panel(page, "Documentation");
      await docs.getByRole("button", { name: "Query" }).click();
      await docs.getByText("Product models by name.").waitFor();
      await docs.getByRole("button", { name: "ModelConnection!" }).click();
      await docs.getByRole("button", { name: "‹ Query" }).click();
      await docs.getByLabel("Search the schema").fill("provenance");
      await docs.getByRole("button", { name: "Trim.provenance" }).click();
      expect(await seen(docs.getByRole("heading", { name: "Trim" }))).toBe(true);
    }));

  test("keeps what was run for the next visit, but no headers", async () => {
    await visit(async (page) => {
      await write(editor(page, "Operation"), "query Remembered { models { totalCount } }");
      await buttonOf(page, "Run").click();
      await answer(page).getByText("totalCount").waitFor();
    });
    await visit(async (page) => {
      await panel(page, "History")
        .getByRole("button", { name: /query Remembered/ })
        .click();
      expect(await editor(page, "Operation").innerText()).toContain("query Remembered");
      const kept = await page.evaluate<string>("JSON.stringify(localStorage)");
      expect(kept).toContain("Remembered");
      expect(kept).not.toContain("Bearer");
      await panel(page, "History").getByRole("button", { name: "Forget all" }).click();
      expect(await seen(panel(page, "History").getByText("What you run here is kept in this browser"))).toBe(
        true,
      );
    });
  });

  test("runs the operation that the cursor is in", () =>
    visit(async (page) => {
      await write(
        editor(page, "Operation"),
        "query One { models { totalCount } } query Two { plmConfig { mode } }",
      );
      await editor(page, "Operation").press("Control+End");
      await editor(page, "Operation").press("Control+Enter");
      await answer(page).getByText('"mode"').waitFor();
      await editor(page, "Operation").press("Control+Home");
      await editor(page, "Operation").press("Control+Enter");
      expect(await seen(answer(page).getByText("totalCount"))).toBe(true);
    }));

  test("says what cannot be sent", () =>
    visit(async (page) => {
      await write(editor(page, "Variables"), "{oops");
      await buttonOf(page, "Run").click();
      await answer(page).getByText("The variables are not JSON").waitFor();
      await write(editor(page, "Variables"), "{}");
      await write(editor(page, "Operation"), "{ nothingOfTheKind }");
      await buttonOf(page, "Run").click();
      expect(await seen(answer(page).getByText('Cannot query field \\"nothingOfTheKind\\"'))).toBe(true);
    }));

  test("is found from the gateway page, and loads its editor only then", async () => {
    const page = await site.open("/gateway");
    const before = await page.evaluate<number>("performance.getEntriesByType('resource').length");
    await page.getByRole("link", { name: "Open the playground" }).click();
    await page.getByRole("heading", { level: 1, name: "Playground" }).waitFor();
    await seen(panel(page, "Operation"));
    const loaded = await page.evaluate<string[]>(
      "performance.getEntriesByType('resource').map(({ name }) => name)",
    );
    expect(loaded.slice(before).some((name) => /assets\/playground.*\.js$/.test(name))).toBe(true);
    await page.close();
  });
});
