import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createTestDatabase, type TestDatabase } from "../../support/database.ts";
import { waitFor } from "../../support/wait.ts";
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

describe("docs/onboarding.md", () => {
  it("says what happens, from the first check to disabled again and to a life without the tables", async () => {
    await forgetPlmState(database);
    const { baseUrl } = await startPlm();
    let catalog: Omit<CatalogTest, "plm"> | undefined;
    const start = async (env: Record<string, string>) => {
      await catalog?.subgraph.close();
      catalog = await startReplica(database, { PLM_BASE_URL: baseUrl, PLM_DEADLINE_MS: "10000", ...env });
    };
    const ask = async (query: string, answer: string) => {
      const expected = JSON.parse(answer) as object;
      const isRead = query.trimStart().startsWith("{");
      const once = async () => {
        const { data, errors } = (await catalog?.administer(query)) ?? {};
        return errors ? { errors } : data;
      };
      if (!isRead) return expect(await once()).toMatchObject(expected);
      // What is found in the background takes a moment.
      let latest: unknown;
      const says = async () => matches((latest = await once()), expected);
      await waitFor(says, { timeoutMs: 20_000 }).catch(() => undefined);
      return expect(latest).toMatchObject(expected);
    };
    let asked = 0;
    for (const [title, steps] of await sectionsOf()) {
      if (title.startsWith("8.")) {
        await catalog?.administer(
          'mutation { setPlmMode(input: { mode: ENABLED, reason: "for good" }) { __typename } }',
        );
        await start({ PLM_MODE: "enabled", PLM_IS_SOURCE_OF_TRUTH: "true" });
      }
      for (const [index, { language, text }] of steps.entries()) {
        if (language === "sh" && text.includes(STARTS)) {
          const [, assignments = ""] = /^export (.*)$/m.exec(text) ?? [];
          const env = Object.fromEntries(assignments.split(" ").map((pair) => pair.split("=")));
          await start({ ...env, PLM_BASE_URL: baseUrl });
        } else if (language === "sh") {
          const printed = await shell(text, baseUrl);
          expect(printed).toMatch(/ok |taken |restored /);
          asked += 1;
        } else if (language === "graphql") {
          const answer = steps[index + 1];
          expect(answer?.language).toBe("json");
          await ask(text, answer?.text ?? "");
          asked += 1;
        }
      }
    }
    expect(asked).toBeGreaterThan(12);
  });
});

/** True when everything of the expected is there. */
function matches(actual: unknown, expected: unknown): boolean {
  try {
    expect(actual).toMatchObject(expected as object);
    return true;
  } catch {
    return false;
  }
}
