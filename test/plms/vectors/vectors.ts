import { randomUUID } from "node:crypto";
import { expectSame, expectShape, expectStatus } from "./expectations.ts";
import type { Server } from "./server.ts";

/** A server, and what it has to ask about. */
export interface Subject {
  server: Server;
  /** At least three projects of the token's tenant that have tasks and a budget. */
  projectIds: readonly string[];
  /** A lane that the server knows. */
  laneId: number;
}

/** One promise of the façade. */
export interface Vector {
  group: string;
  name: string;
  /** @throws Error when the server does not keep it */
  check: (subject: Subject) => Promise<void>;
}

const pathOf = ({ projectIds }: Subject, path: string, index = 0) =>
  `/api/projects/${encodeURIComponent(projectIds[index] ?? "")}/${path}`;
const newKey = () => ({ "idempotency-key": randomUUID() });
/** Repeated on a server whose run of last time still goes on, a vector has to pass as well. */
const BASELINE = { run_kind: "baseline", allow_concurrent: true };

/** The ten groups, in the order in which they are asked. */
export const VECTORS: readonly Vector[] = [
  {
    group: "1-2",
    name: "starting answers with a run, its providers and its passport",
    check: async (subject) => {
      expectShape(await subject.server.post(pathOf(subject, "start"), BASELINE, newKey()), "started");
    },
  },
  {
    group: "1-2",
    name: "a retry with the same key gives the same run, and says that it does",
    check: async (subject) => {
      const key = newKey();
      const call = () => subject.server.post(pathOf(subject, "start"), BASELINE, key);
      const [first, retry] = [await call(), await call()];
      expectSame("run_id", expectShape(retry, "started").run_id, expectShape(first, "started").run_id);
      expectSame("Idempotent-Replay at first", first.headers.get("idempotent-replay"), "false");
      expectSame("Idempotent-Replay again", retry.headers.get("idempotent-replay"), "true");
    },
  },
  {
    group: "1-2",
    name: "a key that was used with another body is refused with 422",
    check: async (subject) => {
      const key = newKey();
      expectStatus(await subject.server.post(pathOf(subject, "start"), BASELINE, key), 200);
      const other = { ...BASELINE, run_kind: "hotfix" };
      expectStatus(await subject.server.post(pathOf(subject, "start"), other, key), 422);
    },
  },
  {
    group: "3-4",
    name: "metrics come without intervals, the duration in minutes",
    check: async (subject) => {
      expectShape(await subject.server.get(pathOf(subject, "metrics")), "metrics");
    },
  },
  {
    group: "3-4",
    name: "metrics come with intervals around their means, asked for as 1 or true",
    check: async (subject) => {
      const [one, yes] = [
        await subject.server.get(pathOf(subject, "metrics?with_ci=1")),
        await subject.server.get(pathOf(subject, "metrics?with_ci=true")),
      ];
      expectSame(
        "estimated",
        expectShape(yes, "metricsWithIntervals").estimated,
        expectShape(one, "metricsWithIntervals").estimated,
      );
    },
  },
  {
    group: "5",
    name: "lane overrides are listed with who corrected what",
    check: async (subject) => {
      expectShape(await subject.server.get(pathOf(subject, "lane-overrides")), "overrides");
    },
  },
  {
    group: "6-7",
    name: "the runway tells how long the budget lasts, and how that is",
    check: async (subject) => {
      expectShape(await subject.server.get(pathOf(subject, "budget-runway")), "runway");
    },
  },
  {
    group: "6-7",
    name: "the heatmap tells which lanes are at risk, and what the levels mean",
    check: async (subject) => {
      expectShape(await subject.server.get(pathOf(subject, "risk-heatmap")), "heatmap");
    },
  },
  {
    group: "6-7",
    name: "the drift of a lane is told, and only of a lane that there is",
    check: async (subject) => {
      const drift = pathOf(subject, `estimation-drift?lane_id=${subject.laneId}`);
      expectSame("lane_id", expectShape(await subject.server.get(drift), "drift").lane_id, subject.laneId);
      expectStatus(await subject.server.get(pathOf(subject, "estimation-drift")), 400);
    },
  },
  {
    group: "8",
    name: "a simulation of one per cent covers every complexity, with an empty body that says that it is JSON",
    check: async (subject) => {
      const answer = await subject.server.post(pathOf(subject, "simulate?rehearsal_pct=0.01"), undefined);
      const { sampling_metrics: sampled } = expectShape(answer, "simulation");
      expectSame("strata_coverage", sampled.strata_coverage, 1);
      if (sampled.n_sample > sampled.n_total) throw new Error("n_sample is more than n_total");
    },
  },
  {
    group: "8",
    name: "a rehearsal starts as a run that writes to a sandbox",
    check: async (subject) => {
      const body = { run_kind: "rehearsal", write_sandbox: true };
      expectShape(await subject.server.post(pathOf(subject, "start"), body, newKey()), "started");
    },
  },
  {
    group: "9",
    name: "a missing key and an unknown kind are refused with 400",
    check: async (subject) => {
      expectStatus(await subject.server.post(pathOf(subject, "start"), BASELINE), 400);
      const nonsense = { run_kind: "nonsense" };
      expectStatus(await subject.server.post(pathOf(subject, "start"), nonsense, newKey()), 400);
    },
  },
  {
    group: "9",
    name: "a share out of range is refused with 422",
    check: async (subject) => {
      for (const pct of ["0", "0.21", "x"])
        expectStatus(
          await subject.server.post(pathOf(subject, `simulate?rehearsal_pct=${pct}`), undefined),
          422,
        );
    },
  },
  {
    group: "9",
    name: "a bad token is refused with 401, and a project that there is not with 404",
    check: async (subject) => {
      const bad = { authorization: "Bearer nonsense" };
      expectStatus(await subject.server.get(pathOf(subject, "metrics"), bad), 401);
      expectStatus(await subject.server.get("/api/projects/999999999999/metrics"), 404);
    },
  },
  {
    group: "10",
    name: "a batch of three projects starts three runs",
    check: async (subject) => {
      const started = await Promise.all(
        [0, 1, 2].map((index) => subject.server.post(pathOf(subject, "start", index), BASELINE, newKey())),
      );
      const runs = new Set(started.map((answer) => expectShape(answer, "started").run_id));
      expectSame("different runs", runs.size, 3);
    },
  },
];

/** How a server kept one of them; `problem` is null when it did. */
export interface Verdict extends Pick<Vector, "group" | "name"> {
  problem: string | null;
}

/** Asks one after the other; none ends the rest. */
export async function judge(subject: Subject, onVerdict: (verdict: Verdict) => void): Promise<number> {
  let failed = 0;
  for (const { group, name, check } of VECTORS) {
    const problem = await check(subject).then(
      () => null,
      (error: unknown) => sentenceOf(error),
    );
    failed += problem === null ? 0 : 1;
    onVerdict({ group, name, problem });
  }
  return failed;
}

const sentenceOf = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  return cause instanceof Error && cause.message !== ""
    ? `${error.message}: ${cause.message}`
    : error.message;
};
