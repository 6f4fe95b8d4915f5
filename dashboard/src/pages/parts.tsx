import { PartUsesDocument } from "../../../schema/generated/documents.ts";
import { modelPath, quantityText } from "../catalogue/addresses.ts";
import { usePolled } from "../graphql/live.ts";
import { FilterBar, SearchFilter } from "../ui/filter-bar.tsx";
import { count } from "../ui/format.ts";
import { useListAddress } from "../ui/list-address.ts";
import { PageTitle } from "../ui/page-title.tsx";
import { Card, Panel } from "../ui/panel.tsx";
import { Provenance } from "../ui/provenance.tsx";
import { Anchor } from "../ui/router.tsx";
import { TableHead } from "../ui/table-head.tsx";

/** As many as are drawn; a screw may be in thousands of lines. */
const DRAWN = 500;

/** Which models and trims are built with a part. */
export function PartsPage() {
  const list = useListAddress();
  const partNumber = list.get("q")?.trim();
  return (
    <>
      <p className="crumbs">
        <Anchor to="/models">Models</Anchor>
      </p>
      <PageTitle>Where a part is used</PageTitle>
      <div className="stack">
        <FilterBar list={list} label="The part" names={["q"]}>
          <SearchFilter list={list} name="q" label="The number of a part" />
        </FilterBar>
        {partNumber ? (
          <Uses partNumber={partNumber} />
        ) : (
          <Card title="Uses">
            <p className="empty">Type the whole number of a part, or follow one from a bill of materials.</p>
          </Card>
        )}
      </div>
    </>
  );
}

function Uses({ partNumber }: { partNumber: string }) {
  const live = usePolled(PartUsesDocument, { partNumber }, { everyMs: 60_000 });
  return (
    <Panel
      title="Uses"
      live={live}
      className="wide"
      lines={5}
      empty={({ partUses }) => (partUses.length === 0 ? `Nothing is built with ${partNumber}.` : undefined)}
    >
      {({ partUses }) => (
        <>
          <p>
            {several(partUses.length, "line")} in{" "}
            {several(new Set(partUses.map(({ model }) => model.id)).size, "model")}.
          </p>
          <table className="cards">
            <TableHead columns={["Model", "Trim", "Line", ["For one boat", "right"], "From"]} />
            <tbody>
              {partUses.slice(0, DRAWN).map(({ model, trim, line, provenance }) => (
                <tr key={`${model.id} ${trim?.id ?? ""} ${line.path}`}>
                  <th scope="row">
                    <Anchor to={modelPath(model.id, { q: partNumber, trim: trim?.id })}>{model.name}</Anchor>
                  </th>
                  <td data-label="Trim">{trim?.name ?? "all trims"}</td>
                  <td data-label="Line">
                    {line.name} <code className="path soft">{line.path}</code>
                  </td>
                  <td data-label="For one boat" className="number right">
                    {quantityText(line.totalQuantity)}
                  </td>
                  <td data-label="From">
                    <Provenance {...provenance} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
          {partUses.length > DRAWN && <p className="hint">The first {count(DRAWN)} are shown.</p>}
        </>
      )}
    </Panel>
  );
}

const several = (number: number, what: string) => `${count(number)} ${what}${number === 1 ? "" : "s"}`;
