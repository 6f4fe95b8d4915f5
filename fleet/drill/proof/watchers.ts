import { sql, type Kysely } from "kysely";
import { WebSocket } from "ws";
import type { Database } from "../../../db/tables.ts";
import { createLiveClient, type LiveClient } from "../../../client/live-client.ts";
import type { DrillContext } from "../support/drill.ts";

/** What one subscription has seen of a sequence of numbers. */
export interface Watch {
  topic: string;
  /** The first number that came; all after it have to. */
  first: number | undefined;
  last: number;
  doubled: number;
  disordered: number;
  /** Numbers that were left out. */
  lost: number;
  gaps: number;
}

/** What one subscription has seen of a budget, whose versions only grow. */
interface BudgetWatch {
  projectId: string;
  usdSpent: number | undefined;
  backwards: number;
}

export interface Watchers {
  numbers: readonly Watch[];
  budgets: readonly BudgetWatch[];
  problems: Map<string, number>;
  /** How many subscriptions have not had a number, by the topic, the number and what was touched last. */
  losses: ReadonlyMap<string, number>;
  /** Says what is killed or replaced now. */
  touching(name: string): void;
  cuts: () => number;
}

interface WatchersOptions {
  /** Addresses of gateways that run; asked for every connection. */
  nextUrl: () => string;
  token: string;
  sockets: number;
  /** Subscriptions of numbers on each socket, beside one of a budget. */
  each: number;
  topics: readonly string[];
  projectIds: readonly string[];
}

/** Opens sockets, each with several subscriptions that come back after every cut, wherever that is. */
export function openWatchers(options: WatchersOptions, defer: DrillContext["defer"]): Watchers {
  const { sockets, each, topics, projectIds } = options;
  const state = { numbers: [] as Watch[], budgets: [] as BudgetWatch[], cuts: 0 };
  const problems = new Map<string, number>();
  const losses = new Map<string, number>();
  let touched = "nothing";
  const note = (what: string) => {
    const problem = `${what} after ${touched}`;
    problems.set(problem, (problems.get(problem) ?? 0) + 1);
  };
  const onLoss = (topic: string, number: number) => {
    const loss = `${number} of ${topic} after ${touched}`;
    losses.set(loss, (losses.get(loss) ?? 0) + 1);
  };
  for (let socket = 0; socket < sockets; socket += 1) {
    const live = createLiveClient({
      url: options.nextUrl,
      token: () => options.token,
      webSocketImpl: WebSocket,
      onCut: () => {
        state.cuts += 1;
      },
    });
    defer(() => live.close());
    for (let index = 0; index < each; index += 1) {
      const topic = topics[(socket + index) % topics.length] ?? "";
      state.numbers.push(watchNumbers(live, topic, { note, onLoss }));
    }
    const projectId = projectIds[socket % projectIds.length];
    if (projectId !== undefined) state.budgets.push(watchBudget(live, projectId, note));
  }
  return {
    numbers: state.numbers,
    budgets: state.budgets,
    problems,
    losses,
    touching: (name) => {
      touched = name;
    },
    cuts: () => state.cuts,
  };
}

type Note = (problem: string) => void;

interface Told {
  note: Note;
  onLoss: (topic: string, number: number) => void;
}

function watchNumbers(live: LiveClient, topic: string, { note, onLoss }: Told): Watch {
  const watch: Watch = { topic, first: undefined, last: 0, doubled: 0, disordered: 0, lost: 0, gaps: 0 };
  const query = "subscription ($topic: ID!) { entry(topic: $topic) { number } }";
  live.subscribe<{ entry: { number: number } } | null>(
    { query, variables: { topic } },
    {
      next: ({ data, errors }, { gap }) => {
        if (gap) watch.gaps += 1;
        if (errors) return note(errors[0]?.message ?? "an error");
        if (data) see(watch, data.entry.number, onLoss);
      },
      error: (errors) => note(errors[0]?.message ?? "an error"),
      complete: () => note("completed"),
    },
  );
  return watch;
}

/** Judges a number by the ones before. */
export function see(watch: Watch, number: number, onLoss?: Told["onLoss"]): void {
  if (watch.first === undefined) {
    watch.first = number;
    watch.last = number;
    return;
  }
  if (number === watch.last) watch.doubled += 1;
  else if (number < watch.last) watch.disordered += 1;
  else {
    watch.lost += number - watch.last - 1;
    for (let lost = watch.last + 1; lost < number; lost += 1) onLoss?.(watch.topic, lost);
    watch.last = number;
  }
}

function watchBudget(live: LiveClient, projectId: string, note: Note): BudgetWatch {
  const watch: BudgetWatch = { projectId, usdSpent: undefined, backwards: 0 };
  let lastError = "no error";
  live.subscribe<{ budgetRunway: { budget: { usdSpent: number } } }>(
    {
      query: "subscription ($id: ID!) { budgetRunway(projectId: $id) { budget { usdSpent } } }",
      variables: { id: projectId },
    },
    {
      next: ({ data, errors }) => {
        const code = errors?.[0]?.extensions?.["code"];
        lastError = errors?.[0]?.message ?? lastError;
        // An outage that is told is no problem; the state comes after it.
        if (errors && code !== "SUBGRAPH_UNAVAILABLE") note(errors[0]?.message ?? "an error");
        if (!data) return;
        const { usdSpent } = data.budgetRunway.budget;
        if (usdSpent < (watch.usdSpent ?? 0)) watch.backwards += 1;
        watch.usdSpent = usdSpent;
      },
      error: (errors) => note(errors[0]?.message ?? "an error"),
      complete: () => note(`completed after ${lastError}`),
    },
  );
  return watch;
}

/** What is stored of each project's spending, by its id. */
export async function spentIn(db: Kysely<Database>): Promise<ReadonlyMap<string, number>> {
  const { rows } = await sql<{ id: string; usd: number }>`
    select project_id as id, sum(usd_spent)::float8 as usd from plms.project_runs group by 1`.execute(db);
  return new Map(rows.map(({ id, usd }) => [id, usd]));
}
