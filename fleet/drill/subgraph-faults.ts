import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import type { GatewayClient } from "../../client/graph-client.ts";
import type { Member } from "../member.ts";
import { BudgetRunwayDocument } from "../../schema/generated/documents.ts";
import { waitFor } from "../../lib/wait.ts";
import type { Drill, DrillContext } from "./support/drill.ts";
import { startSystem } from "./support/system.ts";

/** The second project needs names that the catalogue knows; the first does not. */
const BOTH = `{
  one: project(id: "1") { name }
  two: project(id: "2") { name products { model { name } } }
}`;
const TIMEOUT_MS = 2_000;
/** The deadline of the subgraph, one retry, and slack for a busy machine. */
const ANSWER_WITHIN_MS = 3 * TIMEOUT_MS;

const LIES: readonly [what: string, answer: RequestListener][] = [
  ["garbage", (_request, response) => response.end("<html>not at all</html>")],
  ["null for everything", json({ data: null })],
  ["entities of another type", json({ data: { _entities: [{ __typename: "Project", id: "1", name: 42 }] } })],
  ["fewer entities than asked for", json({ data: { _entities: [] } })],
  ["half an answer", (_request, response) => void response.write('{"data":', () => response.destroy())],
  ["a status of 500", (_request, response) => response.writeHead(500).end("secret stack at /srv/app.js")],
];

/** The catalogue dead, hanging, restarting and lying, seen through the gateway. */
export const subgraphFaults: Drill = {
  name: "subgraph-faults",
  promise:
    "when a subgraph is dead, hanging, restarting or lying there is partial data and a clear error, sockets stay up, and streams continue after it returns",
  run: async (context) => {
    const { report } = context;
    const { fleet, client } = await startSystem(context, {
      env: { gateway: { SUBGRAPH_TIMEOUT_MS: `${TIMEOUT_MS}` } },
    });
    const catalog = fleet.member("catalog-1");
    const runway = client.watch(BudgetRunwayDocument, { projectId: "1" });
    await waitFor(() => runway.events.length > 0, { timeoutMs: 20_000, what: "the stream" });
    await expectPartial(client, report, { what: "alive", errors: 0 });
    catalog.freeze();
    await expectPartial(client, report, {
      what: "hanging",
      errors: 1,
      code: /SUBGRAPH_(TIMEOUT|UNAVAILABLE)/,
    });
    catalog.thaw();
    await recovered(client, report, "after hanging");
    await catalog.kill();
    await expectPartial(client, report, { what: "dead", errors: 1, code: /SUBGRAPH_UNAVAILABLE/ });
    for (const [what, answer] of LIES) await lie(catalog, answer, () => expectLie(client, report, what));
    await catalog.start();
    await recovered(client, report, "after a restart");
    const before = runway.events.length;
    await fleet.member("plms-1").kill();
    await fleet.member("plms-1").start();
    await changeUntilSeen(client, () => runway.events.length > before + 1);
    report.check(
      "the stream of the restarted subgraph goes on",
      runway.problems.length === 0,
      `${runway.events.length} events, ${runway.problems.length} problems ${JSON.stringify(runway.problems).slice(0, 200)}`,
    );
    report.check("the gateway stayed up", fleet.member("gateway-1").isRunning());
    runway.stop();
  },
};

interface Expected {
  what: string;
  errors: number;
  code?: RegExp;
}

interface BothData {
  one: { name: string } | null;
  two: { name: string } | null;
}

async function expectPartial(
  client: GatewayClient,
  report: DrillContext["report"],
  expected: Expected,
): Promise<void> {
  const startedAt = performance.now();
  const { data, errors = [], status } = await client.query<BothData | null>(BOTH);
  const tookMs = performance.now() - startedAt;
  const codes = errors.map(({ extensions }) => String(extensions?.["code"]));
  const isGood =
    status === 200 &&
    data?.one !== undefined &&
    data.one !== null &&
    (expected.errors === 0
      ? errors.length === 0
      : codes.length > 0 && codes.every((code) => expected.code?.test(code)));
  report.check(
    `${expected.what}: the other part is there, ${expected.errors === 0 ? "no error" : "the missing part is explained"}`,
    isGood && tookMs < ANSWER_WITHIN_MS,
    `${Math.round(tookMs)} ms, ${errors.length} errors ${[...new Set(errors.map(({ message }) => message))].join(" | ")}`,
  );
}

/** A lie may look like the truth where nobody can tell; it never crosses into a crash, a leak or a wrong type. */
async function expectLie(client: GatewayClient, report: DrillContext["report"], what: string): Promise<void> {
  const { data, errors = [], status, extensions } = await client.query<BothData | null>(BOTH);
  const words = errors.map(({ message }) => message).join(" | ");
  const names = JSON.stringify(data);
  const isGood =
    status === 200 &&
    data?.one !== undefined &&
    data.one !== null &&
    (data.two !== null || errors.length > 0 || extensions?.["valueCompletion"] !== undefined) &&
    !/secret|stack|srv/.test(words) &&
    !names.includes(":42");
  report.check(
    `lying, ${what}: the other part is there, nothing false`,
    isGood,
    `${words.slice(0, 160)} ${names}`,
  );
}

async function lie(member: Member, answer: RequestListener, meanwhile: () => Promise<void>): Promise<void> {
  const liar = createServer(answer).listen(Number(new URL(member.url).port), "127.0.0.1");
  await once(liar, "listening");
  try {
    await meanwhile();
  } finally {
    liar.closeAllConnections();
    await once(liar.close(), "close");
  }
}

async function recovered(client: GatewayClient, report: DrillContext["report"], when: string): Promise<void> {
  const startedAt = performance.now();
  await waitFor(async () => (await client.query(BOTH)).errors === undefined, {
    timeoutMs: 40_000,
    what: `full answers ${when}`,
  });
  report.figure(`milliseconds until answers were whole ${when}`, performance.now() - startedAt);
}

async function changeUntilSeen(client: GatewayClient, isSeen: () => boolean): Promise<void> {
  let usdMax = 100;
  const change = async () => {
    usdMax += 1;
    await client.query(`mutation { updateProjectBudget(projectId: "1", usdMax: ${usdMax}) { __typename } }`);
    return isSeen();
  };
  await waitFor(change, { timeoutMs: 40_000, what: "the stream to go on" });
}

function json(body: object): RequestListener {
  return (_request, response) => {
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify(body));
  };
}
