import {
  ShadowDiffGroupsDocument,
  type DiffGrouping,
  type ShadowDiffGroupsQuery,
} from "../../../schema/generated/documents.ts";
import { usePolled } from "../graphql/live.ts";
import { Badge } from "../ui/badge.tsx";
import { count, words } from "../ui/format.ts";
import type { ListAddress } from "../ui/list-address.ts";
import { Ago } from "../ui/moment.tsx";
import { Pager } from "../ui/pager.tsx";
import { Panel } from "../ui/panel.tsx";
import { TableHead } from "../ui/table-head.tsx";
import { addressOf, filterOf, type Group } from "./diff-filter.ts";

const SHOWN = 25;

/** Differences gathered by what they have in common: one cause, many lines. */
export function DiffGroupsPanel({ by, list }: { by: DiffGrouping; list: ListAddress }) {
  const live = usePolled(ShadowDiffGroupsDocument, {
    by,
    filter: filterOf(list),
    first: SHOWN,
    after: list.get("after"),
  });
  return (
    <Panel
      title="What they have in common"
      live={live}
      className="wide"
      lines={6}
      empty={({ shadowDiffGroups }) => (shadowDiffGroups.totalCount === 0 ? "None were seen." : undefined)}
    >
      {({ shadowDiffGroups }) => <Groups shadowDiffGroups={shadowDiffGroups} list={list} />}
    </Panel>
  );
}

function Groups({ shadowDiffGroups, list }: ShadowDiffGroupsQuery & { list: ListAddress }) {
  const { edges, pageInfo, totalCount } = shadowDiffGroups;
  return (
    <>
      <table className="cards">
        <TableHead
          columns={[
            "In common",
            "For example",
            ["Lines", "right"],
            ["Not classified", "right"],
            "Last seen",
            "",
          ]}
        />
        <tbody>
          {edges.map(({ node }) => (
            <GroupRow key={JSON.stringify(addressOf(node))} group={node} list={list} />
          ))}
        </tbody>
      </table>
      <Pager list={list} pageInfo={pageInfo} shown={edges.length} total={totalCount} what="groups" />
    </>
  );
}

function GroupRow({ group, list }: { group: Group; list: ListAddress }) {
  const { lines, open, models, lastSeenAt, example, severity } = group;
  return (
    <tr>
      <th scope="row">
        {nameOf(group)} {severity && <Badge value={severity} />}
      </th>
      <td data-label="For example">
        <code className="path">{example.path}</code>
        <br />
        <span className="soft">
          {example.mrp ?? "missing"} → {example.plm ?? "missing"}
        </span>
      </td>
      <td data-label="Lines" className="number right">
        {count(lines)}
        {models > 1 && <span className="soft"> in {count(models)} models</span>}
      </td>
      <td data-label="Not classified" className="number right">
        {count(open)}
      </td>
      <td data-label="Last seen">
        <Ago at={lastSeenAt} />
      </td>
      <td>
        <button type="button" onClick={() => list.set({ ...addressOf(group), by: "LINES" })}>
          Show them
        </button>
      </td>
    </tr>
  );
}

const KINDS = {
  VALUE: "differs",
  MISSING_IN_PLM: "missing in the PLM",
  MISSING_IN_MRP: "missing in the MRP",
};

function nameOf({ kind, field, modelCode, place, mrp, plm }: Group): string {
  if (place !== null) return `${modelCode ?? ""}, ${place}`;
  if (field === "exists" && kind !== null) return `Lines ${KINDS[kind]}`;
  if (mrp !== null && plm !== null) return `${words(field ?? "")}: ${mrp} → ${plm}`;
  return `${field ?? ""} ${kind === null ? "" : KINDS[kind]}`;
}
