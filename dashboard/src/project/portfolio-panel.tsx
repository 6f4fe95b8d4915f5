import { PortfolioDocument, type PortfolioQuery } from "../../../schema/generated/documents.ts";
import { usePolled } from "../graphql/live.ts";
import { Figure } from "../ui/facts.tsx";
import { count, percent } from "../ui/format.ts";
import { Panel } from "../ui/panel.tsx";
import { Anchor, projectPath } from "../ui/router.tsx";
import { TableHead } from "../ui/table-head.tsx";
import { Bar } from "../ui/shares.tsx";

type Portfolio = PortfolioQuery["portfolio"];

/** What runs, what waits for a place, and how full each lane is. */
export function PortfolioPanel() {
  const live = usePolled(PortfolioDocument, {}, { everyMs: 3_000 });
  return (
    <Panel title="Queue and lanes" live={live} lines={8}>
      {({ portfolio }) => (
        <>
          <div className="figures">
            <Figure label="Tasks under way">{count(portfolio.running)}</Figure>
            <Figure label="Tasks waiting for a place">{count(portfolio.queued)}</Figure>
            <Figure label="Active projects">{count(portfolio.projects.length)}</Figure>
          </div>
          <Lanes lanes={portfolio.lanes} />
          <Shares projects={portfolio.projects} />
        </>
      )}
    </Panel>
  );
}

function Lanes({ lanes }: Pick<Portfolio, "lanes">) {
  return (
    <table className="cards">
      <TableHead columns={["Lane", "Places in use", ["Waiting", "right"]]} />
      <tbody>
        {lanes.map(({ lane, running, capacity, queued, utilization }) => (
          <tr key={lane.id}>
            <th scope="row">{lane.name}</th>
            <td data-label="Places in use" className="budget-cell">
              <span className="number">
                {capacity === 0 ? (
                  <span className="soft">no active project</span>
                ) : (
                  `${running} of ${capacity}`
                )}
              </span>
              <Bar share={utilization} tone={utilization >= 1 ? "WARNING" : "OK"} />
            </td>
            <td data-label="Waiting" className="number right">
              {count(queued)}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Shares({ projects }: Pick<Portfolio, "projects">) {
  if (projects.length === 0) return <p className="hint">No project is running.</p>;
  return (
    <>
      <h3>Who gets how much</h3>
      <ul className="rows">
        {projects.map(({ project, running, queued, share, fairShare }) => (
          <li key={project.id}>
            <Anchor to={projectPath(project.id)}>{project.name}</Anchor>
            <span className="number">
              {percent(share)}{" "}
              <span className="soft">
                of the work (fair: {percent(fairShare)}), {count(running)} under way, {count(queued)} waiting
              </span>
            </span>
          </li>
        ))}
      </ul>
    </>
  );
}
