import { afterAll, beforeAll, expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "../support/database.ts";
import { startScript } from "../support/script.ts";
import { waitFor } from "../../lib/wait.ts";
import { GATEWAY_SECRET, WEBHOOK_SECRET } from "./support.ts";

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());

/** The process with nothing but this environment. */
function startProcess(environment: Record<string, string>) {
  const child = startScript("subgraphs/plms/main.ts", [], { environment });
  const printed = { text: "" };
  child.stderr.on("data", (chunk: Buffer) => (printed.text += chunk.toString()));
  const exit = new Promise<number | null>((resolve) => void child.once("exit", resolve));
  return { child, printed, exit };
}

test("a start without its environment says everything that is missing, and fails", async () => {
  const { printed, exit } = startProcess({});
  expect(await exit).toBe(1);
  for (const name of ["DATABASE_URL", "GATEWAY_SUBGRAPH_SECRET", "WEBHOOK_SECRET_PAS"]) {
    expect(printed.text).toContain(`- ${name} is missing`);
  }
});

test("a running process answers, and leaves in good order when it is told to", async () => {
  const { child, printed, exit } = startProcess({
    PORT: "0",
    DATABASE_URL: database.url,
    GATEWAY_SUBGRAPH_SECRET: GATEWAY_SECRET,
    WEBHOOK_SECRET_PAS: WEBHOOK_SECRET,
  });
  const url = await waitFor(() => /"url":"([^"]+)"/.exec(printed.text)?.[1], {
    what: "the address",
  });
  expect((await fetch(`${url}/readyz`)).status).toBe(200);
  child.kill("SIGTERM");
  expect(await exit).toBe(0);
});
