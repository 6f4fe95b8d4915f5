import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { readGatewayConfig } from "../../gateway/config.ts";
import { ANSWER_MODES, WEBHOOK_MODES } from "../../mocks/faults.ts";
import { readPasMockConfig } from "../../mocks/pas/config.ts";
import { readPlmMockConfig } from "../../mocks/plm/config.ts";
import { readCatalogConfig } from "../../subgraphs/catalog/config.ts";
import { readPlmsConfig } from "../../subgraphs/plms/config.ts";

const LONGEST_EXAMPLE_LINES = 30;

describe("the README", () => {
  const example = readFileSync("client/example.ts", "utf8");

  test("shows the client example as it is in the tree", () => {
    expect(readFileSync("README.md", "utf8")).toContain(`\`\`\`ts\n${example}\`\`\``);
  });

  test("explains every way in which the mocks can fail", () => {
    const page = readFileSync("docs/mocks.md", "utf8");
    for (const mode of [...ANSWER_MODES, ...WEBHOOK_MODES]) expect(page).toContain(`\`${mode}\``);
  });

  test("has an environment with which each process starts by itself", () => {
    const lines = readFileSync("deploy/example.env", "utf8").split("\n");
    const pairs = lines.filter((line) => /^\w+=/.test(line)).map((line) => line.split(/=(.*)/s).slice(0, 2));
    const environment = Object.fromEntries(pairs) as Record<string, string>;
    const readers = [
      readGatewayConfig,
      readPlmsConfig,
      readCatalogConfig,
      readPasMockConfig,
      readPlmMockConfig,
    ];
    for (const read of readers) expect(() => read(environment)).not.toThrow();
  });

  test("asks for no more than a screen of code to follow a project", () => {
    expect(example.trimEnd().split("\n").length).toBeLessThanOrEqual(LONGEST_EXAMPLE_LINES);
  });
});
