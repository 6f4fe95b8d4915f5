import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { startEmbeddedPostgres } from "../../db/embedded.ts";
import { createLog } from "../../lib/log.ts";
import { startSizedPartner } from "./size-partner.ts";
import { withCatalogue, type Ask, type Row, type Work, type World } from "./size-world.ts";

/**
 * What large products cost, side by side with another checkout in one run:
 * `node bench/catalog/size.ts --parts 10000,20000,50000 --other PATH`. CPU time of the subgraph's process over HTTP and
 * PostgreSQL; every step is printed as it ends. What came out is in bench/RESULTS.md.
 */
const { values } = parseArgs({
  options: {
    parts: { type: "string", default: "10000,20000,50000" },
    other: { type: "string" },
    /** Of `parts`, `memory`, `orders`, `catalogue`, `long` and `uses`, by comma. */
    only: { type: "string", default: "parts,catalogue,long,uses" },
    models: { type: "string", default: "1600" },
    /** A server to use in the place of one of our own. */
    server: { type: "string" },
    /** A folder for profiles of the processes. */
    profile: { type: "string" },
  },
});

const LINE = "path code name partNumber quantity";
const CREATE = `mutation ($input: CreateWorkOrderInput!, $key: String!) {
  createWorkOrder(input: $input, idempotencyKey: $key) { __typename ... on UserError { message }
    ... on WorkOrderSuccess { workOrder { id number } } } }`;

const running = new AsyncDisposableStack();
const rows: Row[] = [];
try {
  const serverUrl = values.server ?? (await startServer());
  const partner = await startSizedPartner();
  running.defer(() => partner.close());
  const builds = [{ name: "this", root: resolve(import.meta.dirname, "../..") }];
  if (values.other !== undefined) builds.push({ name: "other", root: resolve(values.other) });
  const only = new Set(values.only.split(","));
  for (const build of builds) {
    const onRow = (row: Row) => {
      rows.push(row);
      process.stdout.write(lineOf(row));
    };
    const world = { ...build, serverUrl, partner, profile: values.profile, onRow };
    for (const parts of values.parts.split(",").map(Number)) {
      if (only.has("parts")) await measureParts(world, parts);
      if (only.has("memory")) await measureMemory(world, parts);
      if (only.has("orders")) await measureOrders(world, parts);
    }
    if (only.has("catalogue")) await measureCatalogue(world);
    if (only.has("long")) await measureLongAnswer(world);
    if (only.has("uses")) await measureUses(world, Number(values.models));
  }
  process.stdout.write(`${JSON.stringify({ bench: "size", rows })}\n`);
} finally {
  await running.disposeAsync();
}

async function startServer(): Promise<string> {
  const dataDir = await mkdtemp(join(tmpdir(), "lifecycle-bench-"));
  await chmod(dataDir, 0o755);
  running.defer(() => rm(dataDir, { recursive: true, force: true }));
  const server = await startEmbeddedPostgres({ dataDir, log: createLog({ name: "bench", level: "silent" }) });
  running.defer(() => server.stop());
  return server.url;
}

function lineOf({ build, step, note, ...row }: Row): string {
  const figures = [row.cpuMs, row.holdMs, row.delayMs, row.wallMs, row.rssMb, row.heapMb].map(Math.round);
  return `| ${build} | ${step} | ${figures.join(" | ")} | ${note} |\n`;
}

function creating(key: string, options?: () => readonly string[]): Work {
  return async (ask) => {
    const input = { modelId: "big", ...(options && { options: options() }) };
    const { createWorkOrder } = await ask(CREATE, { input, key });
    const { __typename, message } = createWorkOrder as { __typename: string; message?: string };
    return message?.slice(0, 80) ?? __typename;
  };
}

interface Feature {
  id: string;
}

interface Page {
  pageInfo: { endCursor: string; hasNextPage: boolean };
  edges: unknown[];
}

async function wholeBom(ask: Ask): Promise<string> {
  const { model } = await ask(
    `{ model(id: "big") { bom { lines { ${LINE} children { ${LINE} children { ${LINE} } } } } } }`,
  );
  return `${JSON.stringify(model).length} characters`;
}

async function measureParts(world: World, parts: number): Promise<void> {
  const of = (what: string) => `${parts} parts: ${what}`;
  await withCatalogue(world, [{ code: "BIG", parts, trims: 0 }], async ({ step }) => {
    await step(
      of("one page of models"),
      async (ask) => void (await ask("{ models { totalCount } }")),
      "collect",
    );
    await step(
      of("first reading"),
      async (ask) => void (await ask('{ model(id: "big") { bom { revision } } }')),
      "collect",
    );
    let ids: string[] = [];
    await step(of("features, first page"), async (ask) => {
      const { model } = await ask(
        '{ model(id: "big") { featurePage(first: 100) { totalCount edges { node { id code name partNumber } } } } }',
      );
      return JSON.stringify(model).slice(24, 44);
    });
    await step(of("features, whole"), async (ask) => {
      const { features } = await ask('{ features(modelId: "big") { id code name partNumber isDefault } }');
      ids = (features as Feature[]).map(({ id }) => id);
      return `${ids.length}`;
    });
    await step(of("bom, first page"), async (ask) => {
      const { model } = await ask(
        '{ model(id: "big") { bom { flatLines(first: 100) { totalCount edges { node { path code partNumber } } } } } }',
      );
      return JSON.stringify(model).slice(0, 50);
    });
    await step(of("bom, whole tree"), wholeBom, "collect");
    await step(of("bom, whole tree again"), wholeBom);
    await step(of("bom, whole in pages of 1,000"), async (ask) => {
      let after: string | null = null;
      let lines = 0;
      do {
        const { model } = await ask(
          `query ($after: String) { model(id: "big") { bom { flatLines(first: 1000, after: $after) {
            pageInfo { endCursor hasNextPage } edges { node { path code name partNumber quantity } } } } } }`,
          { after },
        );
        const { pageInfo, edges } = (model as { bom: { flatLines: Page } }).bom.flatLines;
        after = pageInfo.hasNextPage ? pageInfo.endCursor : null;
        lines += edges.length;
      } while (after !== null);
      return `${lines} lines`;
    });
    await step(of("order, first"), creating("first"));
    await step(of("order, one more"), creating("second"));
    await step(
      of("order, all options named"),
      creating("third", () => ids),
      "collect",
    );
  });
}

/** What stays in memory of a model: what was there before it, and after it was read and shown whole. */
async function measureMemory(world: World, parts: number): Promise<void> {
  await withCatalogue(world, [{ code: "BIG", parts, trims: 0 }], async ({ step }) => {
    await step(
      `${parts} parts: memory before`,
      async (ask) => void (await ask("{ models { totalCount } }")),
      "collect",
    );
    await step(`${parts} parts: memory after`, wholeBom, "collect");
  });
}

/** Orders alone, the first of them reading the model. */
async function measureOrders(world: World, parts: number): Promise<void> {
  await withCatalogue(world, [{ code: "BIG", parts, trims: 0 }], async ({ step }) => {
    await step(`${parts} parts: order that reads the model`, creating("reading"));
    for (const key of ["second", "third", "fourth"])
      await step(`${parts} parts: order, ${key}`, creating(key));
  });
}

async function measureCatalogue(world: World): Promise<void> {
  const models = Array.from({ length: 1_700 }, (_, index) => ({
    code: `M${index}`,
    parts: 10,
    trims: index % 17 === 0 ? 4 : 6,
  }));
  const trims = models.reduce((sum, model) => sum + model.trims, 0);
  await withCatalogue(world, models, async ({ step }) => {
    await step(`catalogue of ${models.length} models and ${trims} trims`, async (ask) => {
      const { models: found } = await ask("{ models { totalCount } }");
      return JSON.stringify(found);
    });
  });
}

async function measureLongAnswer(world: World): Promise<void> {
  const models = [
    { code: "LONG", parts: 80_000, trims: 0, nameLength: 700 },
    { code: "SMALL", parts: 10, trims: 0 },
  ];
  await withCatalogue(world, models, async ({ step }) => {
    await step(
      "other reads before",
      async (ask) => void (await ask('{ features(modelId: "small") { id } }')),
    );
    await step("configuration of 64 MB", async (ask) => {
      const loading = ask('{ model(id: "long") { bom { revision } } }');
      const done = loading.then(
        () => true,
        () => true,
      );
      let slowestMs = 0;
      let reads = 0;
      while (!(await Promise.race([done, ask('{ features(modelId: "small") { id } }').then(() => false)]))) {
        const startedAt = performance.now();
        await ask('{ features(modelId: "small") { id } }');
        slowestMs = Math.max(slowestMs, performance.now() - startedAt);
        reads += 1;
      }
      await loading;
      return `${reads} other reads meanwhile, the slowest ${Math.round(slowestMs)} ms`;
    });
  });
}

async function measureUses(world: World, count: number): Promise<void> {
  const models = Array.from({ length: count }, (_, index) => ({ code: `U${index}`, parts: 50, trims: 0 }));
  const uses: Work = async (ask) => {
    const { partUses } = await ask('{ partUses(partNumber: "N-7") { model { code } line { path } } }');
    return `${(partUses as unknown[]).length} uses`;
  };
  await withCatalogue(world, models, async ({ step }) => {
    const first = await step(`where a part is used, ${count} models, first`, uses);
    if (first.note.includes("not been read yet"))
      await step("until all models are read", async (ask) => {
        for (;;) {
          const answer = await uses(ask).catch((error: unknown) => String(error));
          if (answer?.endsWith("uses")) return answer;
          if (!answer?.includes("not been read yet")) throw new Error(answer);
          await new Promise((resolve) => setTimeout(resolve, 2_000));
        }
      });
    await step("where a part is used", uses);
    await step("where a part is used, again", uses);
    const before = new Map(world.partner.answers);
    await step("the 20 s after it", async () => {
      await new Promise((resolve) => setTimeout(resolve, 20_000));
      const more = [...world.partner.answers].map(
        ([status, n]) => `${n - (before.get(status) ?? 0)} of ${status}`,
      );
      return `answers of the PLM: ${more.join(", ")}`;
    });
  });
}
