import type { ProjectQuery, RunActivitySubscription } from "../../../schema/generated/documents.ts";
import type { Live } from "../graphql/live.ts";
import { compact, count, exactUsd, milliseconds, words } from "../ui/format.ts";
import { Moment } from "../ui/moment.tsx";
import { Panel } from "../ui/panel.tsx";
import { Scroll } from "../ui/scroll.tsx";
import { TableHead } from "../ui/table-head.tsx";
import { useLatestRun } from "./use-latest-run.ts";

/** Receipts of the newest run as they arrive. */
export function ReceiptsPanel({ live }: { live: Live<ProjectQuery> }) {
  return (
    <Panel
      title="Receipts"
      live={useLatestRun(live)}
      lines={8}
      empty={({ run }) => (run?.receipts.totalCount ? undefined : nothingOf(run))}
    >
      {({ run }) => run && <Receipts {...run.receipts} />}
    </Panel>
  );
}

/** Why there is none; a run that is over gets no more. */
const nothingOf = (run: RunActivitySubscription["runProgress"] | undefined): string =>
  run?.completedAt
    ? `None: the run was ${words(run.status)} before a task was finished.`
    : "None yet: the executor sends one per finished task.";

function Receipts({ edges, totalCount }: RunActivitySubscription["runProgress"]["receipts"]) {
  return (
    <>
      <Scroll label="Receipts, newest first">
        <table>
          <TableHead
            columns={[
              "Time",
              "Lane",
              ["Provider", "spare"],
              ["Took", "right"],
              ["Tokens", "right spare"],
              ["Cost", "right"],
            ]}
          />
          <tbody>
            {edges.map(({ node }) => (
              <tr key={node.id} className="arriving" data-failed={node.status === "FAILED"}>
                <td>
                  <Moment at={node.occurredAt} />
                </td>
                <td>
                  {node.lane.name}
                  {node.status === "FAILED" && <Failed />}
                </td>
                <td className="spare">{node.provider}</td>
                <td className="number right">{milliseconds(node.durationMs)}</td>
                <td className="number right spare">{compact(node.tokens)}</td>
                <td className="number right">{exactUsd(node.costUsd)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
      <p className="hint">
        The latest {edges.length} of {count(totalCount)}.
      </p>
    </>
  );
}

/** A sign, because a word more would push the cost out of sight. */
const Failed = () => (
  <span className="failed" title="failed">
    {" "}
    <span aria-hidden="true">✕</span>
    <span className="visually-hidden">failed</span>
  </span>
);
