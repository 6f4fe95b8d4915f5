import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Shape } from "./engine/graph.ts";
import { load } from "./engine/load.ts";
import { bodiesOf, headersOf, onStage, setUpProjects } from "./engine/stage.ts";
import { topSelfTime, type CpuProfile } from "./engine/self-time.ts";

/**
 * `npm run bench:profile -- [small|large|compiled] [contender] [healthy|down|faulty]`: where the CPU time of a gateway goes
 * while its second subgraph is in that state.
 */
const [shape = "small", file = "ours", state = "healthy"] = process.argv.slice(2);
const WARM_UP_MS = 8_000;
const DURATION_MS = 8_000;

await onStage(async (stage) => {
  const { subgraphs, setting } = await setUpProjects(stage);
  const { folder } = stage;
  const execArgv = ["--cpu-prof", `--cpu-prof-dir=${folder}`];
  const gateway = await stage.start({ file, setting, execArgv });
  const headers = await headersOf("bench");
  const bodies = bodiesOf(shape as Shape);
  const options = { url: gateway.url, bodies, headers, connections: 16 };
  subgraphs.get("catalog")?.tell(state);
  await load({ ...options, durationMs: WARM_UP_MS });
  const before = await gateway.usage();
  const { requests } = await load({ ...options, durationMs: DURATION_MS });
  const cpuUs = ((await gateway.usage()).cpuUs - before.cpuUs) / requests;
  await gateway.stop();
  const name = readdirSync(folder).find((each) => each.endsWith(".cpuprofile")) ?? "";
  const profile = JSON.parse(readFileSync(join(folder, name), "utf8")) as CpuProfile;
  process.stdout.write(
    `${file} ${shape}: ${cpuUs.toFixed(1)} µs of CPU per request over ${requests} requests\n`,
  );
  for (const { place, share } of topSelfTime(profile, Number(process.env["TOP"] ?? 10))) {
    process.stdout.write(`${(share * 100).toFixed(1).padStart(5)} %  ${place}\n`);
  }
});
