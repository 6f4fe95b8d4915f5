import { ProjectAlertsDocument, type ProjectAlertsQuery } from "../../../schema/generated/documents.ts";
import { usePolled } from "../graphql/live.ts";
import { count, kindOfAlert } from "../ui/format.ts";
import { useHeldOrder } from "../ui/held-order.ts";
import { useListAddress, type ListAddress } from "../ui/list-address.ts";
import { Pager } from "../ui/pager.tsx";
import { Panel } from "../ui/panel.tsx";
import { AlertList } from "./alert-list.tsx";

type Alerts = ProjectAlertsQuery["projectAlerts"];
type Group = Alerts["groups"][number];

const SHOWN = 10;
const LATELY = 3;
const REFRESH_MS = 5_000;

/** Thresholds that are crossed right now, of one project or of all, by kind; and those that were until lately. */
export function AlertsPanel({ projectId }: { projectId?: string }) {
  const list = useListAddress("alerts.");
  const firing = usePolled(ProjectAlertsDocument, firingIn(list, projectId), { everyMs: REFRESH_MS });
  const resolved = usePolled(
    ProjectAlertsDocument,
    { state: "RESOLVED", first: LATELY, ...(projectId !== undefined && { projectId }) },
    { everyMs: REFRESH_MS },
  );
  const over = resolved.data?.projectAlerts.edges ?? [];
  return (
    <Panel title="Alerts" live={firing} lines={2}>
      {({ projectAlerts }) => (
        <>
          {projectAlerts.groups.length > 1 && <Groups list={list} groups={projectAlerts.groups} />}
          {projectAlerts.totalCount === 0 && <p className="empty">Nothing to worry about.</p>}
          <Firing list={list} alerts={projectAlerts} over={over} isOfOne={projectId !== undefined} />
          {over.length > 0 && (
            <>
              <h3>Over by now</h3>
              <AlertList alerts={over.map(told(projectId === undefined))} />
            </>
          )}
        </>
      )}
    </Panel>
  );
}

/** A kind in the address that is none is refused by the server, in words. */
function firingIn(list: ListAddress, projectId: string | undefined) {
  const asked = { kind: list.get("kind"), after: list.get("after"), before: list.get("before") };
  return {
    state: "FIRING" as const,
    first: SHOWN,
    ...(projectId !== undefined && { projectId }),
    ...(asked as { kind?: Group["kind"]; after?: string; before?: string }),
  };
}

const told =
  (withProject: boolean) =>
  ({ node, project }: Alerts["edges"][number]) =>
    withProject ? { ...node, project } : node;

/** How many there are of each kind; pressing one shows it alone. */
function Groups({ list, groups }: { list: ListAddress; groups: readonly Group[] }) {
  const chosen = list.get("kind");
  return (
    <div className="chips" role="group" aria-label="Kinds of alerts">
      {groups.map(({ kind, alerts }) => (
        <button
          key={kind}
          type="button"
          aria-pressed={kind === chosen}
          onClick={() => list.set({ kind: kind === chosen ? undefined : kind })}
        >
          {kindOfAlert(kind)} <span className="number">{count(alerts)}</span>
        </button>
      ))}
    </div>
  );
}

interface FiringProps {
  list: ListAddress;
  alerts: Alerts;
  /** Those that were resolved lately. */
  over: Alerts["edges"];
  isOfOne: boolean;
}

/** What is resolved while it is read stays where it is, and says so. */
function Firing({ list, alerts, over, isOfOne }: FiringProps) {
  const what = `${list.get("kind")} ${list.get("after")} ${list.get("before")}`;
  const { items, hasMoved, catchUp } = useHeldOrder(alerts.edges, { what, idOf: ({ node }) => node.id });
  const ended = new Map(over.map((edge) => [edge.node.id, edge]));
  return (
    <>
      {hasMoved && (
        <p className="moved" role="status">
          The alerts have changed since you came.{" "}
          <button type="button" onClick={catchUp}>
            Show them as they are now
          </button>
        </p>
      )}
      <AlertList alerts={items.map((edge) => told(!isOfOne)(ended.get(edge.node.id) ?? edge))} />
      <Pager
        list={list}
        pageInfo={alerts.pageInfo}
        shown={items.length}
        total={alerts.totalCount}
        what="alerts"
      />
    </>
  );
}
