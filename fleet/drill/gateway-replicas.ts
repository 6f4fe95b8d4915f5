import { print } from "graphql";
import { WebSocket } from "ws";
import { createLiveClient } from "../../client/live-client.ts";
import { startFront } from "../front.ts";
import { BudgetRunwayDocument, type BudgetRunwaySubscription } from "../../schema/generated/documents.ts";
import { waitFor } from "../../lib/wait.ts";
import type { Drill, DrillContext } from "./support/drill.ts";
import { startSystem } from "./support/system.ts";

interface Follower {
  /** What arrived, in order. */
  seen: { eventId: string; usdMax: number; gap: boolean }[];
  problems: string[];
  cuts: number;
}

/** Kills one of two gateways and drains the other, while clients follow a budget through a load balancer. */
export const gatewayReplicas: Drill = {
  name: "gateway-replicas",
  promise: "when a gateway is killed or drained, clients reconnect and resume; no event is lost or repeated",
  run: async (context) => {
    const { quick, report, defer } = context;
    const { fleet, client } = await startSystem(context, { gateways: 2 });
    const front = await startFront(fleet.gateways);
    defer(() => front.close());
    const token = await fleet.token("admin");
    const followers = Array.from({ length: quick ? 10 : 100 }, () => follow(front.url, token, defer));
    const everybodySaw = (usdMax: number) =>
      waitFor(() => followers.every(({ seen }) => seen.at(-1)?.usdMax === usdMax), {
        timeoutMs: 60_000,
        what: `everybody to see ${usdMax}`,
      });
    const second = await fleet.admin(fleet.member("gateway-2"));
    const set = async (usdMax: number, through = client) => {
      const text = `mutation { updateProjectBudget(projectId: "1", usdMax: ${usdMax}) { __typename } }`;
      const { errors } = await through.query(text);
      if (errors) throw new Error(errors[0]?.message);
    };
    await waitFor(() => followers.every(({ seen }) => seen.length > 0), {
      timeoutMs: 30_000,
      what: "all streams",
    });
    await set(101);
    await everybodySaw(101);
    await fleet.member("gateway-1").kill();
    await set(102, second);
    await everybodySaw(102);
    report.did("killed the first gateway: everybody saw the next change through the second");
    await fleet.member("gateway-1").start();
    const code = await fleet.member("gateway-2").stop();
    report.check("a drained gateway ends in order", code === 0, `exit code ${code}`);
    await set(103);
    await everybodySaw(103);
    report.did("drained the second gateway: everybody saw the next change through the first");
    checkFollowers(followers, report);
  },
};

function checkFollowers(followers: readonly Follower[], report: DrillContext["report"]): void {
  report.figure("clients", followers.length);
  report.figure("cuts of connections", sum(followers.map(({ cuts }) => cuts)));
  report.figure(
    "events that said they follow a gap",
    sum(followers.map(({ seen }) => seen.filter(({ gap }) => gap).length)),
  );
  const repeats = followers.flatMap(({ seen }) =>
    seen.filter(
      (event, index) => !event.gap && seen.findIndex(({ eventId }) => eventId === event.eventId) < index,
    ),
  );
  report.check("no event repeated", repeats.length === 0, repeats[0]?.eventId);
  const wayward = followers.filter(({ seen }) =>
    seen.some(({ usdMax }, index) => usdMax < (seen[index - 1]?.usdMax ?? 0)),
  );
  report.check("nobody was taken back in time", wayward.length === 0);
  const all = followers.every(({ seen }) =>
    [101, 102, 103].every((wanted) => seen.some(({ usdMax }) => usdMax === wanted)),
  );
  report.check("nobody missed a change", all);
  const problems = followers.flatMap((follower) => follower.problems);
  report.check("nobody was told of a problem", problems.length === 0, problems[0]);
}

function follow(url: string, token: string, defer: DrillContext["defer"]): Follower {
  const follower: Follower = { seen: [], problems: [], cuts: 0 };
  const live = createLiveClient({
    url: `${url.replace("http", "ws")}/graphql`,
    token: () => token,
    webSocketImpl: WebSocket,
    onCut: () => {
      follower.cuts += 1;
    },
  });
  defer(() => live.close());
  live.subscribe<BudgetRunwaySubscription>(
    { query: print(BudgetRunwayDocument), variables: { projectId: "1" } },
    {
      next: ({ data, errors, extensions }, { gap }) => {
        for (const { message } of errors ?? []) follower.problems.push(message);
        const usdMax = data?.budgetRunway.budget.usdMax ?? 0;
        follower.seen.push({ eventId: String(extensions?.["eventId"]), usdMax, gap });
      },
      error: (errors) => follower.problems.push(...errors.map(({ message }) => message)),
      complete: () => follower.problems.push("completed"),
    },
  );
  return follower;
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
