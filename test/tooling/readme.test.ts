import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

const LONGEST_EXAMPLE_LINES = 30;

describe("the README", () => {
  const example = readFileSync("client/example.ts", "utf8");

  it("shows the client example as it is in the tree", () => {
    expect(readFileSync("README.md", "utf8")).toContain(`\`\`\`ts\n${example}\`\`\``);
  });

  it("asks for no more than a screen of code to follow a project", () => {
    expect(example.trimEnd().split("\n").length).toBeLessThanOrEqual(LONGEST_EXAMPLE_LINES);
  });
});
