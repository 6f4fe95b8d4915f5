import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { afterAll, describe, expect, test } from "vitest";
import { waitFor } from "../../lib/wait.ts";
import { isFull } from "../support/depth.ts";

const started: ChildProcess[] = [];
afterAll(() => started.forEach((child) => child.kill("SIGKILL")));

/** Starts Node on free ports and gathers what it prints. */
function start(args: readonly string[], env: Record<string, string> = {}) {
  const child = spawn(process.execPath, args, {
    env: { ...process.env, MOCK_PLM_PORT: "0", MOCK_PAS_PORT: "0", LOG_LEVEL: "info", ...env },
    stdio: ["ignore", "ignore", "pipe"],
  });
  started.push(child);
  const output: string[] = [];
  child.stderr.on("data", (chunk: Buffer) => output.push(chunk.toString()));
  const text = () => output.join("");
  const urls = () => [...text().matchAll(/listening on (http:[^"]+)/g)].map((match) => match[1]);
  return { child, text, urls, exit: once(child, "close") as Promise<[number | null, string | null]> };
}

describe.runIf(isFull).concurrent("entry points", () => {
  test.each([
    ["mocks/plm/main.ts", 1, "SIGTERM"],
    ["mocks/pas/main.ts", 1, "SIGINT"],
    ["mocks/main.ts", 2, "SIGTERM"],
  ] as const)("%s serves %i until %s and leaves with exit code 0", async (entry, servers, signal) => {
    const mocks = start([entry]);
    const urls = await waitFor(() => mocks.urls().length === servers && mocks.urls());
    for (const url of urls) expect((await fetch(`${url}/_requests`)).status).toBe(200);
    mocks.child.kill(signal);
    expect(await mocks.exit).toEqual([0, null]);
  });

  test.each([
    ["mocks/plm/main.ts", "MOCK_PLM_PORT"],
    ["mocks/pas/main.ts", "MOCK_PAS_PORT"],
  ])("%s says what is wrong with its environment and leaves with exit code 1", async (entry, variable) => {
    const mocks = start([entry], { [variable]: "many" });
    expect(await mocks.exit).toEqual([1, null]);
    expect(mocks.text()).toContain(`${variable}: "many" is not allowed; expected an integer from 0 to 65535`);
  });

  test("say which variable to change when a port is taken", async () => {
    const other = createServer().listen(0, "127.0.0.1");
    await once(other, "listening");
    const { port } = other.address() as AddressInfo;
    const mocks = start(["mocks/main.ts"], { MOCK_PAS_PORT: String(port) });
    expect(await mocks.exit).toEqual([1, null]);
    expect(mocks.text()).toMatch(
      /^Port \d+ on 127.0.0.1 is taken by another program: stop it, or set MOCK_PAS_PORT to another port .*$/m,
    );
    other.close();
  });
});

/** Runs of every kind, held messages and hanging callers: all that could keep a process alive. */
const BUSY_THEN_CLOSED = `
  import { createPasMock } from "./mocks/pas/server.ts";
  import { createPlmMock } from "./mocks/plm/server.ts";
  const address = { host: "127.0.0.1", port: 0 };
  const secret = "whsec_" + Buffer.from("a-secret-for-tests-only-24+").toString("base64");
  const plm = createPlmMock();
  plm.setFaults([{ path: "/plm/*", mode: "hang" }]);
  const hanging = fetch(await plm.listen(address) + "/plm/catalog").catch(() => "ended");
  const receiver = createPlmMock();
  const webhookUrl = await receiver.listen(address);
  const mocks = [{ speed: 20000 }, { speed: 1 }].map((options) => createPasMock({ webhookSecret: secret, webhookUrl, ...options }));
  for (const pas of mocks) {
    pas.setFaults([{ path: "/webhooks/*", mode: "reordered", latencyMs: 600000 }]);
    await fetch(await pas.listen(address) + "/pas/architect/submit", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ project_id: 1, provider_matrix: { anthropic: "1" } }),
    });
  }
  while (!receiver.requests()["/webhooks/pas/receipts"] || !plm.requests()["/plm/catalog"]) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  await Promise.all([plm, receiver, ...mocks].map((mock) => mock.close()));
  await hanging;
`;

describe.runIf(isFull)("closing in the middle of work", () => {
  test("leaves nothing behind that keeps the process alive", async () => {
    const { exit, text } = start(["--input-type=module", "--eval", BUSY_THEN_CLOSED]);
    expect([await exit, text()]).toEqual([[0, null], ""]);
  });
});
