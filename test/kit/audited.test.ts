import { describe, expect, test } from "vitest";
import { audited, auditMutations, type AuditedAttempt } from "../../subgraphs/kit/audited.ts";
import { CodedError } from "../../lib/errors.ts";
import { anonymous } from "../../lib/identity.ts";

const caller = { identity: { ...anonymous([]), subject: "ann", tokenId: "t1" }, correlationId: "c1" };

async function attempt(args: object, work: () => unknown): Promise<AuditedAttempt | undefined> {
  const attempts: AuditedAttempt[] = [];
  const mutations = auditMutations({ doIt: work }, async (one) => void attempts.push(one));
  const resolve = mutations.doIt as unknown as (...call: unknown[]) => Promise<unknown>;
  await resolve(undefined, args, { caller }, undefined).catch(() => undefined);
  expect(attempts).toHaveLength(1);
  return attempts[0];
}

describe("an audited mutation", () => {
  test("tells who did what to which thing", async () => {
    expect(
      await attempt({ input: { projectId: "7", runKind: "BASELINE" } }, () => ({ run: { id: "9" } })),
    ).toEqual({
      caller,
      action: "doIt",
      payload: { input: { projectId: "7", runKind: "BASELINE" } },
      entityId: "7",
      code: null,
    });
  });

  test("finds the id of what was made in the result", async () => {
    expect(await attempt({ input: { name: "new" } }, () => ({ project: { id: "9" } }))).toMatchObject({
      entityId: "9",
    });
  });

  test("takes the code of a refusal that is a result, also of one among several", async () => {
    expect(await attempt({}, () => ({ code: "CONFLICT" }))).toMatchObject({ code: "CONFLICT" });
    expect(await attempt({}, () => [{ run: {} }, { code: "NOT_FOUND" }])).toMatchObject({
      code: "NOT_FOUND",
    });
  });

  test("takes the code and the message of an error, and hides an unexpected one", async () => {
    const fails = (error: Error) => () => {
      throw error;
    };
    expect(await attempt({ id: "1" }, fails(new CodedError("FORBIDDEN", "No")))).toMatchObject({
      code: "FORBIDDEN",
      entityId: "1",
      payload: { id: "1", message: "No" },
    });
    const odd = await attempt({}, fails(new Error("password=secret")));
    expect(odd).toMatchObject({ code: "INTERNAL", payload: { message: "unexpected" } });
  });

  test("cuts a long payload short", async () => {
    const { payload = {} } = (await attempt({ text: "x".repeat(20_000) }, () => null)) ?? {};
    expect(payload).toMatchObject({ characters: 20_011 });
    expect(JSON.stringify(payload).length).toBeLessThan(9_000);
  });

  test("hands the result or the error on", async () => {
    const record = async () => {};
    const call = { caller, action: "doIt", args: {} };
    expect(await audited(record, call, () => 42)).toBe(42);
    await expect(audited(record, call, () => Promise.reject(new Error("no")))).rejects.toThrow("no");
  });
});
