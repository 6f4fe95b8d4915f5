import { ModelsDocument } from "../../../schema/generated/documents.ts";
import { usePolled } from "../graphql/live.ts";
import { Panel } from "../ui/panel.tsx";
import { Provenance } from "../ui/provenance.tsx";
import { Anchor } from "../ui/router.tsx";
import { PageTitle } from "../ui/page-title.tsx";
import { TableHead } from "../ui/table-head.tsx";

export function ModelsPage() {
  const live = usePolled(ModelsDocument, { first: 50 });
  return (
    <>
      <PageTitle>Models</PageTitle>
      <Panel
        title="The catalogue, and where each value comes from"
        live={live}
        lines={8}
        className="wide"
        empty={({ models }) => (models.totalCount === 0 ? "The catalogue is empty." : undefined)}
      >
        {({ models }) => (
          <table className="cards">
            <TableHead columns={["Model", "Trims", "Projects", "From"]} />
            <tbody>
              {models.edges.map(({ node }) => (
                <tr key={node.id}>
                  <th scope="row">
                    {node.name} {node.code !== node.name && <span className="soft">{node.code}</span>}
                  </th>
                  <td data-label="Trims">{node.trims.map(({ name }) => name).join(", ") || "–"}</td>
                  <td data-label="Projects">
                    {node.projects.edges.map(({ node: project }) => (
                      <Anchor
                        key={project.id}
                        to={`/projects/${encodeURIComponent(project.id)}`}
                        className="chip"
                      >
                        {project.name}
                      </Anchor>
                    ))}
                    {node.projects.edges.length === 0 && "–"}
                  </td>
                  <td data-label="From">
                    <Provenance {...node.provenance} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </Panel>
    </>
  );
}
