import { option } from "./engine/command-line.ts";
import type { Launch } from "./engine/fleet.ts";
import { median } from "./engine/in-turns.ts";
import { composeShop, SHOP } from "./engine/shop.ts";
import { headersOf, onStage, type Stage } from "./engine/stage.ts";
import { sayTable } from "./engine/table.ts";

/**
 * `npm run bench:start-up -- [--rounds N] [--only ours,hive]`: how long a gateway takes from the start of its process to the
 * first answer over two subgraphs, and the memory that it has then, with its processes. Contenders take turns.
 */
const rounds = Number(option("rounds") ?? 5);
const only = option("only")?.split(",");
const LAUNCHES: Record<string, Launch> = {
  ours: { file: "ours" },
  stock: { file: "stock" },
  hive: { file: "hive" },
  hiveRust: { file: "hive", env: { HIVE_PLANNER: "rust" } },
};
const QUERY = "{ users { id username reviews { id product { upc name } } } }";

interface Figure {
  ms: number;
  mb: number;
}

async function firstAnswer(stage: Stage, launch: Launch): Promise<Figure> {
  const startedMs = performance.now();
  const gateway = await stage.start(launch);
  const headers = { "content-type": "application/json", ...(await headersOf("start-up")) };
  const response = await fetch(gateway.url, {
    method: "POST",
    headers,
    body: JSON.stringify({ query: QUERY }),
  });
  const { data, errors } = (await response.json()) as { data?: object; errors?: object[] };
  if (!data || errors) throw new Error(`${launch.file} answers ${JSON.stringify(errors)}`);
  const ms = performance.now() - startedMs;
  const { rssBytes } = await gateway.usage();
  await gateway.stop();
  return { ms, mb: rssBytes / 1_048_576 };
}

await onStage(async (stage) => {
  const { setting } = await stage.setUp(
    Object.fromEntries(SHOP.map((name) => [name, { GRAPH: "shop" }])),
    composeShop,
  );
  const wanted = Object.entries(LAUNCHES).filter(([name]) => !only || only.includes(name));
  const figures = new Map<string, Figure[]>(wanted.map(([name]) => [name, []]));
  for (let round = 0; round <= rounds; round++)
    for (const [name, launch] of wanted) {
      const figure = await firstAnswer(stage, { ...launch, setting });
      // The first time, what is compiled is not kept yet.
      if (round > 0) figures.get(name)?.push(figure);
    }
  const medians = [...figures].map(([name, of]) => [
    name,
    [median(of.map(({ ms }) => ms)), median(of.map(({ mb }) => mb))].map(Math.round),
  ]);
  sayTable(["first answer, ms", "memory, MB"], Object.fromEntries(medians));
});
