import {
  RunActivityDocument,
  type ProjectQuery,
  type RunActivitySubscription,
} from "../../../schema/generated/documents.ts";
import { useLive, type Live } from "../graphql/live.ts";

interface LatestRun {
  /** Undefined while the project has never run. */
  run: RunActivitySubscription["runProgress"] | undefined;
}

/** Follows the newest run of a project; panels that ask for the same run share one subscription. */
export function useLatestRun(project: Live<ProjectQuery>): Live<LatestRun> {
  const runId = project.data?.project?.runs.edges[0]?.node.id;
  const live = useLive(RunActivityDocument, { runId: runId ?? "" }, { pause: runId === undefined });
  if (runId === undefined) return { ...project, data: project.data && { run: undefined } };
  const run = live.data?.runProgress;
  return { ...live, data: run?.id === runId ? { run } : undefined };
}
