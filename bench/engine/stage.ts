import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { signToken } from "../../lib/jwt.ts";
import type { Setting } from "./contender.ts";
import { launch, type Launch, type Running } from "./fleet.ts";
import { composeGraph, OPERATIONS, type Shape } from "./graph.ts";

/** The processes and files of a benchmark; all of them go when it ends, well or not. */
export interface Stage {
  folder: string;
  start(options: Launch): Promise<Running>;
  /** Starts a subgraph for each name, and says what gateways over them need to know. */
  setUp(
    environments: Readonly<Record<string, Record<string, string>>>,
    compose: (urls: Record<string, string>) => string,
  ): Promise<{ subgraphs: ReadonlyMap<string, Running>; setting: Setting }>;
  /** Starts a gateway for each name, one after the other. */
  startAll(
    launches: Readonly<Record<string, Launch>>,
    settingOf: (name: string) => Setting,
  ): Promise<Map<string, Running>>;
}

const JWT = {
  secret: "a secret that only this benchmark knows",
  issuer: "lifecycle-gateway",
  audience: "lifecycle-gateway",
};

/** @example await onStage(async (stage) => { const { setting } = await stage.setUp(PROJECTS, composeGraph); … }); */
export async function onStage<T>(play: (stage: Stage) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "gateway-bench-"));
  const running: Running[] = [];
  const start: Stage["start"] = async (options) => {
    const started = await launch(options);
    running.push(started);
    return started;
  };
  try {
    return await play({
      folder,
      start,
      setUp: async (environments, compose) => {
        const subgraphs = new Map<string, Running>();
        for (const [name, env] of Object.entries(environments))
          subgraphs.set(name, await start({ file: "subgraph", env: { SUBGRAPH: name, ...env } }));
        const urls = Object.fromEntries([...subgraphs].map(([name, { url }]) => [name, url]));
        const supergraphFile = join(folder, "supergraph.graphql");
        writeFileSync(supergraphFile, compose(urls));
        return { subgraphs, setting: { supergraphFile, subgraphs: urls, jwtSecret: JWT.secret } };
      },
      startAll: async (launches, settingOf) => {
        const gateways = new Map<string, Running>();
        for (const [name, options] of Object.entries(launches))
          gateways.set(name, await start({ ...options, setting: settingOf(name) }));
        return gateways;
      },
    });
  } finally {
    await Promise.all(running.map((each) => each.stop()));
    rmSync(folder, { recursive: true });
  }
}

/** The two subgraphs that most benchmarks ask. */
export const setUpProjects = (stage: Stage): ReturnType<Stage["setUp"]> =>
  stage.setUp({ plms: {}, catalog: {} }, composeGraph);

const VARIABLE_SETS = 64;

/** Requests for an operation, each for another project. */
export const bodiesOf = (shape: Shape): string[] =>
  Array.from({ length: VARIABLE_SETS }, (_, n) =>
    JSON.stringify({ query: OPERATIONS[shape], variables: { id: `p${n}` } }),
  );

/** The headers of a caller; another subject is another caller, whose fetches are shared with nobody. */
export async function headersOf(
  subject: string,
  scopes: readonly string[] = [],
): Promise<Record<string, string>> {
  const claims = { subject, scopes, role: "operator", departments: [], tenant: "default" } as const;
  return { authorization: `Bearer ${await signToken(JWT, claims, 3_600)}` };
}
