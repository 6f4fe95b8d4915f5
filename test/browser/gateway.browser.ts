import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ModelsDocument } from "../../schema/generated/documents.ts";
import { waitFor } from "../../lib/wait.ts";
import { seriousProblems } from "./support/axe.ts";
import { panel, seen, settled, startSite, type Site } from "./support/site.ts";

describe("the gateway page", () => {
  let site: Site;
  beforeAll(async () => {
    site = await startSite();
  });
  afterAll(() => site?.close());

  test("says in one look whether the gateway is well, and what it does", async () => {
    await site.ask(ModelsDocument, { first: 10 });
    const page = await site.open("/gateway", { role: "admin" });
    await settled(page);
    const now = panel(page, "The gateway right now");
    await now.locator("header").getByText("healthy").waitFor();
    await now.getByText("2 of 2").waitFor();
    for (const name of ["plms", "catalog"]) {
      const subgraph = panel(page, `Subgraph ${name}`);
      await subgraph.locator("header").getByText("closed").waitFor();
      await subgraph.getByText("It answers.").waitFor();
    }
    await panel(page, "Query plans")
      .getByText(/of [\d,]+$/)
      .waitFor();
    expect(await seen(panel(page, "Subscriptions").getByText("Open WebSockets"))).toBe(true);
    const models = panel(page, "Slow operations").getByRole("row", { name: /Models query/ });
    await models.waitFor();
    expect(await panel(page, "Slow operations").getByRole("columnheader").allTextContents()).toEqual([
      "Operation",
      "Calls",
      "With errors",
      "On average",
      "Slowest",
      "When",
    ]);
    await models.getByRole("button", { name: "Plan" }).click();
    await page.getByLabel("Plan of Models").getByText("catalog").waitFor();
    await page.close();
  });

  test("draws rates, times and lags over the range that is asked for, and who shares which stream", async () => {
    const page = await site.open("/gateway?range=15m", { role: "admin" });
    const traffic = panel(page, "Operations and events over time");
    const operations = traffic.getByRole("slider", { name: /^Operations: \d+, \d+ of them with errors$/ });
    await operations.waitFor();
    await waitFor(async () =>
      /operations \/ s 0\.\d/.test((await operations.getAttribute("aria-valuetext")) ?? ""),
    );
    await panel(page, "Streams and who shares them")
      .getByRole("row", { name: /SubgraphHealth/ })
      .first()
      .waitFor();
    await panel(page, "Lag of events").getByRole("row").first().waitFor();
    await panel(page, "Callers that were refused").getByText("Nobody asked more often").waitFor();
    await panel(page, "Subgraph plms")
      .getByRole("slider", { name: "Time that plms took to answer" })
      .waitFor();
    expect(await seriousProblems(page)).toEqual([]);
    await page.close();
  });

  test("shows the circuit of a subgraph opening the moment it is told", async () => {
    const page = await site.open("/livez", { role: "admin" });
    const state = { isBroken: false };
    const resend: (() => void)[] = [];
    await page.routeWebSocket(/graphql/, (route) => {
      const server = route.connectToServer();
      server.onMessage((message) => {
        const frame = JSON.parse(String(message)) as Frame;
        if (frame.payload?.data?.subgraphHealth?.name !== "plms") return route.send(message);
        const send = () => route.send(JSON.stringify(state.isBroken ? broken(frame) : frame));
        resend.push(send);
        return send();
      });
    });
    await page.goto(`${site.topology.urls.gateway}/gateway`);
    const plms = panel(page, "Subgraph plms");
    await plms.getByText("It answers.").waitFor();
    state.isBroken = true;
    for (const send of resend) send();
    await plms.locator("header").getByText("open", { exact: false }).waitFor();
    await plms.getByText("Left alone until the next probe.").waitFor();
    await plms.getByText("Last failure: the connection was cut").waitFor();
    await plms.getByText(/in \d+ s/).waitFor();
    expect(await seen(plms.getByText("closed → open"))).toBe(true);
    await page.close();
  });

  test("shows everybody the circuit to the PLM, and only those who may the rest", async () => {
    const page = await site.open("/gateway", { role: "operator" });
    await panel(page, "Circuit to the PLM").getByText("The PLM answers.").waitFor();
    await panel(page, "For those who run the gateway").waitFor();
    expect(await page.getByRole("region").count()).toBe(2);
    await page.close();
  });

  test("goes on with its other panels when the subgraphs' figures cannot be had", async () => {
    const page = await site.open("/gateway", { role: "admin" });
    await settled(page);
    await page.route("**/graphql", (route) =>
      route.fulfill({ json: { errors: [{ message: "no figures today" }] } }),
    );
    const now = panel(page, "The gateway right now");
    await now.getByRole("alert").getByText("no figures today").waitFor();
    await now.getByText(/^as of/).waitFor();
    await now.getByText("2 of 2").waitFor();
    await waitFor(() => panel(page, "Subgraph plms").getByText("It answers.").isVisible());
    await page.close();
  });
});

interface Frame {
  payload?: { data?: { subgraphHealth?: { name: string; circuitBreaker: object } } };
}

/** The same news, of a subgraph whose circuit has just opened. */
function broken(frame: Frame): object {
  const health = frame.payload?.data?.subgraphHealth;
  const at = new Date().toISOString();
  const circuitBreaker = {
    ...health?.circuitBreaker,
    state: "OPEN",
    openedAt: at,
    nextProbeAt: new Date(Date.now() + 30_000).toISOString(),
    transitions: [{ from: "CLOSED", to: "OPEN", at, cause: "UND_ERR_SOCKET" }],
  };
  const subgraphHealth = { ...health, reachable: false, lastError: "UND_ERR_SOCKET", circuitBreaker };
  return { ...frame, payload: { data: { subgraphHealth } } };
}
