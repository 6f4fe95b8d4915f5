import type { Page, WebSocketRoute } from "../../tools/browser.ts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { waitFor } from "../../lib/wait.ts";
import { buttonOf } from "./support/dialog.ts";
import { panel, seen, settled, spentUsd, startSite, told, type Site } from "./support/site.ts";

/** The way from a page to the gateway, which can be cut or go dead. */
interface Road {
  sockets: WebSocketRoute[];
  /** Nobody answers any more: connections are refused, and those that are open end. */
  cut(): Promise<void>;
  /** What is sent goes nowhere, and nobody is told: as after a sleep. */
  die(): void;
  mend(): void;
}

async function roadOf(page: Page): Promise<Road> {
  const sockets: WebSocketRoute[] = [];
  const dead = new Set<WebSocketRoute>();
  const state = { isCut: false };
  await page.routeWebSocket(/graphql/, (route) => {
    if (state.isCut) return void route.close({ code: 1011 });
    sockets.push(route);
    const server = route.connectToServer();
    route.onMessage((message) => {
      if (!dead.has(route)) server.send(message);
    });
    server.onMessage((message) => {
      if (!dead.has(route)) route.send(message);
    });
    return undefined;
  });
  await page.route("**/graphql", (route) => (state.isCut ? route.abort() : route.fallback()));
  return {
    sockets,
    cut: async () => {
      state.isCut = true;
      await sockets.at(-1)?.close({ code: 1011 });
    },
    die: () => {
      for (const socket of sockets) dead.add(socket);
    },
    mend: () => void (state.isCut = false),
  };
}

/**
 * Runs in the page: the clock is an hour on, and no timer has gone off meanwhile. The clock of Playwright would go wrong in every
 * page of the browser, and in those of later tests.
 */
const SLEEP_AN_HOUR = `(() => {
  const Awake = Date;
  const now = () => Awake.now() + 3_600_000;
  globalThis.Date = class extends Awake {
    constructor(...given) {
      if (given.length === 0) super(now());
      else super(...given);
    }
    static now() {
      return now();
    }
  };
})()`;

describe("a page that stays open", () => {
  let site: Site;
  beforeAll(async () => {
    site = await startSite();
  });
  afterAll(() => site?.close());

  test("says once that the gateway is away, keeps everything on it, and says that it is back", async () => {
    const page = await site.open("/livez", { role: "supervisor" });
    const road = await roadOf(page);
    await page.goto(`${site.topology.urls.gateway}/projects/4`);
    await settled(page);
    const spent = await spentUsd(page);
    await road.cut();
    const notice = page.getByText(
      /^The gateway has not answered since \d\d:\d\d:\d\d\. What you see is of that time/,
    );
    await notice.waitFor();
    await page.waitForRequest(/graphql/);
    await page.waitForRequest(/graphql/);
    expect(await notice.count()).toBe(1);
    expect(await page.getByRole("alert").count()).toBe(0);
    expect(await page.locator("[aria-busy=true]").count()).toBe(0);
    expect(await spentUsd(page)).toBe(spent);
    await panel(page, "Budget runway")
      .getByText(/^as of/)
      .waitFor();
    road.mend();
    await notice.waitFor({ state: "detached" });
    await told(page, "The gateway is back.");
    await panel(page, "Budget runway")
      .getByText(/^as of/)
      .waitFor({ state: "detached" });
    await page.close();
  });

  test("opens its other pages while the gateway is away, and fills them when it is back", async () => {
    const page = await site.open("/livez", { role: "supervisor" });
    const road = await roadOf(page);
    await page.goto(site.topology.urls.gateway);
    await settled(page);
    // Pages are fetched once the first one has settled.
    await waitFor(
      () =>
        page.evaluate<boolean>(
          "performance.getEntriesByType('resource').some(({ name }) => /portfolio-/.test(name))",
        ),
      { what: "the other pages" },
    );
    await road.cut();
    await page.route("**/assets/**", (route) => route.abort());
    await page.getByRole("link", { name: "Portfolio" }).click();
    await page.getByRole("heading", { level: 1, name: "Portfolio" }).waitFor();
    expect(await page.getByRole("alert").count()).toBe(0);
    road.mend();
    expect(await seen(panel(page, "Queue and lanes").getByText("Tasks under way"))).toBe(true);
    await page.getByTestId("connection").getByText("live").waitFor();
    await page.close();
  });

  test("says nothing of a cut that is over before anyone has read of it", async () => {
    const page = await site.open("/livez", { role: "supervisor" });
    const road = await roadOf(page);
    await page.goto(`${site.topology.urls.gateway}/projects/4`);
    await settled(page);
    await page.evaluate(WATCH_NOTICES);
    await road.sockets.at(-1)?.close({ code: 1012 });
    await waitFor(() => road.sockets.length > 1, { what: "another connection" });
    await page.getByTestId("connection").getByText("live").waitFor();
    expect(await page.evaluate("globalThis.notices")).toEqual([]);
    await page.close();
  });

  test("goes on by itself after an hour of sleep, with new values", async () => {
    const page = await site.open("/livez");
    const road = await roadOf(page);
    await page.goto(`${site.topology.urls.gateway}/projects/4`);
    await settled(page);
    await waitFor(() => road.sockets.length > 0, { what: "a connection" });
    const before = road.sockets.length;
    road.die();
    const asked = page.waitForRequest(/graphql/);
    await page.evaluate(SLEEP_AN_HOUR);
    await asked;
    await waitFor(() => road.sockets.length > before, { what: "a connection that is alive" });
    await page.getByTestId("connection").getByText("live").waitFor();
    await panel(page, "Budget runway")
      .getByText(/^as of/)
      .waitFor({ state: "detached" });
    expect(await page.getByRole("alert").count()).toBe(0);
    await page.close();
  });

  test("notices a connection that is dead without a word, by the ping that is not answered", async () => {
    const page = await site.open("/livez");
    const road = await roadOf(page);
    await page.goto(`${site.topology.urls.gateway}/projects/4`);
    await settled(page);
    await waitFor(() => road.sockets.length > 0, { what: "a connection" });
    const before = road.sockets.length;
    road.die();
    await waitFor(() => road.sockets.length > before, { what: "a connection that is alive" });
    await page.getByTestId("connection").getByText("live").waitFor();
    await page.close();
  });

  test("says when a token expired during the sleep and whose it was, and offers to go on", async () => {
    const page = await site.open("/livez", { role: "supervisor" });
    await page.goto(`${site.topology.urls.gateway}/projects/4`);
    await settled(page);
    await page.evaluate(SLEEP_AN_HOUR);
    const notice = page
      .getByRole("alert")
      .filter({ hasText: /The token of local-supervisor expired at \d\d:\d\d:\d\d/ });
    await notice.waitFor();
    await page.getByText("Sign in to start, simulate or pause.").waitFor();
    await buttonOf(notice, "Sign in again").click();
    await page.getByRole("dialog", { name: "Sign in" }).waitFor();
    await page.keyboard.press("Escape");
    await buttonOf(notice, "Go on as a visitor").click();
    await notice.waitFor({ state: "detached" });
    expect(await seen(panel(page, "Budget runway").getByRole("img"))).toBe(true);
    await page.close();
  });
});

describe("signing in", () => {
  let site: Site;
  beforeAll(async () => {
    site = await startSite();
  });
  afterAll(() => site?.close());

  test("holds for every tab, and so does signing out, without a reload", async () => {
    const first = await site.open("/projects/4", { role: "supervisor" });
    await buttonOf(first, "Start").waitFor();
    const second = await first.context().newPage();
    await second.goto(`${site.topology.urls.gateway}/projects/5`);
    await buttonOf(second, "Start").waitFor();
    await second.getByRole("button", { name: /supervisor/ }).click();
    await buttonOf(second, "Sign out").click();
    await first.getByText("Sign in to start, simulate or pause.").waitFor();
    await buttonOf(first, "Sign in").click();
    await first.getByLabel("Token").fill(await site.topology.token("admin"));
    await buttonOf(first.getByRole("dialog"), "Sign in").click();
    expect(await seen(second.getByRole("link", { name: "PLM health" }))).toBe(true);
    await second.close();
    await first.close();
  });
});

/** Runs in the page: remembers every notice that is drawn, however shortly. */
const WATCH_NOTICES = `
  globalThis.notices = [];
  new MutationObserver((changes) => {
    for (const { addedNodes } of changes)
      for (const node of addedNodes) if (node.classList?.contains("notice")) notices.push(node.textContent);
  }).observe(document.body, { childList: true, subtree: true });
`;
