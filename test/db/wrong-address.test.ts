import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterAll, describe, expect, test } from "vitest";
import { waitFor } from "../../lib/wait.ts";
import { runScript, startScript } from "../support/script.ts";
import { isFull } from "../support/depth.ts";

const NOWHERE = "postgresql://somebody:a-password@127.0.0.1:1/lifecycle";
const SAID =
  /DATABASE_URL: the PostgreSQL at 127\.0\.0\.1:1\/lifecycle as somebody cannot be used: nothing listens there/;
const SECRET = "a-secret-of-thirty-two-characters-or-more";
const ANY_PORT = { PORT: "0", PLMS_PORT: "0", CATALOG_PORT: "0", PAS_PORT: "0", PLM_PORT: "0" };

/** Nothing listens on port 1. */
describe.runIf(isFull)(
  "a DATABASE_URL that leads nowhere is named, with its host and without its password,",
  () => {
    const dataDir = mkdtempSync(join(tmpdir(), "wrong-address-"));
    afterAll(() => rmSync(dataDir, { recursive: true }));
    const environment = {
      ...ANY_PORT,
      DATABASE_URL: NOWHERE,
      DATA_DIR: dataDir,
      PLM_MODE: "disabled",
      GATEWAY_SUBGRAPH_SECRET: SECRET,
      WEBHOOK_SECRET_PAS: "whsec_bG9jYWwtZGV2ZWxvcG1lbnQtb25seS1wYXM=",
    };

    test.each([
      ["npm start", "standalone.ts", []],
      ["npm run fleet", "fleet/main.ts", ["--port", "0"]],
      ["npm run plms", "subgraphs/plms/main.ts", []],
      ["npm run db:migrate", "db/migrate-cli.ts", ["up"]],
    ] as const)("by %s, which ends", async (_command, script, args) => {
      const { code, stderr } = await runScript(script, args, environment);
      expect(code).toBe(1);
      expect(stderr).toMatch(SAID);
      expect(stderr).not.toContain("a-password");
    });

    test("by npm run catalog, which goes on and waits for it", async () => {
      const catalog = startScript("subgraphs/catalog/main.ts", [], { environment });
      let said = "";
      catalog.stderr.on("data", (chunk: Buffer) => (said += chunk.toString()));
      const ended = text(catalog.stdout);
      await waitFor(() => SAID.test(said), { what: "the name of the variable", timeoutMs: 60_000 });
      expect(catalog.exitCode).toBeNull();
      expect(said).not.toContain("a-password");
      catalog.kill("SIGKILL");
      await ended;
    });
  },
);
