import { randomUUID } from "node:crypto";
import type { Locator, Page } from "../../tools/browser.ts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { PauseRunDocument, ProjectDocument, StartProjectDocument } from "../../schema/generated/documents.ts";
import { waitFor } from "../../lib/wait.ts";
import { seriousProblems } from "./support/axe.ts";
import { buttonOf } from "./support/dialog.ts";
import { ALERT, makeDifference, MRP_NAME, raiseAlert } from "./support/plm.ts";
import { panel, settled, startSite, type Site } from "./support/site.ts";

interface Case {
  path: string;
  isGuest?: boolean;
  opener: (page: Page) => Locator;
  /** Answers the question with keys alone; the focus is where the dialog has put it. */
  answer: (page: Page, site: Site) => Promise<void>;
  /** What is to be seen in the dialog afterwards; without it the dialog closes. */
  outcome?: string;
}

const type =
  (text: string) =>
  ({ keyboard }: Page) =>
    keyboard.type(text);
const typeToken = async (page: Page, site: Site) => page.keyboard.type(await site.topology.token("admin"));
const keys =
  (...names: string[]) =>
  async ({ keyboard }: Page) => {
    for (const name of names) await keyboard.press(name);
  };
const both = (first: Case["answer"], second: Case["answer"]) => async (page: Page, site: Site) => {
  await first(page, site);
  await second(page, site);
};
const plm = "/admin/plm-health";

const CASES: Record<string, Case> = {
  "Sign in": {
    path: "/",
    isGuest: true,
    opener: (page) => buttonOf(page, "Sign in"),
    answer: both(typeToken, keys("Tab")),
  },
  "Signed in": {
    path: "/",
    opener: (page) => page.getByRole("button", { name: /admin/ }),
    answer: both(typeToken, keys("Tab", "Tab")),
  },
  "Cancel this run": {
    path: "/projects/3",
    opener: (page) => buttonOf(page, "Cancel run"),
    answer: type("not needed any more"),
  },
  Simulate: {
    path: "/projects/1",
    opener: (page) => buttonOf(page, "Simulate"),
    answer: keys("ArrowRight"),
    outcome: "Tasks to sample: 6 %",
  },
  "Start a run": {
    path: "/projects/5",
    opener: (page) => buttonOf(page, "Start"),
    answer: keys("ArrowDown"),
  },
  "Change the budget": {
    path: "/projects/1",
    opener: (page) => buttonOf(page, "Change budget"),
    answer: both(keys("Control+a"), type("90")),
  },
  "Correct a lane": {
    path: "/projects/4",
    opener: (page) => buttonOf(page, "Correct a lane"),
    answer: both(keys("Tab", "Tab", "ArrowDown", "Tab"), type("it is a test")),
  },
  "Look after this alert": {
    path: plm,
    opener: (page) => buttonOf(page.getByRole("listitem").filter({ hasText: ALERT }), "Acknowledge"),
    answer: type("on the phone"),
  },
  "What does this difference mean?": {
    path: "/differences?by=LINES",
    opener: (page) => buttonOf(page.getByRole("row").filter({ hasText: MRP_NAME }), "Classify"),
    answer: both(keys("Shift+Tab", "Space", "ArrowDown", "Tab"), type("renamed by hand")),
  },
  "Change the mode": {
    path: plm,
    opener: (page) => buttonOf(panel(page, "Mode"), "Change mode"),
    answer: both(keys("ArrowDown", "Tab", "Tab"), type("the figures are good")),
  },
  "Roll back": {
    path: plm,
    opener: (page) => buttonOf(panel(page, "Mode"), "Roll back"),
    answer: type("the figures look wrong"),
  },
  "Isolate the PLM": {
    path: plm,
    opener: (page) => buttonOf(page, "Isolate"),
    answer: type("maintenance"),
  },
};

describe("every dialog", () => {
  let site: Site;
  beforeAll(async () => {
    site = await startSite();
    await pausedRun(site, "3");
    await makeDifference(site);
    await raiseAlert(site);
  });
  afterAll(() => site?.close());

  const visit = async ({ path, isGuest }: Case, look: (page: Page) => Promise<void>) => {
    const page = await site.open(path, isGuest ? {} : { role: "admin" });
    await settled(page);
    await look(page);
    await page.close();
  };

  test.each(Object.entries(CASES))(
    "%s: can be used by everyone, in light and dark (axe); opens, keeps the focus, closes and answers by keys alone",
    (title, each) =>
      visit(each, async (page) => {
        const opener = each.opener(page);
        const dialog = await openByKey(page, opener, title);
        expect(await seriousProblems(page)).toEqual([]);
        await expectFocusKept(page, dialog);
        await page.keyboard.press("Escape");
        await dialog.waitFor({ state: "detached" });
        expect(await hasFocus(opener)).toBe(true);

        await openByKey(page, opener, title);
        await each.answer(page, site);
        await page.keyboard.press("Enter");
        if (each.outcome === undefined) return dialog.waitFor({ state: "detached" });
        await dialog.getByText(each.outcome).waitFor();
        await dialog.locator(".headline").waitFor();
      }),
  );

  test("opens again for whoever asks for it in the moment in which it closes", () =>
    visit(CASES["Change the budget"]!, async (page) => {
      const opener = buttonOf(page, "Change budget");
      await openByKey(page, opener, "Change the budget");
      await page.evaluate(CLOSE_AND_OPEN);
      expect(await page.getByRole("dialog", { name: "Change the budget" }).isVisible()).toBe(true);
    }));

  test("gives the focus back however it is closed", () =>
    visit(CASES["Change the budget"]!, async (page) => {
      const opener = buttonOf(page, "Change budget");
      const dialog = await openByKey(page, opener, "Change the budget");
      await buttonOf(dialog, "Close").click();
      await dialog.waitFor({ state: "detached" });
      expect(await hasFocus(opener)).toBe(true);
      await openByKey(page, opener, "Change the budget");
      await page.keyboard.press("Enter");
      await dialog.waitFor({ state: "detached" });
      expect(await hasFocus(opener)).toBe(true);
    }));
});

/** What Escape does, and then a click on the button before the browser has told the page that anything was closed. */
const CLOSE_AND_OPEN = `
  document.querySelector("dialog[open]").requestClose();
  [...document.querySelectorAll("button")].find(({ textContent }) => textContent === "Change budget").click();
  new Promise((done) => setTimeout(done, 300));
`;

async function openByKey(page: Page, opener: Locator, title: string): Promise<Locator> {
  await opener.focus();
  await page.keyboard.press("Enter");
  const dialog = page.getByRole("dialog", { name: title });
  await dialog.waitFor();
  const firstChoice = dialog.getByRole("combobox").last().getByRole("option").first();
  if ((await dialog.getByRole("combobox").count()) > 0) await firstChoice.waitFor({ state: "attached" });
  return dialog;
}

const hasFocus = (element: Locator): Promise<boolean> =>
  element.evaluate((node) => node === node.ownerDocument.activeElement);

/** Where the focus is: a number of its own for each place in the dialog, "page" behind it, "" in the browser itself. */
const placeOfFocus = (dialog: Locator): Promise<string> =>
  dialog.evaluate((node) => {
    const { activeElement, body } = node.ownerDocument;
    if (activeElement === null || activeElement === body) return "";
    if (!node.contains(activeElement)) return "page";
    return String([...node.querySelectorAll("*")].indexOf(activeElement));
  });

/** A group of choices is one place, and so is every other field and button. */
const countPlaces = (dialog: Locator): Promise<number> =>
  dialog.locator(":is(button, input:not([type=radio]), select, textarea):enabled, fieldset").count();

/** Goes once round with Tab: everything in the dialog is reached, and nothing behind it. */
async function expectFocusKept(page: Page, dialog: Locator): Promise<void> {
  const places = await countPlaces(dialog);
  const reached = new Set<string>();
  for (let step = 0; step <= places + 1; step += 1) {
    reached.add(await placeOfFocus(dialog));
    await page.keyboard.press("Tab");
  }
  reached.delete("");
  expect([...reached]).not.toContain("page");
  expect(reached.size).toBe(places);
}

async function pausedRun(site: Site, projectId: string): Promise<void> {
  await site.ask(StartProjectDocument, {
    input: { projectId, runKind: "BASELINE", writeSandbox: false },
    idempotencyKey: randomUUID(),
  });
  await waitFor(
    async () => {
      const { project } = await site.ask(ProjectDocument, { id: projectId });
      const runId = project?.runs.edges[0]?.node.id ?? "";
      const { pauseRun } = await site.ask(PauseRunDocument, { runId });
      return pauseRun.__typename === "RunControlSuccess";
    },
    { what: "a paused run" },
  );
}
