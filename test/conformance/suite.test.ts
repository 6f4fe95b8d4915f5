import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from "vitest";
import { outcomeOf, type Rule } from "../../conformance/rule.ts";
import { GROUPS } from "../../conformance/rules.ts";
import type { Target } from "../../conformance/target.ts";
import { isFull } from "../support/depth.ts";
import { mutatingProxy, type Mutation } from "./support/mutating-proxy.ts";
import { mutationsOf } from "./support/mutations.ts";
import { startTarget, targetAt } from "./support/target.ts";

const rulesOf = (...groups: string[]): Rule[] => groups.flatMap((group) => [...(GROUPS[group]?.rules ?? [])]);
const isOfStream = ({ id }: Rule) => id.startsWith("stream-");
const LARGE = "subscription { tick(everyMs: 50, size: 1000000) { number padding } }";
const QUICK = rulesOf("ws", "sse", "multipart", "incremental", "resume").filter((rule) => !isOfStream(rule));

// Nearly all of the time is spent waiting for what a broken server does not do.
vi.setConfig({ maxConcurrency: 20 });

let target: Target;
let close: () => Promise<void>;
beforeAll(async () => {
  ({ target, close } = await startTarget());
});
afterAll(() => close());

describe("This gateway keeps the rule", () => {
  test.concurrent.each(QUICK.map((rule) => [rule.id, rule.says, rule] as const))(
    "%s: %s",
    async (_id, _says, rule) => {
      expect(await outcomeOf(rule, target)).toMatchObject({ result: "pass" });
    },
  );

  test.skipIf(!isFull).each(rulesOf("slow").map((rule) => [rule.id, rule.says, rule] as const))(
    "%s: %s",
    async (_id, _says, rule) => {
      expect(await outcomeOf(rule, { ...target, large: LARGE })).toMatchObject({ result: "pass" });
    },
  );
});

/** How long a server that says nothing is waited for: the other ones answer at once. */
const PATIENCE = { timeoutMs: 1_000, initTimeoutMs: 6_000 };

async function brokenBy(mutation: Mutation, rule: Rule) {
  const { url, close } = await mutatingProxy(target.httpUrl, mutation);
  const outcome = await outcomeOf(rule, { ...targetAt(url), ...PATIENCE });
  await close();
  return outcome;
}

describe("A server that is broken on purpose does not pass", () => {
  test("every rule has one", () => {
    expect(QUICK.filter(({ id }) => mutationsOf(id).length === 0).map(({ id }) => id)).toEqual([]);
  });

  const broken = QUICK.flatMap((rule) =>
    mutationsOf(rule.id).map((mutation, nth) => [rule.id, nth + 1, rule, mutation] as const),
  );
  test.concurrent.each(broken)("%s, in way %i", async (_id, _nth, rule, mutation) => {
    expect(await brokenBy(mutation, rule)).toMatchObject({
      result: "fail",
      reason: expect.stringMatching(/./),
    });
  });

  test.concurrent("and the proxy that breaks them changes nothing by itself", async () => {
    const { url, close } = await mutatingProxy(target.httpUrl, {});
    const outcomes = await Promise.all(QUICK.map((rule) => outcomeOf(rule, targetAt(url))));
    await close();
    expect(outcomes.filter(({ result }) => result !== "pass")).toEqual([]);
  });

  test.skipIf(!isFull).each([
    ["slow-back", "keeps everything that was missed", {}],
    ["slow-others", "makes everybody wait for the slowest", { sharesFate: true }],
  ] as const)("%s, when it %s", async (id, _what, mutation) => {
    const { url, close } = await mutatingProxy(target.httpUrl, mutation);
    onTestFinished(close);
    const rule = rulesOf("slow").find((each) => each.id === id) as Rule;
    expect(await outcomeOf(rule, { ...targetAt(url), large: LARGE })).toMatchObject({ result: "fail" });
  });
});

/** What a server that knows `@stream` sends; this gateway refuses it. */
const WHOLE = '{"data":{"numbers":[1,2,3]}}';
const PARTS: Record<string, string[]> = {
  "2022": [
    '{"data":{"numbers":[1]},"hasNext":true}',
    '{"incremental":[{"items":[2],"path":["numbers",1]},{"items":[3],"path":["numbers",2]}],"hasNext":false}',
  ],
  "2023": [
    '{"data":{"numbers":[1]},"pending":[{"id":"0","path":["numbers"]}],"hasNext":true}',
    '{"incremental":[{"id":"0","items":[2,3]}],"completed":[{"id":"0"}],"hasNext":false}',
  ],
};
const asMultipart = (parts: readonly string[]) =>
  `\r\n---${parts.map((part) => `\r\ncontent-type: application/json\r\n\r\n${part}\r\n---`).join("")}--\r\n`;

async function streaming(change: (text: string) => string): Promise<Target> {
  const server = createServer((request, response) => {
    const accept = request.headers.accept ?? "";
    const form = /deferSpec/.test(accept) ? "2022" : "2023";
    if (!accept.startsWith("multipart"))
      return response.setHeader("content-type", "application/json").end(WHOLE);
    response.setHeader("content-type", 'multipart/mixed; boundary="-"');
    return response.end(change(asMultipart(PARTS[form] ?? [])));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  return { ...targetAt(`http://127.0.0.1:${port}/graphql`), stream: "{ numbers @stream(initialCount: 1) }" };
}

describe("A list that is streamed", () => {
  const rules = rulesOf("incremental").filter(isOfStream);

  test.each(rules.map((rule) => [rule.id, rule] as const))("keeps %s", async (_id, rule) => {
    expect(await outcomeOf(rule, await streaming((text) => text))).toMatchObject({ result: "pass" });
  });

  test.each([
    ["parts", /application\/json/g, "text/plain"],
    ["has-next", '"hasNext":true', '"hasNext":false'],
    ["whole", /"items":\[2/, '"items":[9'],
    ["pending", '"completed":[{"id":"0"}]', '"completed":[]'],
  ])("breaks the rules of %s when the server does", async (name, from, to) => {
    const broken = await streaming((text) => text.replace(from, to));
    for (const rule of rules.filter(({ id }) => id.endsWith(name)))
      expect(await outcomeOf(rule, broken)).toMatchObject({ result: "fail" });
  });
});
