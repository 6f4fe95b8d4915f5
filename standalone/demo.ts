import type { TypedDocumentNode } from "@graphql-typed-document-node/core";
import { parse } from "graphql";
import { setTimeout as sleep } from "node:timers/promises";
import type { GatewayClient } from "../client/graph-client.ts";
import { messageOf } from "../lib/errors.ts";
import type { Log } from "../lib/log.ts";
import {
  CancelRunDocument,
  CreateProjectDocument,
  ModelsDocument,
  PauseRunDocument,
  ProjectsDocument,
  StartProjectDocument,
  UpdateProjectBudgetDocument,
  type CreateProjectMutationVariables,
} from "../schema/generated/documents.ts";

/** What goes on in the demo for as long as it runs. */
export interface Demo {
  /** The project whose budget burns, to look at first. */
  projectId: string;
  /** Ends what it started: nothing that the next start would find half done. */
  close(): Promise<void>;
}

/** A small project of the demo: some minutes of the mock executor's time, with a receipt every few seconds. */
const SMALL = { tasks: 16, costUsd: 0.12, durationMs: 1_800_000 };
const LANES = [4200, 4203, 4204] as const;
const ESTIMATE_USD = SMALL.tasks * SMALL.costUsd;
/** What a run may cost, as a share of its estimate: one project has enough, the other runs out half-way. */
const ENOUGH = 1.5;
const TOO_LITTLE = 0.5;

export interface DemoPace {
  /** How long a project stays paused before somebody gives it more, and between two runs. */
  pauseMs: number;
  /** How often the demo looks whether a run has ended. */
  lookMs: number;
  log: Log;
}

/**
 * Brings the demo's own projects into the states that they show, and keeps two of them running: one within its budget, one
 * that runs out, is paused and gets more, so that alerts come and go. Their budgets follow what they have spent, so the
 * tenth start looks like the first.
 */
export async function startDemo(client: GatewayClient, { log, ...pace }: DemoPace): Promise<Demo> {
  const stopping = new AbortController();
  const demo = actionsOf(client, stopping.signal);
  await demo.cancelLeftovers();
  const [steady, tight] = [
    await demo.project("Weekly price check"),
    await demo.project("Dealer map refresh"),
  ];
  const acts = [
    keepRunning(demo, { projectId: steady, share: ENOUGH, ...pace }),
    keepRunning(demo, { projectId: tight, share: TOO_LITTLE, ...pace }),
    showStates(demo),
    lookAround(client, stopping.signal),
  ].map((act) =>
    act.catch((error: unknown) => {
      if (!stopping.signal.aborted) log.warn({ why: messageOf(error) }, "a part of the demo ended");
    }),
  );
  return {
    projectId: steady,
    close: async () => {
      stopping.abort(new Error("the demo ends"));
      await Promise.all(acts);
      await demo.cancelLeftovers();
    },
  };
}

/** Runs one project after the other for ever. */
async function keepRunning(
  demo: ReturnType<typeof actionsOf>,
  { projectId, share, pauseMs, lookMs }: { projectId: string; share: number } & Omit<DemoPace, "log">,
): Promise<void> {
  for (;;) {
    await demo.allow(projectId, ESTIMATE_USD * share);
    await demo.start(projectId);
    let status = "EXECUTING";
    while (status === "EXECUTING" || status === "SUBMITTING" || status === "VALIDATING") {
      await demo.wait(lookMs);
      ({ status } = (await demo.look(projectId)).run ?? { status: "GONE" });
      if (status !== "PAUSED") continue;
      await demo.wait(pauseMs);
      await demo.allow(projectId, ESTIMATE_USD * ENOUGH);
      status = "EXECUTING";
    }
    await demo.wait(pauseMs);
  }
}

/** One project each that is paused, completed, and in need of review, made where there is none yet. */
async function showStates(demo: ReturnType<typeof actionsOf>): Promise<void> {
  const paused = await demo.project("Harbour photo shoot");
  const run = await demo.start(paused);
  await demo.whenExecuting(paused);
  await demo.mutate(PauseRunDocument, { runId: run });
  const reviewed = await demo.project("Owner's manual in Finnish");
  if (!(await demo.look(reviewed)).run) {
    // No text is that close to its request, so a person has to look at it.
    await demo.mutate(EchoGateDocument, { projectId: reviewed, minCos: 0.999 });
    await demo.start(reviewed);
  }
  const completed = await demo.project("Spring newsletter");
  if (!(await demo.look(completed)).run) await demo.start(completed);
}

const LOOK_AROUND_MS = 5 * 60_000;

/** Reads the catalogue as people do now and then, by which differences between PLM and MRP are found. */
async function lookAround(client: GatewayClient, signal: AbortSignal): Promise<void> {
  for (;;) {
    const { data } = await client.ask(ModelsDocument, { first: 20 });
    for (const { node } of data?.models.edges ?? []) await client.ask(BomDocument, { id: node.id });
    await sleep(LOOK_AROUND_MS, undefined, { signal });
  }
}

const EchoGateDocument = parse(`mutation ($projectId: ID!, $minCos: Float!) {
  setEchoGate(input: { projectId: $projectId, mode: REQUIRED, minCos: $minCos }) { __typename ... on UserError { code message } }
}`) as TypedDocumentNode<Record<string, Outcome>, { projectId: string; minCos: number }>;

const BomDocument = parse(
  "query ($id: ID!) { model(id: $id) { bom { lines { path } } } }",
) as TypedDocumentNode<unknown, { id: string }>;

const LookDocument = parse(`query ($id: ID!) {
  project(id: $id) { budgetRunway { budget { usdSpent } } runs(first: 1) { edges { node { id status } } } }
}`) as TypedDocumentNode<
  {
    project: {
      budgetRunway: { budget: { usdSpent: number } };
      runs: { edges: { node: { id: string; status: string } }[] };
    } | null;
  },
  { id: string }
>;

interface Outcome {
  __typename?: string;
  message?: string;
}

/** What the demo does through the gateway, like any other client; everything but the tidying ends with the signal. */
function actionsOf(client: GatewayClient, signal: AbortSignal) {
  const wait = (ms: number) => sleep(ms, undefined, { signal });
  /** @throws Error when the gateway refuses it, or the answer is one of the errors of its union */
  const ask = async <T, V>(document: TypedDocumentNode<T, V>, variables: V): Promise<T> => {
    const { data, errors } = await client.ask(document, variables);
    if (errors) throw new Error(errors.map(({ message }) => message).join("; "));
    const refused = Object.values(data as Record<string, Outcome | null>).find((each) => each?.message);
    if (refused?.message !== undefined) throw new Error(refused.message);
    return data;
  };
  const own = async () => {
    const { projects } = await ask(ProjectsDocument, { first: 100 });
    return projects.edges.map(({ node }) => node).filter(({ name }) => NAMES.includes(name));
  };
  const look = async (projectId: string) => {
    const { project } = await ask(LookDocument, { id: projectId });
    if (!project) throw new Error(`The demo's project ${projectId} is gone`);
    return { usdSpent: project.budgetRunway.budget.usdSpent, run: project.runs.edges[0]?.node };
  };
  return {
    wait,
    look,
    mutate: ask,
    /** The id of the project of that name, which is made if need be. */
    project: async (name: (typeof NAMES)[number]): Promise<string> => {
      const found = (await own()).find((each) => each.name === name);
      if (found) return found.id;
      const { createProject } = await ask(CreateProjectDocument, { input: inputOf(name) });
      if (createProject.__typename !== "CreateProjectSuccess") throw new Error(`${name} could not be made`);
      return createProject.project.id;
    },
    /** Lets a project spend that much more than it has. */
    allow: async (projectId: string, moreUsd: number): Promise<void> => {
      const usdMax = Number(((await look(projectId)).usdSpent + moreUsd).toFixed(2));
      await ask(UpdateProjectBudgetDocument, { projectId, usdMax });
    },
    start: async (projectId: string): Promise<string> => {
      const input = { projectId, runKind: "BASELINE", writeSandbox: false } as const;
      const { startProject } = await ask(StartProjectDocument, {
        input,
        idempotencyKey: `demo-${projectId}-${Date.now()}`,
      });
      if (startProject.__typename !== "StartProjectSuccess") throw new Error("the run did not start");
      return startProject.run.id;
    },
    whenExecuting: async (projectId: string): Promise<void> => {
      while ((await look(projectId)).run?.status === "SUBMITTING") await wait(200);
    },
    /** Ends the demo's runs that are under way: the mock executor forgets them when it stops. */
    cancelLeftovers: async (): Promise<void> => {
      for (const { id } of await own()) {
        const { run } = await look(id);
        if (run && ["SUBMITTING", "EXECUTING", "PAUSED"].includes(run.status))
          await client.ask(CancelRunDocument, { runId: run.id, reason: "The demo was stopped" });
      }
    },
  };
}

const NAMES: readonly string[] = [
  "Weekly price check",
  "Dealer map refresh",
  "Harbour photo shoot",
  "Owner's manual in Finnish",
  "Spring newsletter",
];

const inputOf = (name: string): CreateProjectMutationVariables["input"] => ({
  name,
  budget: { usdMax: ESTIMATE_USD * ENOUGH, onExhausted: "PAUSE" },
  products: [{ modelId: "lx24" }],
  tasks: Array.from({ length: SMALL.tasks }, (_, index) => ({
    name: `${name}, part ${index + 1}`,
    laneId: LANES[index % LANES.length] ?? LANES[0],
    complexity: "SIMPLE",
    estimatedTokens: 2_000,
    estimatedDurationMs: SMALL.durationMs,
    estimatedCostUsd: SMALL.costUsd,
  })),
});
