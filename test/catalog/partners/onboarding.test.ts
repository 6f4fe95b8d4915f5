import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "../../support/database.ts";
import { waitFor } from "../../../lib/wait.ts";
import { forgetPlmState, startPlm, startReplica, type CatalogTest } from "../support.ts";

const GUIDE = new URL("../../../docs/onboarding.md", import.meta.url);
const BLOCK = /^```(sh|graphql|json)\n([^]*?)^```$/gm;
/** What starts a process that stays, and what the test starts in its place. */
const STARTS = "npm run catalog";

interface Step {
  language: string;
  text: string;
}

let database: TestDatabase;
let folder: string;
beforeAll(async () => {
  database = await createTestDatabase({ seed: true });
  folder = await mkdtemp(join(tmpdir(), "onboarding-"));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
  await database.close();
});

/** The blocks of each section of the guide, in their order. */
async function sectionsOf(): Promise<Map<string, Step[]>> {
  const [, ...sections] = (await readFile(GUIDE, "utf8")).split(/^## /m);
  return new Map(
    sections.map((section) => [
      section.split("\n", 1)[0] ?? "",
      Array.from(section.matchAll(BLOCK), ([, language = "", text = ""]) => ({ language, text })),
    ]),
  );
}

/** Runs what a person would, against this test's PLM and database. */
async function shell(text: string, baseUrl: string): Promise<string> {
  const command = text
    .replaceAll("http://127.0.0.1:5100", baseUrl)
    .replaceAll("products.json.gz", join(folder, "products.json.gz"));
  const env = { ...process.env, DATABASE_URL: database.url };
  const { stdout } = await promisify(execFile)("sh", ["-ec", command], { env });
  return stdout;
}

/** Follows the blocks of the guide with the catalogue that they start; answers how many were carried out. */
function createFollower(baseUrl: string) {
  let catalog: Omit<CatalogTest, "plm"> | undefined;
  const start = async (env: Record<string, string>) => {
    await catalog?.subgraph.close();
    catalog = await startReplica(database, { ...env, PLM_BASE_URL: baseUrl, PLM_DEADLINE_MS: "10000" });
  };
  const once = async (query: string): Promise<unknown> => {
    const { data, errors } = (await catalog?.administer(query)) ?? {};
    return errors ? { errors } : data;
  };
  const ask = async (query: string, answer: Step | undefined): Promise<void> => {
    const expected = JSON.parse(answer?.language === "json" ? answer.text : "null") as object;
    let latest = await once(query);
    // What is found in the background takes a moment; what changes something is done once.
    const says = async () => matches((latest = await once(query)), expected);
    if (query.startsWith("{")) await waitFor(says, { timeoutMs: 20_000 }).catch(() => undefined);
    expect(latest).toMatchObject(expected);
  };
  const type = async (text: string): Promise<void> => {
    expect(await shell(text, baseUrl)).toMatch(/ok |taken |restored /);
  };
  const carryOut = async ({ language, text }: Step, next: Step | undefined): Promise<number> => {
    if (language === "json") return 0;
    if (language === "graphql") await ask(text, next);
    else if (text.includes(STARTS)) await start(exportedIn(text));
    else await type(text);
    return 1;
  };
  return {
    follow: async (title: string, steps: readonly Step[]): Promise<number> => {
      if (title === SOURCE_OF_TRUTH) await start({ PLM_MODE: "enabled", PLM_IS_SOURCE_OF_TRUTH: "true" });
      let count = 0;
      for (const [index, step] of steps.entries()) count += await carryOut(step, steps[index + 1]);
      return count;
    },
    enable: () =>
      once('mutation { setPlmMode(input: { mode: ENABLED, reason: "for good" }) { __typename } }'),
  };
}

/** The section whose only step is an environment. */
const SOURCE_OF_TRUTH = "8. Life without the tables";

function exportedIn(text: string): Record<string, string> {
  const [, assignments = ""] = /^export (.*)$/m.exec(text) ?? [];
  return Object.fromEntries(assignments.split(" ").map((pair) => pair.split("=")));
}

/** True when everything of the expected is there. */
function matches(actual: unknown, expected: object): boolean {
  try {
    expect(actual).toMatchObject(expected);
    return true;
  } catch {
    return false;
  }
}

describe("docs/onboarding.md", () => {
  test("says what happens, from the first check to disabled again and to a life without the tables", async () => {
    await forgetPlmState(database);
    const { baseUrl } = await startPlm();
    const { follow, enable } = createFollower(baseUrl);
    const sections = await sectionsOf();
    let followed = 0;
    for (const [title, steps] of sections) {
      if (title === SOURCE_OF_TRUTH) await enable();
      followed += await follow(title, steps);
    }
    expect([...sections.keys()]).toContain(SOURCE_OF_TRUTH);
    expect(followed).toBeGreaterThan(12);
  });
});
