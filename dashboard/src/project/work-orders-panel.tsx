import { useState } from "react";
import { ProjectWorkOrdersDocument, type ProjectQuery } from "../../../schema/generated/documents.ts";
import { usePolled, type Live } from "../graphql/live.ts";
import { useMay } from "../graphql/session.tsx";
import { Badge } from "../ui/badge.tsx";
import { ActionButton } from "../ui/commands.tsx";
import { count } from "../ui/format.ts";
import { Ago } from "../ui/moment.tsx";
import { Panel } from "../ui/panel.tsx";
import { Anchor } from "../ui/router.tsx";
import { CreateWorkOrderDialog } from "./dialogs.ts";

/** The catalogue's orders for this project. */
export function WorkOrdersPanel({ live: project }: { live: Live<ProjectQuery> }) {
  const [isOpen, setOpen] = useState(false);
  const projectId = project.data?.project?.id ?? "";
  const live = usePolled(
    ProjectWorkOrdersDocument,
    { projectId },
    { everyMs: 15_000, pause: projectId === "" },
  );
  const mayWrite = useMay("workorders.write");
  const close = () => {
    setOpen(false);
    live.retry();
  };
  return (
    <Panel
      title="Work orders"
      live={live}
      aside={
        <>
          <All projectId={projectId} total={live.data?.project?.workOrders.totalCount} />
          {mayWrite && <ActionButton name="Create work order" run={() => setOpen(true)} />}
          {isOpen && (
            <CreateWorkOrderDialog
              projectId={projectId}
              modelId={project.data?.project?.products[0]?.model.id}
              onClose={close}
            />
          )}
        </>
      }
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

/** The panel shows the newest twenty. */
function All({ projectId, total = 0 }: { projectId: string; total: number | undefined }) {
  if (total === 0) return null;
  const to = `/work-orders?${new URLSearchParams({ project: projectId }).toString()}`;
  return <Anchor to={to}>All {count(total)}</Anchor>;
}
