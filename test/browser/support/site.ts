import { print } from "graphql";
import type { TypedDocumentNode } from "@graphql-typed-document-node/core";
import { inject } from "vitest";
import { chromium, type BrowserContext, type Locator, type Page } from "../../../tools/browser.ts";
import { buildDashboard } from "../../../dashboard/build.ts";
import type { Role } from "../../../lib/identity.ts";
import { startTopology, type Topology } from "../../e2e/support/topology.ts";
import { waitFor } from "../../../lib/wait.ts";

interface Visit {
  role?: Role;
  scheme?: "light" | "dark";
  width?: number;
  motion?: "reduce" | "no-preference";
}

/** The whole system with a browser in front of it, that keeps what it has loaded from page to page. */
export interface Site {
  topology: Topology;
  /** Exceptions that no page caught, and requests to other machines: there must never be one. */
  mistakes: readonly string[];
  /** Opens a page, with a session of its own. */
  open(path: string, visit?: Visit): Promise<Page>;
  /** Asks the gateway past the page, as an administrator. */
  ask<T, V>(document: TypedDocumentNode<T, V>, variables: V): Promise<T>;
  /** Lets the mock PLM fail as the rules say; none heals it. */
  breakPlm(rules: object[]): Promise<void>;
  /** @throws Error when a page made a mistake */
  close(): Promise<void>;
}

/** How long to wait for what a page shall show: on a loaded machine that is long, and no reason to fail. */
const PATIENCE_MS = 90_000;

/** Where the page keeps its token. */
const TOKEN_KEY = "lifecycle-gateway.token";

export async function startSite(
  env: Readonly<Record<string, string>> = {},
  catalog: Readonly<Record<string, string>> = {},
): Promise<Site> {
  await buildDashboard();
  const topology = await startTopology("one process", env, catalog);
  const browser = await chromium.connect(inject("browserEndpoint"));
  const context = await browser.newContext({ locale: "en-US", timezoneId: "Europe/Madrid" });
  context.setDefaultTimeout(PATIENCE_MS);
  const mistakes: string[] = [];
  return {
    topology,
    mistakes,
    open: async (path, visit = {}) => {
      const page = await newPage(context, visit);
      page.on("pageerror", (error) => mistakes.push(String(error)));
      page.on("request", (request) => {
        if (!request.url().startsWith(topology.urls.gateway)) mistakes.push(request.url());
      });
      const token = visit.role && (await topology.token(visit.role));
      const entry: [string, string | undefined] = [TOKEN_KEY, token];
      await page.addInitScript(signInOnce, entry);
      await page.goto(`${topology.urls.gateway}${path}`);
      return page;
    },
    ask: (document, variables) => ask(topology, { query: print(document), variables }),
    breakPlm: async (rules) => {
      await send(`${topology.urls.plm}/_faults`, { method: "PUT", body: { rules } });
    },
    close: async () => {
      await browser.close();
      await topology.close();
      if (mistakes.length > 0) throw new Error(`the pages made mistakes: ${mistakes.join(", ")}`);
    },
  };
}

/**
 * Runs in every page before its own scripts: whoever signs out or renews the token stays as they are. Who signs in does so
 * for every page of the browser, so that a visitor has to be signed out first.
 */
function signInOnce([key, token]: [string, string | undefined]): void {
  if (sessionStorage.getItem("signed in once") !== null) return;
  sessionStorage.setItem("signed in once", "");
  if (token === undefined) localStorage.removeItem(key);
  else localStorage.setItem(key, token);
}

async function newPage(context: BrowserContext, visit: Visit): Promise<Page> {
  const { scheme = "light", width = 1280, motion = "reduce" } = visit;
  const page = await context.newPage();
  await page.setViewportSize({ width, height: 900 });
  await page.emulateMedia({ colorScheme: scheme, reducedMotion: motion });
  return page;
}

async function ask<T>(topology: Topology, body: object): Promise<T> {
  const response = await send(`${topology.urls.gateway}/graphql`, {
    method: "POST",
    headers: { authorization: `Bearer ${await topology.token("admin")}` },
    body,
  });
  const { data, errors } = (await response.json()) as { data?: T; errors?: unknown };
  if (!data || errors) throw new Error(`the gateway answered ${JSON.stringify(errors)}`);
  return data;
}

interface Sent {
  method: string;
  headers?: Record<string, string>;
  body: object;
}

const send = (url: string, { method, headers, body }: Sent) =>
  fetch(url, {
    method,
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
  });

/** A panel of the page by its title. */
export const panel = (page: Page, title: string) => page.getByRole("region", { name: title, exact: true });

/** Waits until every panel has its value. */
export async function settled(page: Page): Promise<void> {
  await page.getByRole("heading", { level: 1 }).waitFor();
  await waitFor(async () => (await page.locator("[aria-busy=true]").count()) === 0, {
    what: "a value in every panel",
  });
}

/** US dollars that the gauge of a project shows as spent; NaN while there is no gauge. */
export async function spentUsd(page: Page): Promise<number> {
  const label = await panel(page, "Budget runway").getByRole("img").getAttribute("aria-label");
  return Number(/Spent \$([\d.]+)/.exec(label ?? "")?.[1]);
}

/** True once the element is there to be seen. @throws Error naming it when it does not come in time */
export async function seen(element: Locator): Promise<true> {
  await element.waitFor();
  return true;
}

/** Waits until a toast says what came of an action. */
export const told = (page: Page, text: string) => page.getByRole("status").getByText(text).waitFor();
