import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { launch } from "./engine/fleet.ts";
import { composeGraph, OPERATIONS, type Shape } from "./engine/graph.ts";
import { load } from "./engine/load.ts";
import { headersOf, JWT } from "./engine/tokens.ts";
import { topSelfTime, type CpuProfile } from "./engine/self-time.ts";

/** `npm run bench:profile -- [small|large|compiled] [contender]`: where the CPU time of a gateway goes. */
const [shape = "small", file = "ours"] = process.argv.slice(2);
const WARM_UP_MS = 8_000;
const DURATION_MS = 8_000;

const folder = mkdtempSync(join(tmpdir(), "gateway-profile-"));
const plms = await launch({ file: "subgraph", env: { SUBGRAPH: "plms" } });
const catalog = await launch({ file: "subgraph", env: { SUBGRAPH: "catalog" } });
try {
  const subgraphs = { plms: plms.url, catalog: catalog.url };
  const supergraphFile = join(folder, "supergraph.graphql");
  writeFileSync(supergraphFile, composeGraph(subgraphs));
  const gateway = await launch({
    file,
    setting: { supergraphFile, subgraphs, jwtSecret: JWT.secret },
    execArgv: ["--cpu-prof", `--cpu-prof-dir=${folder}`],
  });
  const headers = await headersOf("bench");
  const query = OPERATIONS[shape as Shape];
  const bodies = Array.from({ length: 64 }, (_, n) => JSON.stringify({ query, variables: { id: `p${n}` } }));
  const options = { url: gateway.url, bodies, headers, connections: 16 };
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
} finally {
  await Promise.all([plms.stop(), catalog.stop()]);
  rmSync(folder, { recursive: true });
}
