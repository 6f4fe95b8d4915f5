import {
  PlmAlertPageDocument,
  type PlmAlertPageQuery,
  type PlmAlertPageQueryVariables,
} from "../../../schema/generated/documents.ts";
import { usePolled } from "../graphql/live.ts";
import { useAcknowledge } from "../plm/acknowledge.tsx";
import { Badge } from "../ui/badge.tsx";
import { FilterBar, SearchFilter, SelectFilter, SortFilter } from "../ui/filter-bar.tsx";
import { sentence } from "../ui/format.ts";
import { useListAddress, type ListAddress } from "../ui/list-address.ts";
import { Ago, Moment } from "../ui/moment.tsx";
import { PageTitle } from "../ui/page-title.tsx";
import { Pager } from "../ui/pager.tsx";
import { Panel } from "../ui/panel.tsx";
import { sortOf, TableHead } from "../ui/table-head.tsx";

const SHOWN = 50;
const STATES = [
  ["FIRING", "Nobody looks after it"],
  ["ACKNOWLEDGED", "Somebody looks after it"],
  ["RESOLVED", "Over"],
] as const;
const SEVERITIES = [
  ["CRITICAL", "Critical"],
  ["WARNING", "Warning"],
  ["INFO", "Information"],
] as const;

const ORDERS = [
  ["-SEVERITY", "Most severe first"],
  ["KIND", "By kind"],
  ["-STATE", "Those nobody looks after first"],
] as const;

/** Every alert about the PLM that there was. */
export function PlmAlertsPage() {
  const list = useListAddress();
  const { sort, isFalling } = sortOf(list);
  const asked = {
    after: list.get("after"),
    state: list.get("state"),
    severity: list.get("severity"),
    search: list.get("q"),
    ...(sort !== undefined && { sort, descending: isFalling }),
  };
  const variables = { first: SHOWN, ...(asked as Omit<PlmAlertPageQueryVariables, "first">) };
  const live = usePolled(PlmAlertPageDocument, variables, { everyMs: 5_000 });
  return (
    <>
      <PageTitle>Alerts about the PLM</PageTitle>
      <div className="stack">
        <FilterBar list={list} label="Filter the alerts" names={["q", "state", "severity"]}>
          <SearchFilter list={list} name="q" label="Find an alert" />
          <SelectFilter list={list} name="state" label="State" choices={STATES} />
          <SelectFilter list={list} name="severity" label="Severity" choices={SEVERITIES} />
          <SortFilter list={list} usual="Newest first" choices={ORDERS} />
        </FilterBar>
        <Panel title="All alerts" live={live} lines={6} className="wide">
          {({ plmAlertPage }) => <Alerts plmAlertPage={plmAlertPage} list={list} refresh={live.retry} />}
        </Panel>
      </div>
    </>
  );
}

/** What the kinds are about; kinds of a partner's own are said by their names. */
const KINDS: Readonly<Record<string, string>> = {
  PLM_AVAILABILITY: "The PLM answers too seldom",
  PLM_LATENCY_P95: "The PLM is slow",
  SHADOW_DIFF_RATE: "PLM and MRP differ",
  CIRCUIT_OPEN: "The circuit is open",
  AUTH_FAILURES: "Our credentials are refused",
  PLM_BAD_RECORDS: "Records that cannot be taken",
  RB_ERROR_RATE: "Reason to roll back: failed calls",
  RB_LATENCY: "Reason to roll back: slow answers",
  RB_INTEGRITY: "Reason to roll back: critical differences",
  RB_USER_ERRORS: "Reason to roll back: trouble at work",
};

const COLUMNS = [
  { name: "Alert", sort: "KIND" },
  { name: "Severity", sort: "SEVERITY", isFalling: true },
  { name: "Raised", sort: "RAISED", isFalling: true },
  { name: "State", sort: "STATE", isFalling: true },
  "",
] as const;

type Alert = PlmAlertPageQuery["plmAlertPage"]["edges"][number]["node"];

function Alerts({
  plmAlertPage,
  list,
  refresh,
}: PlmAlertPageQuery & { list: ListAddress; refresh: () => void }) {
  const { button, dialog } = useAcknowledge(refresh);
  const { edges, pageInfo, totalCount } = plmAlertPage;
  if (edges.length === 0) return <p className="empty">No alert is what you look for.</p>;
  return (
    <>
      <table className="cards">
        <TableHead columns={COLUMNS} list={list} />
        <tbody>
          {edges.map(({ node }) => (
            <tr key={node.id}>
              <th scope="row">
                {node.message}
                <br />
                <span className="soft">{KINDS[node.kind] ?? sentence(node.kind)}</span>
              </th>
              <td data-label="Severity">
                <Badge value={node.severity} />
              </td>
              <td data-label="Raised">
                <Moment at={node.raisedAt} withDate />
              </td>
              <td data-label="State">
                <State {...node} />
              </td>
              <td>{button(node)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <Pager list={list} pageInfo={pageInfo} shown={edges.length} total={totalCount} what="alerts" />
      {dialog}
    </>
  );
}

function State({ state, resolvedAt, acknowledgedAt, acknowledgedBy }: Alert) {
  if (state === "RESOLVED" && resolvedAt !== null)
    return (
      <>
        over since <Ago at={resolvedAt} />
      </>
    );
  if (state === "ACKNOWLEDGED" && acknowledgedAt !== null)
    return (
      <>
        {acknowledgedBy} looks after it since <Ago at={acknowledgedAt} />
      </>
    );
  return <>nobody looks after it</>;
}
