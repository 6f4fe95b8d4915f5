import { describe, expect, test } from "vitest";
import { localSecrets, subgraphSecretOf } from "../../lib/local-secrets.ts";
import { temporaryFolder } from "../support/temporary-folders.ts";

describe("the secrets of a local installation", () => {
  test("stay the same for a data folder, with another one for each subgraph", async () => {
    const folder = await temporaryFolder();
    const [first, again] = [localSecrets(folder), localSecrets(folder)];
    expect(again).toEqual(first);
    const own = ["plms", "catalog", "reviews"].map((name) => subgraphSecretOf(first, name));
    expect(new Set([...own, first.gatewaySubgraphSecret]).size).toBe(4);
    expect(subgraphSecretOf(again, "plms")).toBe(own[0]);
    expect(localSecrets(await temporaryFolder()).gatewaySubgraphSecret).not.toBe(first.gatewaySubgraphSecret);
  });
});
