import type { ProjectQuery, RunActivitySubscription } from "../../../schema/generated/documents.ts";
import type { Live } from "../graphql/live.ts";
import { Badge } from "../ui/badge.tsx";
import { Fact, Facts } from "../ui/facts.tsx";
import { compact, count, percent, sentence, usd } from "../ui/format.ts";
import { Moment } from "../ui/moment.tsx";
import { Panel } from "../ui/panel.tsx";
import { useLatestRun } from "./use-latest-run.ts";

type Run = RunActivitySubscription["runProgress"];

export function RunPanel({ live }: { live: Live<ProjectQuery> }) {
  const activity = useLatestRun(live);
  const run = activity.data?.run;
  return (
    <Panel
      title="Run"
      live={activity}
      lines={6}
      aside={run && <Badge value={run.status} />}
      empty={({ run }) => (run ? undefined : "This project has not run yet.")}
    >
      {({ run }) => run && <Progress run={run} />}
    </Panel>
  );
}

function Progress({ run }: { run: Run }) {
  const { tasksTotal, tasksCompleted, tasksFailed } = run;
  const share = tasksTotal > 0 ? tasksCompleted / tasksTotal : 0;
  return (
    <>
      <p className="headline">
        <strong className="number">{percent(share)}</strong>{" "}
        <span className="soft">
          {count(tasksCompleted)} of {count(tasksTotal)} tasks
        </span>
      </p>
      <progress max={tasksTotal} value={tasksCompleted} aria-label="Finished tasks" />
      {run.statusReason && <p className="hint">{run.statusReason}</p>}
      <Facts>
        <Fact name="Kind">
          {sentence(run.kind)}
          {run.writeSandbox && <span className="soft"> (sandbox)</span>}
        </Fact>
        <Fact name="Failed tasks">{count(tasksFailed)}</Fact>
        <Fact name="Charged">{usd(run.usdSpent)}</Fact>
        <Fact name="Tokens">{compact(run.tokensSpent)}</Fact>
        <Fact name="Started">{run.startedAt ? <Moment at={run.startedAt} /> : "–"}</Fact>
        <Fact name="Ended">{run.completedAt ? <Moment at={run.completedAt} /> : "–"}</Fact>
      </Facts>
    </>
  );
}
