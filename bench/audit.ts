import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { option, say } from "./engine/command-line.ts";
import type { Launch } from "./engine/fleet.ts";
import { onStage } from "./engine/stage.ts";
import { nameOf } from "./engine/table.ts";

/**
 * `npm run bench:audit -- --audit http://127.0.0.1:4200 [--only ours,oursNative,oursApollo,stock,hive,hiveRust] [--suites a,b]`: the public audit of
 * federation gateways (graphql-hive/federation-gateway-audit), by the rules of its own runner: `data` has to be equal, and
 * whether there are errors as far as a case says so. The audit serves its subgraphs, supergraphs and cases itself, by its
 * command `serve`; docs/comparison.md says how.
 */
const audit = option("audit");
const only = option("only")?.split(",") ?? ["ours"];
const wantedSuites = option("suites")?.split(",");

/** Gateways by name: their file, and what their environment says. */
const LAUNCHES: Record<string, Launch & { environment?: Record<string, string> }> = {
  ours: { file: "ours" },
  oursNative: { file: "ours", environment: { QUERY_PLANNER: "native-only" } },
  oursApollo: { file: "ours", environment: { QUERY_PLANNER: "apollo" } },
  stock: { file: "stock" },
  hive: { file: "hive" },
  hiveRust: { file: "hive", env: { HIVE_PLANNER: "rust" } },
};

interface Case {
  query: string;
  expected: { data?: unknown; errors?: boolean };
}

interface Answer {
  data?: unknown;
  errors?: unknown[];
}

/** What is wrong with the answer to each case of a suite; undefined where nothing is. */
function outcomesOf(name: string, suite: string): Promise<(string | undefined)[]> {
  return onStage(async (stage) => {
    const supergraphFile = join(stage.folder, "supergraph.graphql");
    writeFileSync(supergraphFile, await (await fetch(`${audit}/${suite}/supergraph`)).text());
    const { environment = {}, ...launch } = LAUNCHES[name] ?? { file: name };
    const jwtSecret = "a secret that only this audit knows";
    const setting = { supergraphFile, subgraphs: {}, jwtSecret, environment };
    const cases = await get<Case[]>(`${suite}/tests`);
    const outcomes: (string | undefined)[] = [];
    const { url } = await stage.start({ ...launch, setting });
    for (const { query, expected } of cases) outcomes.push(problemOf(await ask(url, query), expected));
    return outcomes;
  });
}

function problemOf({ data = null, errors = [] }: Answer, expected: Case["expected"]): string | undefined {
  const wanted = expected.data ?? null;
  if (!isDeepStrictEqual(data, wanted))
    return `${JSON.stringify(data)} ${JSON.stringify(errors)} instead of ${JSON.stringify(wanted)}`;
  if (expected.errors === undefined || expected.errors === errors.length > 0) return undefined;
  return expected.errors ? "has no errors" : `has errors: ${JSON.stringify(errors)}`;
}

async function ask(url: string, query: string): Promise<Answer> {
  const headers = { accept: "application/json", "content-type": "application/json" };
  const response = await fetch(url, { method: "POST", headers, body: JSON.stringify({ query }) });
  return (await response.json()) as Answer;
}

async function get<T>(path: string): Promise<T> {
  const response = await fetch(`${audit}/${path}`, { headers: { accept: "application/json" } });
  if (!response.ok) throw new Error(`${audit}/${path} answers ${response.status}`);
  return (await response.json()) as T;
}

if (audit === undefined)
  throw new Error("--audit has to be the address of the audit, as http://127.0.0.1:4200");
const unknown = only.filter((name) => !(name in LAUNCHES));
if (unknown.length > 0)
  throw new Error(`--only names ${unknown.join(", ")}; allowed: ${Object.keys(LAUNCHES).join(", ")}`);
const suites = wantedSuites ?? (await get<string[]>("ids"));
for (const name of only) {
  const failed: string[] = [];
  let cases = 0;
  for (const suite of suites) {
    const outcomes = await outcomesOf(name, suite);
    cases += outcomes.length;
    failed.push(
      ...outcomes.flatMap((problem, index) =>
        problem === undefined ? [] : [`${suite} ${index}: ${problem}`],
      ),
    );
  }
  say(`${nameOf(name)}: ${cases - failed.length} of ${cases} cases`);
  for (const line of failed) say(`  ${line}`);
}
