import type { ProjectsQuery } from "../../../schema/generated/documents.ts";
import { ProjectsDocument } from "../../../schema/generated/documents.ts";
import { usePolled } from "../graphql/live.ts";
import { ProjectRow } from "../project/project-row.tsx";
import { count, usd } from "../ui/format.ts";
import { Figure } from "../ui/facts.tsx";
import { Panel } from "../ui/panel.tsx";
import { PageTitle } from "../ui/page-title.tsx";
import { TableHead } from "../ui/table-head.tsx";

/** As many as fit a screen that somebody reads. */
const SHOWN = 50;

export function ProjectsPage() {
  const projects = usePolled(ProjectsDocument, { first: SHOWN }, { everyMs: 5_000 });
  return (
    <>
      <PageTitle>Projects</PageTitle>
      <Panel
        title="All projects"
        live={projects}
        lines={10}
        className="wide"
        empty={({ projects }) =>
          projects.totalCount === 0 ? "No project yet. The mutation createProject makes one." : undefined
        }
      >
        {(data) => (
          <>
            <Summary {...data} />
            <ProjectTable {...data} />
          </>
        )}
      </Panel>
    </>
  );
}

function Summary({ projects }: ProjectsQuery) {
  const nodes = projects.edges.map(({ node }) => node);
  const running = nodes.filter(({ status }) => status === "EXECUTING").length;
  const troubled = nodes.filter(({ budgetRunway }) => budgetRunway.status === "CRITICAL").length;
  const spent = nodes.reduce((sum, { budgetRunway }) => sum + budgetRunway.budget.usdSpent, 0);
  return (
    <div className="figures">
      <Figure label="Projects">{count(projects.totalCount)}</Figure>
      <Figure label="Running now">{count(running)}</Figure>
      <Figure label="Budgets in danger" note={troubled === 0 ? "none" : "marked as critical below"}>
        {count(troubled)}
      </Figure>
      <Figure label="Spent so far">{usd(spent)}</Figure>
    </div>
  );
}

function ProjectTable({ projects }: ProjectsQuery) {
  return (
    <>
      <table className="cards">
        <TableHead columns={["Project", "Status", "Budget", "Runway", "Works on"]} />
        <tbody>
          {projects.edges.map(({ node }) => (
            <ProjectRow key={node.id} project={node} />
          ))}
        </tbody>
      </table>
      {projects.pageInfo.hasNextPage && (
        <p className="hint">
          The first {projects.edges.length} of {count(projects.totalCount)} projects.
        </p>
      )}
    </>
  );
}
