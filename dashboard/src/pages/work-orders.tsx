import {
  WorkOrdersDocument,
  type WorkOrdersQuery,
  type WorkOrdersQueryVariables,
  type WorkOrderStatus,
} from "../../../schema/generated/documents.ts";
import { modelPath } from "../catalogue/addresses.ts";
import { usePolled } from "../graphql/live.ts";
import { Badge } from "../ui/badge.tsx";
import { FilterBar, SearchFilter, SelectFilter, SortFilter } from "../ui/filter-bar.tsx";
import { sentence, words } from "../ui/format.ts";
import { useListAddress, type ListAddress } from "../ui/list-address.ts";
import { Ago, Moment } from "../ui/moment.tsx";
import { PageTitle } from "../ui/page-title.tsx";
import { Pager } from "../ui/pager.tsx";
import { Panel } from "../ui/panel.tsx";
import { Anchor, projectPath } from "../ui/router.tsx";
import { sortOf, TableHead } from "../ui/table-head.tsx";

const SHOWN = 50;
const STATUSES: readonly WorkOrderStatus[] = [
  "PLANNED",
  "RELEASED",
  "IN_PROGRESS",
  "HOLD",
  "COMPLETED",
  "CLOSED",
  "CANCELLED",
];
const ORDERS = [
  ["-UPDATED", "Changed last first"],
  ["-PRIORITY", "Most urgent first"],
  ["PLANNED_START", "Planned first"],
] as const;

/** Every work order that the reader may see. */
export function WorkOrdersPage() {
  const list = useListAddress();
  const live = usePolled(WorkOrdersDocument, variablesOf(list), { everyMs: 10_000 });
  return (
    <>
      <PageTitle>Work orders</PageTitle>
      <div className="stack">
        <FilterBar list={list} label="Filter the work orders" names={["q", "status", "project"]}>
          <SearchFilter list={list} name="q" label="Find a number, hull or SKU" />
          <SelectFilter
            list={list}
            name="status"
            label="Status"
            choices={STATUSES.map((status) => [status, sentence(status)] as const)}
          />
          <SortFilter list={list} usual="Newest first" choices={ORDERS} />
        </FilterBar>
        <Panel title="All work orders" live={live} lines={10} className="wide">
          {({ workOrders }) => <Orders workOrders={workOrders} list={list} />}
        </Panel>
      </div>
    </>
  );
}

/** What the address asks for; a value that the server does not know is refused there, in words. */
function variablesOf(list: ListAddress): WorkOrdersQueryVariables {
  const { sort, isFalling } = sortOf(list);
  const asked = {
    after: list.get("after"),
    search: list.get("q"),
    status: list.get("status"),
    projectId: list.get("project"),
    ...(sort !== undefined && { sort, descending: isFalling }),
  };
  return { first: SHOWN, ...(asked as Omit<WorkOrdersQueryVariables, "first">) };
}

const COLUMNS = [
  { name: "Order", sort: "CREATED", isFalling: true },
  "Builds",
  { name: "Priority", sort: "PRIORITY", isFalling: true },
  { name: "Planned", sort: "PLANNED_START" },
  { name: "Changed", sort: "UPDATED", isFalling: true },
  "Described by",
] as const;

function Orders({ workOrders, list }: WorkOrdersQuery & { list: ListAddress }) {
  const { edges, pageInfo, totalCount } = workOrders;
  if (edges.length === 0)
    return (
      <p className="empty">
        {["q", "status", "project"].some((name) => list.get(name) !== undefined)
          ? "No work order is what you look for."
          : "There is no work order yet: projects make them, on their pages."}
      </p>
    );
  return (
    <>
      <table className="cards">
        <TableHead columns={COLUMNS} list={list} />
        <tbody>
          {edges.map(({ node }) => (
            <OrderRow key={node.id} order={node} />
          ))}
        </tbody>
      </table>
      <Pager list={list} pageInfo={pageInfo} shown={edges.length} total={totalCount} what="work orders" />
    </>
  );
}

function OrderRow({ order }: { order: WorkOrdersQuery["workOrders"]["edges"][number]["node"] }) {
  const { number, status, qty, priority, hullId, model, trim, project } = order;
  return (
    <tr>
      <th scope="row">
        {number} <Badge value={status} />
        <br />
        <span className="soft">{[hullId, order.productSku].filter(Boolean).join(" · ")}</span>
      </th>
      <td data-label="Builds">
        {qty} × <Anchor to={modelPath(model.id, { trim: trim?.id })}>{trim?.name ?? model.name}</Anchor>
        {project && (
          <>
            <br />
            <span className="soft">
              for <Anchor to={projectPath(project.id)}>{project.name}</Anchor>
            </span>
          </>
        )}
      </td>
      <td data-label="Priority">{words(priority)}</td>
      <td data-label="Planned">
        {order.plannedStartAt === null ? "–" : <Moment at={order.plannedStartAt} withDate />}
      </td>
      <td data-label="Changed">
        <Ago at={order.updatedAt} />
      </td>
      <td data-label="Described by">
        <Badge value={order.dataSource} label={order.dataSource} />
      </td>
    </tr>
  );
}
