import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");

interface Lock {
  packages: Record<
    string,
    { version?: string; hasInstallScript?: boolean; integrity?: string; link?: boolean }
  >;
}
const lock = JSON.parse(read("package-lock.json")) as Lock;
const manifest = JSON.parse(read("package.json")) as {
  allowScripts: Record<string, boolean>;
  dependencies: Record<string, string>;
  devDependencies: Record<string, string>;
};
const nameOf = (path: string) => path.replace(/^.*node_modules\//, "");

describe("the supply chain", () => {
  test("has a decision about every package that would run a script when it is installed", () => {
    const withScripts = Object.entries(lock.packages).filter(
      ([path, { hasInstallScript }]) => path !== "" && hasInstallScript,
    );
    expect(withScripts.length).toBeGreaterThan(0);
    for (const [path] of withScripts) expect(Object.keys(manifest.allowScripts)).toContain(nameOf(path));
  });

  test("pins every version, and every package by its hash", () => {
    for (const version of Object.values({ ...manifest.dependencies, ...manifest.devDependencies }))
      expect(version).toMatch(/^\d+\.\d+\.\d+(-[\w.]+)?$/);
    const unhashed = Object.entries(lock.packages).filter(
      ([path, { integrity, link }]) => path !== "" && !link && !integrity,
    );
    expect(unhashed).toEqual([]);
  });

  test("names Apollo's packages under the Elastic licence, and nothing else under it", () => {
    const [, section = ""] = read("docs/licences.md").split("## Elastic-2.0");
    const names = section.split("##")[0]?.match(/@?[\w-]+\/[\w-]+@/g) ?? [];
    expect(names.length).toBeGreaterThan(2);
    for (const name of names) expect(name).toMatch(/^@apollo\//);
  });

  test("has a bill of materials that names every shipped dependency in its version", () => {
    const text = execFileSync("npm", ["run", "--silent", "sbom"], {
      encoding: "utf8",
      maxBuffer: 64 * 1_048_576,
    });
    const sbom = JSON.parse(text) as {
      bomFormat: string;
      components: { name: string; group?: string; version: string }[];
    };
    expect(sbom.bomFormat).toBe("CycloneDX");
    const components = sbom.components.map(
      ({ name, group, version }) => `${group ? `${group}/` : ""}${name}@${version}`,
    );
    for (const [name, version] of Object.entries(manifest.dependencies))
      expect(components).toContain(`${name}@${version}`);
  });
});
