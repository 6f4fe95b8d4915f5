import { useState } from "react";
import {
  ProjectsDocument,
  ProjectSummaryDocument,
  type ProjectsQuery,
  type ProjectsQueryVariables,
} from "../../../schema/generated/documents.ts";
import { usePolled } from "../graphql/live.ts";
import { useMay } from "../graphql/session.tsx";
import { ActionButton } from "../ui/commands.tsx";
import { ProjectFilters } from "../project/project-filters.tsx";
import { ProjectRow } from "../project/project-row.tsx";
import { Figure } from "../ui/facts.tsx";
import { count, usd } from "../ui/format.ts";
import { useHeldOrder } from "../ui/held-order.ts";
import { useListAddress, type ListAddress } from "../ui/list-address.ts";
import { PageTitle } from "../ui/page-title.tsx";
import { Pager } from "../ui/pager.tsx";
import { Panel } from "../ui/panel.tsx";
import { Anchor } from "../ui/router.tsx";
import { sortOf, TableHead } from "../ui/table-head.tsx";
import { CreateProjectDialog } from "../project/dialogs.ts";

/** As many as somebody reads on one page. */
const SHOWN = 50;
const REFRESH_MS = 5_000;

export function ProjectsPage() {
  const list = useListAddress();
  const variables = variablesOf(list);
  const projects = usePolled(ProjectsDocument, variables, { everyMs: REFRESH_MS });
  return (
    <>
      <div className="heading">
        <PageTitle>Projects</PageTitle>
        <CreateProject />
      </div>
      <div className="stack">
        <SummaryPanel />
        <ProjectFilters list={list} />
        <Panel title="All projects" live={projects} lines={10}>
          {(data) => <ProjectTable list={list} what={JSON.stringify(variables)} {...data} />}
        </Panel>
      </div>
    </>
  );
}

function CreateProject() {
  const [isOpen, setOpen] = useState(false);
  if (!useMay("projects.manage")) return null;
  return (
    <div className="buttons">
      <ActionButton name="Create project" className="primary" run={() => setOpen(true)} />
      {isOpen && <CreateProjectDialog onClose={() => setOpen(false)} />}
    </div>
  );
}

/** What the address asks for; a value that the server does not know is refused there, in words. */
function variablesOf(list: ListAddress): ProjectsQueryVariables {
  const { sort, isFalling } = sortOf(list);
  const asked = {
    after: list.get("after"),
    before: list.get("before"),
    search: list.get("q"),
    status: list.get("status"),
    runway: list.get("budget"),
    modelId: list.get("product"),
    sort,
    descending: isFalling || undefined,
  };
  return { first: SHOWN, ...(asked as Omit<ProjectsQueryVariables, "first">) };
}

function SummaryPanel() {
  const live = usePolled(ProjectSummaryDocument, {}, { everyMs: REFRESH_MS });
  return (
    <Panel title="In total" live={live} lines={2}>
      {({ projectSummary: { total, running, critical, warning, usdSpent, usdSpentToday } }) => (
        <div className="figures">
          <Figure label="Projects">{count(total)}</Figure>
          <Figure
            label="Running now"
            note={running > 0 && <Anchor to="/?status=EXECUTING">show them</Anchor>}
          >
            {count(running)}
          </Figure>
          <Figure
            label="Budgets in danger"
            note={critical > 0 ? <Anchor to="/?budget=CRITICAL">show them</Anchor> : "none"}
          >
            {count(critical)}
          </Figure>
          <Figure
            label="Warnings"
            note={warning > 0 ? <Anchor to="/?budget=WARNING">show them</Anchor> : "none"}
          >
            {count(warning)}
          </Figure>
          <Figure label="Spent today" note="since midnight UTC">
            {usd(usdSpentToday)}
          </Figure>
          <Figure label="Spent so far">{usd(usdSpent)}</Figure>
        </div>
      )}
    </Panel>
  );
}

const COLUMNS = [
  { name: "Project", sort: "NAME" },
  "Status",
  { name: "Budget", sort: "SPENT", isFalling: true },
  { name: "Runway", sort: "DANGER", isFalling: true },
  "Works on",
] as const;

interface ProjectTableProps extends ProjectsQuery {
  list: ListAddress;
  what: string;
}

function ProjectTable({ list, what, projects }: ProjectTableProps) {
  const { edges, pageInfo, totalCount } = projects;
  const { items, hasMoved, catchUp } = useHeldOrder(edges, { what, idOf: ({ node }) => node.id });
  return (
    <>
      {hasMoved && (
        <p className="moved" role="status">
          The list has changed since you came.{" "}
          <button type="button" onClick={catchUp}>
            Show it as it is now
          </button>
        </p>
      )}
      {items.length === 0 ? (
        <p className="empty">
          {totalCount > 0 || isNarrowed(list)
            ? "No project here is what you look for."
            : "There is no project yet."}
        </p>
      ) : (
        <table className="cards">
          <TableHead columns={COLUMNS} list={list} />
          <tbody>
            {items.map(({ node }) => (
              <ProjectRow key={node.id} project={node} />
            ))}
          </tbody>
        </table>
      )}
      <Pager list={list} pageInfo={pageInfo} shown={items.length} total={totalCount} what="projects" />
    </>
  );
}

const isNarrowed = (list: ListAddress): boolean =>
  ["q", "status", "budget", "product"].some((name) => list.get(name) !== undefined);
