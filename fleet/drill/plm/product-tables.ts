import { execFile } from "node:child_process";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import type { Drill, DrillContext } from "../support/drill.ts";
import { startPlmStack, type PlmStack } from "./stack.ts";
import { temporaryFolder } from "../support/database.ts";

const COMMAND = join(import.meta.dirname, "../../../subgraphs/catalog/legacy/products-cli.ts");
const READ_EVERY_MS = 20;
const ENV = { PLM_IS_SOURCE_OF_TRUTH: "true", PLM_POLL_SECONDS: "1" };
const READ = `query ($id: ID!) { models { totalCount } model(id: "lx24") { trims { id } features { id } }
  workOrder(id: $id) { model { id } trim { id } options { id } } }`;
const CREATE = `mutation ($key: String!) { createWorkOrder(
  input: { modelId: "lx24", trimId: "lx24-base" }, idempotencyKey: $key) {
  __typename ... on UserError { message } ... on WorkOrderSuccess { workOrder { id } } } }`;

const run = promisify(execFile);

/** Archives and removes the MRP's product tables under readers and orders, and brings them back. */
export const productTables: Drill = {
  name: "product-tables",
  promise:
    "once the PLM is in charge, the MRP's product tables can be archived, removed and restored: models, features, old orders and new ones answer all the while, under the same ids, and every row comes back",
  run: async ({ quick, report, defer }) => {
    const stack = await startPlmStack(defer, { replicas: quick ? 1 : 2, env: ENV });
    const file = join(await temporaryFolder(defer), "products.json.gz");
    const products = (action: string) =>
      run(process.execPath, [COMMAND, action, file], {
        env: { ...process.env, DATABASE_URL: stack.databaseUrl },
      });
    const first = await order(stack);
    report.check("an order is taken before", first.id !== undefined, first.message);
    const id = first.id ?? "";
    const before = JSON.stringify(await stack.read({ query: READ, variables: { id }, as: "supervisor" }));
    const reading = keepReading(stack, { id, before });

    const archived = await products("archive");
    report.did(`archived the tables: ${archived.stdout.trim().replaceAll("\n", "; ")}`);
    report.figure("bytes of the archive", (await stat(file)).size);
    await sleep(quick ? 1_000 : 5_000);
    const meanwhile = await order(stack);
    report.check("an order is taken without the tables", meanwhile.id !== undefined, meanwhile.message);
    const again = await products("archive").then(
      () => "done twice",
      ({ stderr }: { stderr: string }) => stderr,
    );
    report.check("they cannot be archived twice", /archived already/.test(again), again.trim());

    const restored = await products("restore");
    report.did(`restored the tables: ${restored.stdout.trim().replaceAll("\n", "; ")}`);
    report.check("every row came back", rowsIn(restored.stdout) === rowsIn(archived.stdout));
    await reading.end(report);
  },
};

/** The numbers of rows that the command told, table by table. */
const rowsIn = (told: string): string =>
  told
    .split("\n")
    .map((line) => /catalog\.\S+ \d+ rows/.exec(line)?.[0])
    .filter((rows) => rows !== undefined)
    .toSorted()
    .join();

interface Created {
  createWorkOrder: { message?: string; workOrder?: { id: string } };
}

async function order(stack: PlmStack): Promise<{ id: string | undefined; message: string | undefined }> {
  const question = { query: CREATE, variables: { key: crypto.randomUUID() }, as: "supervisor" } as const;
  const { createWorkOrder } = await stack.read<Created>(question);
  return { id: createWorkOrder.workOrder?.id, message: createWorkOrder.message };
}

/** Reads everything at every replica again and again, until somebody asks what came of it. */
function keepReading(stack: PlmStack, { id, before }: { id: string; before: string }) {
  const over = new AbortController();
  let answers = 0;
  const wrong: string[] = [];
  const read = async (): Promise<void> => {
    while (!over.signal.aborted) {
      const question = { query: READ, variables: { id }, as: "supervisor", replica: answers } as const;
      const { data, errors } = await stack.ask(question);
      answers += 1;
      if (errors || JSON.stringify(data) !== before) wrong.push(JSON.stringify(errors ?? data).slice(0, 200));
      await sleep(READ_EVERY_MS);
    }
  };
  const reading = read();
  return {
    end: async (report: DrillContext["report"]) => {
      over.abort();
      await reading;
      report.figure("answers meanwhile", answers);
      report.check("every answer was the one from before", wrong.length === 0, wrong[0]);
    },
  };
}
