import { useState } from "react";
import {
  BomChildrenDocument,
  BomSearchDocument,
  type BomChildrenQuery,
} from "../../../schema/generated/documents.ts";
import { usePolled } from "../graphql/live.ts";
import { FilterBar, SearchFilter } from "../ui/filter-bar.tsx";
import { count } from "../ui/format.ts";
import type { ListAddress } from "../ui/list-address.ts";
import { Pager } from "../ui/pager.tsx";
import { Panel } from "../ui/panel.tsx";
import { Anchor } from "../ui/router.tsx";
import { TableHead } from "../ui/table-head.tsx";
import { partPath, quantityText } from "./addresses.ts";

/** Which bill of a model is shown. */
interface Of {
  trimId: string | undefined;
  asOf: string | undefined;
}

interface BomPanelProps {
  model: { id: string };
  of: Of;
  list: ListAddress;
}

/** The bill of materials: opened level by level, or searched. */
export function BomPanel({ model, of, list }: BomPanelProps) {
  const search = list.get("q");
  return (
    <>
      <FilterBar list={list} label="Find in the bill" names={["q"]}>
        <SearchFilter list={list} name="q" label="Find a line of the bill" />
      </FilterBar>
      {search === undefined ? (
        <Tree model={model} of={of} />
      ) : (
        <Found model={model} of={of} list={list} search={search} />
      )}
    </>
  );
}

function Tree({ model, of }: Omit<BomPanelProps, "list">) {
  const level = useLevel({ id: model.id, ...of }, null);
  return (
    <Panel
      title="Bill of materials"
      live={level.live}
      lines={8}
      className="wide"
      empty={() => (level.total === 0 ? "Nothing is built for this model." : undefined)}
    >
      {() => <Level level={level} of={{ id: model.id, ...of }} />}
    </Panel>
  );
}

type Edge = NonNullable<BomChildrenQuery["model"]>["bom"]["childLines"]["edges"][number];
type LevelOf = Of & { id: string };

/** As many as are drawn before somebody asks for more: a level may have tens of thousands. */
const DRAWN = 100;
const DRAWN_MOST = 1_000;
/** Bills of materials do not change while they are looked at, or seldom. */
const EVERY_MS = 60_000;

/** The lines right below one; more of them each time somebody asks. */
function useLevel(of: LevelOf, parentPath: string | null) {
  const [first, setFirst] = useState(DRAWN);
  const live = usePolled(BomChildrenDocument, { ...of, parentPath, first }, { everyMs: EVERY_MS });
  const page = live.data?.model?.bom.childLines;
  return {
    live,
    edges: page?.edges ?? [],
    total: page?.totalCount,
    more: first < DRAWN_MOST ? () => setFirst(Math.min(first * 2, DRAWN_MOST)) : undefined,
  };
}

function Level({ level, of }: { level: ReturnType<typeof useLevel>; of: LevelOf }) {
  const { edges, total = 0, more } = level;
  return (
    <ul className="bom">
      {edges.map((edge) => (
        <Line key={edge.node.path} edge={edge} of={of} />
      ))}
      {edges.length < total && (
        <li className="soft">
          {count(edges.length)} of {count(total)} shown.{" "}
          {more ? (
            <button type="button" onClick={more}>
              Show more
            </button>
          ) : (
            "Search for the others."
          )}
        </li>
      )}
    </ul>
  );
}

function Line({ edge: { node, childCount }, of }: { edge: Edge; of: LevelOf }) {
  const [isOpen, setOpen] = useState(false);
  return (
    <li>
      <div className="bom-line">
        {childCount > 0 ? (
          <button
            type="button"
            className="quiet"
            aria-expanded={isOpen}
            aria-label={`${node.name}, ${count(childCount)} below`}
            onClick={() => setOpen(!isOpen)}
          >
            <span aria-hidden="true">{isOpen ? "▾" : "▸"}</span>
          </button>
        ) : (
          <span aria-hidden="true" className="bom-leaf" />
        )}
        <span className="bom-name">
          {node.name} {node.code !== node.name && <span className="soft">{node.code}</span>}
          {childCount > 0 && <span className="soft"> ({count(childCount)})</span>}
        </span>
        <span className="bom-part">
          {node.partNumber !== null && (
            <>
              <Anchor to={partPath(node.partNumber)}>{node.partNumber}</Anchor>
              {node.partRevision && <span className="soft"> rev. {node.partRevision}</span>}
            </>
          )}
        </span>
        <span className="number">{quantityText(node.exactQuantity)}</span>
      </div>
      {(node.effectiveFrom ?? node.effectiveTo) !== null && (
        <p className="hint">
          valid {node.effectiveFrom && `from ${node.effectiveFrom}`}{" "}
          {node.effectiveTo && `to ${node.effectiveTo}`}
        </p>
      )}
      {isOpen && <Below of={of} path={node.path} />}
    </li>
  );
}

function Below({ of, path }: { of: LevelOf; path: string }) {
  const level = useLevel(of, path);
  if (level.live.problem !== undefined) return <p role="alert">{level.live.problem}</p>;
  if (level.total === undefined) return <p className="soft">Loading…</p>;
  return <Level level={level} of={of} />;
}

const FOUND = 50;

function Found({ model, of, list, search }: BomPanelProps & { search: string }) {
  const live = usePolled(
    BomSearchDocument,
    { id: model.id, ...of, search, first: FOUND, after: list.get("after") },
    { everyMs: EVERY_MS, pause: search.trim() === "" },
  );
  return (
    <Panel
      title="Bill of materials"
      live={live}
      lines={8}
      className="wide"
      empty={(data) => (data.model?.bom.flatLines.totalCount === 0 ? "No line has that in it." : undefined)}
    >
      {(data) => {
        const lines = data.model?.bom.flatLines;
        if (!lines) return null;
        return (
          <>
            <table className="cards">
              <TableHead columns={["Line", "Part", ["For one boat", "right"]]} />
              <tbody>
                {lines.edges.map(({ node }) => (
                  <tr key={node.path}>
                    <th scope="row">
                      {node.name}
                      <br />
                      <code className="path soft">{node.path}</code>
                    </th>
                    <td data-label="Part">
                      {node.partNumber === null ? (
                        "–"
                      ) : (
                        <Anchor to={partPath(node.partNumber)}>{node.partNumber}</Anchor>
                      )}
                    </td>
                    <td data-label="For one boat" className="number right">
                      {quantityText(node.totalQuantity)}
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
            <Pager
              list={list}
              pageInfo={lines.pageInfo}
              shown={lines.edges.length}
              total={lines.totalCount}
              what="lines"
            />
          </>
        );
      }}
    </Panel>
  );
}
