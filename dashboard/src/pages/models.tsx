import { ModelsDocument, type ModelsQuery, type ModelSort } from "../../../schema/generated/documents.ts";
import { modelPath } from "../catalogue/addresses.ts";
import { usePolled } from "../graphql/live.ts";
import { FilterBar, SearchFilter, SortFilter } from "../ui/filter-bar.tsx";
import { useListAddress, type ListAddress } from "../ui/list-address.ts";
import { PageTitle } from "../ui/page-title.tsx";
import { Pager } from "../ui/pager.tsx";
import { Panel } from "../ui/panel.tsx";
import { Provenance } from "../ui/provenance.tsx";
import { Anchor, projectPath } from "../ui/router.tsx";
import { sortOf, TableHead } from "../ui/table-head.tsx";

const SHOWN = 50;
const ORDERS = [["CODE", "By code"]] as const;

export function ModelsPage() {
  const list = useListAddress();
  const { sort, isFalling } = sortOf(list);
  const live = usePolled(ModelsDocument, {
    first: SHOWN,
    after: list.get("after"),
    search: list.get("q"),
    sort: sort as ModelSort | undefined,
    descending: isFalling || undefined,
  });
  return (
    <>
      <PageTitle>Models</PageTitle>
      <div className="stack">
        <FilterBar list={list} label="Filter the models" names={["q"]}>
          <SearchFilter list={list} name="q" label="Find a model" />
          <SortFilter list={list} usual="By name" choices={ORDERS} />
          <Anchor to="/parts">Where is a part used?</Anchor>
        </FilterBar>
        <Panel
          title="The catalogue, and where each value comes from"
          live={live}
          lines={8}
          className="wide"
          empty={({ models }) => (models.totalCount === 0 ? nothing(list) : undefined)}
        >
          {({ models }) => <Models models={models} list={list} />}
        </Panel>
      </div>
    </>
  );
}

const nothing = (list: ListAddress) =>
  list.get("q") === undefined ? "The catalogue is empty." : "No model has that in its name or code.";

function Models({ models, list }: ModelsQuery & { list: ListAddress }) {
  const columns = [
    { name: "Model", sort: "NAME" },
    { name: "Code", sort: "CODE" },
    "Trims",
    "Projects",
    "From",
  ];
  return (
    <>
      <table className="cards">
        <TableHead columns={columns} list={list} />
        <tbody>
          {models.edges.map(({ node }) => (
            <tr key={node.id}>
              <th scope="row">
                <Anchor to={modelPath(node.id)}>{node.name}</Anchor>
              </th>
              <td data-label="Code">{node.code}</td>
              <td data-label="Trims">{node.trims.map(({ name }) => name).join(", ") || "–"}</td>
              <td data-label="Projects">
                {node.projects.edges.map(({ node: project }) => (
                  <Anchor key={project.id} to={projectPath(project.id)} className="chip">
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
      <Pager
        list={list}
        pageInfo={models.pageInfo}
        shown={models.edges.length}
        total={models.totalCount}
        what="models"
      />
    </>
  );
}
