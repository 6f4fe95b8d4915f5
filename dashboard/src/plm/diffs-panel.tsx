import { useState } from "react";
import {
  ShadowDiffsDocument,
  type DiffSeverity,
  type ShadowDiffsQuery,
} from "../../../schema/generated/documents.ts";
import { usePolled } from "../graphql/live.ts";
import { Badge } from "../ui/badge.tsx";
import { count, words } from "../ui/format.ts";
import { Ago } from "../ui/moment.tsx";
import { Panel } from "../ui/panel.tsx";
import { TableHead } from "../ui/table-head.tsx";
import { ClassifyDialog } from "./classify-dialog.tsx";

type Diff = ShadowDiffsQuery["shadowDiffs"]["edges"][number]["node"];

const SEVERITIES: readonly DiffSeverity[] = ["CRITICAL", "MAJOR", "MINOR"];

/** In what the PLM and the MRP differ, and what people make of it. */
export function DiffsPanel() {
  const [severity, setSeverity] = useState<DiffSeverity>();
  const live = usePolled(ShadowDiffsDocument, { first: 30, severity: severity ?? null });
  return (
    <Panel
      title="Differences between PLM and MRP"
      live={live}
      className="wide"
      lines={6}
      aside={<Filter severity={severity} onChange={setSeverity} />}
      empty={({ shadowDiffs }) => (shadowDiffs.totalCount === 0 ? "None were seen." : undefined)}
    >
      {({ shadowDiffs }) => (
        <>
          <Diffs diffs={shadowDiffs.edges.map(({ node }) => node)} refresh={live.retry} />
          <p className="hint">
            The latest {shadowDiffs.edges.length} of {count(shadowDiffs.totalCount)}.
          </p>
        </>
      )}
    </Panel>
  );
}

function Filter({
  severity,
  onChange,
}: {
  severity: DiffSeverity | undefined;
  onChange: (severity: DiffSeverity | undefined) => void;
}) {
  return (
    <select
      aria-label="Severity"
      className="narrow"
      value={severity ?? ""}
      onChange={({ target }) => onChange(SEVERITIES.find((each) => each === target.value))}
    >
      <option value="">every severity</option>
      {SEVERITIES.map((each) => (
        <option key={each} value={each}>
          {words(each)}
        </option>
      ))}
    </select>
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
        <button type="button" title={diff.note ?? undefined} onClick={onClassify}>
          {diff.classification ? words(diff.classification) : "Classify"}
        </button>
      </td>
    </tr>
  );
}
