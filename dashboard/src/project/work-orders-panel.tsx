import { ProjectWorkOrdersDocument } from "../../../schema/generated/documents.ts";
import { usePolled } from "../graphql/live.ts";
import { Badge } from "../ui/badge.tsx";
import { Ago } from "../ui/moment.tsx";
import { Panel } from "../ui/panel.tsx";

/** The catalogue's orders for this project. */
export function WorkOrdersPanel({ projectId }: { projectId: string }) {
  const live = usePolled(ProjectWorkOrdersDocument, { projectId }, { everyMs: 15_000 });
  return (
    <Panel
      title="Work orders"
      live={live}
      empty={({ project }) =>
        project?.workOrders.totalCount ? undefined : "No work order was made for this project."
      }
    >
      {({ project }) => (
        <ul className="rows">
          {project?.workOrders.edges.map(({ node }) => (
            <li key={node.id}>
              <span>
                {node.number}{" "}
                <span className="soft">
                  {node.qty} × {node.trim?.name ?? node.model.name}
                </span>
                <br />
                <span className="soft">
                  described by the {node.dataSource}, changed <Ago at={node.updatedAt} />
                </span>
              </span>
              <Badge value={node.status} />
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}
