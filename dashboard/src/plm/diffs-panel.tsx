import { useState } from "react";
import { ShadowDiffsDocument, type ShadowDiffsQuery } from "../../../schema/generated/documents.ts";
import { usePolled } from "../graphql/live.ts";
import { useMay } from "../graphql/session.tsx";
import { Badge } from "../ui/badge.tsx";
import { count, words } from "../ui/format.ts";
import type { ListAddress } from "../ui/list-address.ts";
import { Ago } from "../ui/moment.tsx";
import { Pager } from "../ui/pager.tsx";
import { Panel } from "../ui/panel.tsx";
import { TableHead } from "../ui/table-head.tsx";
import { ClassifyAllDialog } from "./classify-all-dialog.tsx";
import { ClassifyDialog } from "./classify-dialog.tsx";
import { filterOf, NARROWING } from "./diff-filter.ts";

type Diff = ShadowDiffsQuery["shadowDiffs"]["edges"][number]["node"];

const SHOWN = 50;
/** As many as the server classifies at once. */
const CLASSIFIED_MOST = 10_000;

/** In what the PLM and the MRP differ, line by line, and what people make of it: of one, or of all that are shown. */
export function DiffsPanel({ list }: { list: ListAddress }) {
  const filter = filterOf(list);
  const live = usePolled(ShadowDiffsDocument, { first: SHOWN, after: list.get("after"), filter });
  const [isClassifying, setClassifying] = useState(false);
  const total = live.data?.shadowDiffs.totalCount ?? 0;
  const isNarrowed = NARROWING.some((name) => list.get(name) !== undefined);
  const mayClassify = useMay("plm.admin") && isNarrowed && total > 1 && total <= CLASSIFIED_MOST;
  return (
    <Panel
      title="Differences between PLM and MRP"
      live={live}
      className="wide"
      lines={6}
      aside={
        mayClassify && (
          <button type="button" onClick={() => setClassifying(true)}>
            Classify all {count(total)}
          </button>
        )
      }
      empty={({ shadowDiffs }) => (shadowDiffs.totalCount === 0 ? "None were seen." : undefined)}
    >
      {({ shadowDiffs }) => (
        <>
          <Diffs diffs={shadowDiffs.edges.map(({ node }) => node)} refresh={live.retry} />
          <Pager
            list={list}
            pageInfo={shadowDiffs.pageInfo}
            shown={shadowDiffs.edges.length}
            total={shadowDiffs.totalCount}
            what="differences"
          />
          {isClassifying && (
            <ClassifyAllDialog
              filter={filter}
              total={total}
              onClose={() => {
                setClassifying(false);
                live.retry();
              }}
            />
          )}
        </>
      )}
    </Panel>
  );
}

function Diffs({ diffs, refresh }: { diffs: Diff[]; refresh: () => void }) {
  const [chosen, setChosen] = useState<Diff>();
  return (
    <>
      <table className="cards">
        <TableHead columns={["Where", "MRP", "PLM", "Seen", "Means"]} />
        <tbody>
          {diffs.map((diff) => (
            <DiffRow key={diff.id} diff={diff} onClassify={() => setChosen(diff)} />
          ))}
        </tbody>
      </table>
      {chosen && (
        <ClassifyDialog
          diff={chosen}
          onClose={() => {
            setChosen(undefined);
            refresh();
          }}
        />
      )}
    </>
  );
}

function DiffRow({ diff, onClassify }: { diff: Diff; onClassify: () => void }) {
  const mayClassify = useMay("plm.admin");
  const meaning = diff.classification && words(diff.classification);
  return (
    <tr>
      <th scope="row">
        <code className="path">{diff.path}</code> <Badge value={diff.severity} />
      </th>
      <td data-label="MRP">{diff.mrp ?? <span className="soft">missing</span>}</td>
      <td data-label="PLM">{diff.plm ?? <span className="soft">missing</span>}</td>
      <td data-label="Seen">
        {count(diff.occurrences)} ×{" "}
        <span className="soft">
          last <Ago at={diff.lastSeenAt} />
        </span>
      </td>
      <td data-label="Means">
        {mayClassify ? (
          <button type="button" title={diff.note ?? undefined} onClick={onClassify}>
            {meaning ?? "Classify"}
          </button>
        ) : (
          (meaning ?? "–")
        )}
      </td>
    </tr>
  );
}
