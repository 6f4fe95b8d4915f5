import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { checkPartner } from "../../../subgraphs/catalog/plm/operations/check-partner.ts";
import { connectTo, startHandmadePlm, startPlm } from "../support.ts";

async function findingsOf(baseUrl: string): Promise<string[]> {
  const findings: string[] = [];
  for await (const { verdict, text } of checkPartner(connectTo(baseUrl, { deadlineMs: 30_000 }), "check"))
    findings.push(`${verdict} ${text}`);
  return findings;
}

const run = promisify(execFile);
const COMMAND = join(import.meta.dirname, "../../../subgraphs/catalog/plm/check-cli.ts");

/** The command as a partner runs it. */
const check = (...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> =>
  run(process.execPath, [COMMAND, ...args]).then(
    (told) => ({ code: 0, ...told }),
    ({ code, stdout, stderr }: { code: number; stdout: string; stderr: string }) => ({
      code,
      stdout,
      stderr,
    }),
  );

describe("npm run plm:check", () => {
  test("prints what is taken and exits with 0 where everything is", async () => {
    const { baseUrl } = await startPlm();
    const { code, stdout } = await check(baseUrl);
    expect(code).toBe(0);
    expect(stdout.split("\n")[0]).toBe("ok    GET /plm/catalog: 4 models and 12 trims are taken");
    expect(stdout.trimEnd().split("\n").at(-1)).toBe("5 findings: 5 ok, 0 to know, 0 bad");
  });

  test("names the place of a mistake in a configuration, too", async () => {
    const part = { id: "o", code: "O", name: "O", quantity: "1,5", colour: "red" };
    const answers: Record<string, unknown> = {
      "/plm/catalog": {
        models: [
          { id: "1", code: "A", name: "A", trims: [] },
          { id: "2", code: "B", trims: [] },
        ],
      },
      "/plm/models/1/config": {
        sections: [{ code: "S", name: "S", components: [{ code: "C", name: "C", options: [part] }] }],
      },
    };
    const baseUrl = await startHandmadePlm((request, response) => {
      const data = answers[request.url ?? ""];
      response.writeHead(data ? 200 : 404, { "content-type": "application/json" });
      response.end(JSON.stringify({ schemaVersion: "1", data }));
    });
    const { code, stdout } = await check(baseUrl);
    expect(code).toBe(1);
    expect(stdout).toContain("bad   GET /plm/catalog: data.models.1 is left out: data.models.1.name");
    expect(stdout).toContain("bad   GET /plm/models/1/config (A): MALFORMED");
    expect(stdout).toContain("data.sections.0.components.0.options.0.quantity");
  });

  test("exits with 1 where something is not taken, and names it", async () => {
    const baseUrl = await startHandmadePlm((_request, response) => {
      response.setHeader("content-type", "application/json");
      response.end(JSON.stringify({ schemaVersion: "1", data: { models: [{ id: "1", code: "A" }] } }));
    });
    const { code, stdout } = await check(baseUrl);
    expect(code).toBe(1);
    expect(stdout).toMatch(/^bad .*data\.models\.0/m);
  });

  test("says what it needs", async () => {
    const { code, stderr } = await check("not a URL");
    expect(code).toBe(1);
    expect(stderr).toContain("the URL of a PLM");
  });
});

describe("the check of a partner's server", () => {
  test("finds nothing bad about the mock PLM", async () => {
    const { baseUrl } = await startPlm();
    const findings = await findingsOf(baseUrl);
    expect(findings[0]).toBe("ok GET /plm/catalog: 4 models and 12 trims are taken");
    expect(findings.filter((finding) => !finding.startsWith("ok"))).toEqual([]);
  });

  test("names what will not be taken, what nobody reads, and what cannot be asked conditionally", async () => {
    const model = { id: "1", code: "A", name: "A", trims: [] };
    const answers: Record<string, unknown> = {
      "/plm/catalog": {
        models: [model, { ...model, id: "2", name: "Other" }, { ...model, id: "3", code: "B", weight: 3 }],
      },
      "/plm/models/1/config": { sections: [] },
    };
    const baseUrl = await startHandmadePlm((request, response) => {
      const data = answers[request.url ?? ""];
      response.writeHead(data ? 200 : 404, { "content-type": "application/json" });
      response.end(JSON.stringify({ schemaVersion: "1", data }));
    });
    const findings = (await findingsOf(baseUrl)).join("\n");
    expect(findings).toContain(
      "bad GET /plm/catalog: data.models.1 is left out: its code is that of a model before it",
    );
    expect(findings).toContain("note GET /plm/catalog: nobody reads data.models[].weight (1 times)");
    expect(findings).toContain("note GET /plm/models/1/config (A): nothing can be ordered without an option");
    expect(findings).toContain("note GET /plm/models/1/config (A): no ETag");
    expect(findings).toContain("bad GET /plm/models/3/config (B): NOT_IN_PLM");
  });
});
