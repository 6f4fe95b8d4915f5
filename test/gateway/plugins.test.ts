import { createHmac } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, onTestFinished, test } from "vitest";
import { loadPlugins } from "../../gateway/extensions/plugin.ts";
import { waitFor } from "../../lib/wait.ts";
import { collect } from "./support/collect.ts";
import { answers, startSickSubgraph } from "./support/sick-subgraph.ts";
import { startGateway } from "./support/start-gateway.ts";

const page = readFileSync(join(import.meta.dirname, "../../docs/plugins.md"), "utf8");
const EXAMPLE = /```js\n(.*?)```/s.exec(page)?.[1] ?? "";

/** A module beside the tests, for plugins import packages. */
function moduleWith(text: string): string {
  const file = join(mkdtempSync(join(import.meta.dirname, "plugin-")), "plugin.mjs");
  writeFileSync(file, text);
  onTestFinished(() => rmSync(dirname(file), { recursive: true }));
  return file;
}

async function withExample(env: Record<string, string> = {}, inProcess: boolean | string = true) {
  const file = moduleWith(EXAMPLE);
  const gateway = await startGateway({ PLUGINS: file, ...env }, { inProcess });
  onTestFinished(() => gateway.close());
  const { seen } = (await import(pathToFileURL(file).href)) as { seen: { events: number; errors: string[] } };
  return { gateway, seen };
}

/** The errors that an operation ended with, as its only result or in place of one. */
const errorsOf = ({ results, ends }: ReturnType<typeof collect>): unknown => results[0]?.errors ?? ends[0];

const MOVES = (name: string) => `subscription ${name} ($id: ID!) { boatMoved(id: $id) { miles } }`;

describe("The plugin of the documentation", () => {
  test("refuses operations over every transport, and is told of errors", async () => {
    const { gateway, seen } = await withExample();
    const refused = [{ message: "Give the operation a name", extensions: { code: "BAD_USER_INPUT" } }];
    expect((await gateway.post({ query: "{ whoAmI }" })).body.errors).toMatchObject(refused);
    expect(seen.errors).toContain("Give the operation a name");
    expect((await gateway.post({ query: "query Me { whoAmI }" })).body.errors).toBeUndefined();
    const client = gateway.socketClient();
    const query = collect(client, "{ whoAmI }");
    await waitFor(() => query.ends.length === 1);
    expect(errorsOf(query)).toMatchObject(refused);
    const unnamed = collect(client, MOVES(""), { id: "b1" });
    await waitFor(() => unnamed.ends.length === 1);
    expect(errorsOf(unnamed)).toMatchObject(refused);
  });

  test("sees every event that has gone out", async () => {
    const { gateway, seen } = await withExample();
    const { results, stop } = collect(gateway.socketClient(), MOVES("Moves"), { id: "b1" });
    await waitFor(() => results.length === 1);
    gateway.graph.moveBoat("b1");
    await waitFor(() => results.length === 2);
    await waitFor(() => seen.events === 2);
    stop();
  });

  test("signs what goes to its subgraph", async () => {
    const subgraph = await startSickSubgraph(answers({ data: { whoAmI: "somebody" } }));
    const { gateway } = await withExample({ SUBGRAPH_URLS: `fleet=${subgraph.url}` }, "yard");
    await gateway.post({ query: "query Me { whoAmI }" });
    const signature = createHmac("sha256", "the-key").update("default").digest("hex");
    expect(subgraph.headers().at(-1)?.["x-signature"]).toBe(signature);
  });
});

describe("A plugin that fails", () => {
  test("does no harm where it only watches", async () => {
    const file = moduleWith(
      `export default { name: "clumsy", onEvent() { throw new Error("hunter2"); }, onError() { throw new Error("hunter2"); } }`,
    );
    const gateway = await startGateway({ PLUGINS: file });
    onTestFinished(() => gateway.close());
    const { results, stop } = collect(gateway.socketClient(), MOVES("Moves"), { id: "b1" });
    await waitFor(() => results.length === 1);
    expect(results[0]?.errors).toBeUndefined();
    stop();
  });

  test.each([
    ["onRequest", `onRequest() { throw new Error("hunter2"); }`],
    ["onFetch", `onFetch() { throw new Error("hunter2"); }`],
    [
      "onFetch, with a header of the gateway",
      `onFetch({ headers }) { headers.set("X-Gateway-Secret", "mine"); }`,
    ],
    ["onFetch, with what a header cannot carry", `onFetch({ headers }) { headers.set("x-a", "a\\nb"); }`],
  ])("in %s fails the operation, and nothing of why leaks", async (_what, hook) => {
    const subgraph = await startSickSubgraph(answers({ data: { whoAmI: "somebody" } }));
    const file = moduleWith(`export default { name: "clumsy", ${hook} }`);
    const gateway = await startGateway(
      { PLUGINS: file, SUBGRAPH_URLS: `fleet=${subgraph.url}` },
      { inProcess: "yard" },
    );
    onTestFinished(() => gateway.close());
    const told = new Set<string>();
    // From its second time on an operation takes the way of text.
    for (let time = 0; time < 3; time += 1) {
      const { body } = await gateway.post({ query: "{ whoAmI }" });
      expect(body.errors).toMatchObject([{ extensions: { code: "INTERNAL" } }]);
      expect(JSON.stringify(body)).not.toMatch(/hunter2|plugin|header/);
      told.add(JSON.stringify([body.data, body.errors]).replaceAll(/[\da-f]{8}-[\da-f-]{27}/g, "ID"));
    }
    expect([...told]).toHaveLength(1);
    expect(subgraph.calls()).toBe(0);
  });
});

describe("A module that is no plugin stops the start, by name:", () => {
  test.each([
    ["one that does not exist", undefined, /cannot be loaded/],
    ["one that does not parse", "export default {", /cannot be loaded/],
    ["one without a default export", "export const name = 1;", /PLUGINS/],
    ["one without a name", "export default { onEvent() {} }", /name/],
    ["one whose hook is no function", `export default { name: "x", onEvent: 7 }`, /onEvent/],
    [
      "one with a hook that there is not",
      `export default { name: "x", onSomething() {} }`,
      /no hook onSomething/,
    ],
  ])("%s", async (_what, text, told) => {
    const file = text === undefined ? "/nowhere/plugin.mjs" : moduleWith(text);
    await expect(loadPlugins([file])).rejects.toThrow(told);
    await expect(loadPlugins([file])).rejects.toThrow("PLUGINS");
  });
});
