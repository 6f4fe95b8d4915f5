import { PlmLeftoversDocument, type PlmLeftoversQuery } from "../../../schema/generated/documents.ts";
import { usePolled } from "../graphql/live.ts";
import { Badge } from "../ui/badge.tsx";
import { count } from "../ui/format.ts";
import { Ago } from "../ui/moment.tsx";
import { Panel } from "../ui/panel.tsx";
import { TableHead } from "../ui/table-head.tsx";

type Leftover = PlmLeftoversQuery["plmLeftovers"][number];

const SHOWN = 50;

/** What the PLM sent and nobody took: records with the reason, and fields that nobody reads. */
export function LeftoversPanel() {
  const live = usePolled(PlmLeftoversDocument, { first: SHOWN }, { everyMs: 15_000 });
  const leftovers = live.data?.plmLeftovers;
  return (
    <Panel
      title="Not taken from the PLM"
      live={live}
      className="wide"
      lines={3}
      aside={leftovers && <Rejected leftovers={leftovers} />}
      empty={({ plmLeftovers }) =>
        plmLeftovers.length === 0 ? "Everything that came was taken." : undefined
      }
    >
      {({ plmLeftovers }) => <Leftovers leftovers={plmLeftovers} />}
    </Panel>
  );
}

function Rejected({ leftovers }: { leftovers: readonly Leftover[] }) {
  const rejected = leftovers.filter(({ kind }) => kind === "REJECTED").length;
  return rejected > 0 ? (
    <Badge value={rejected === 1 ? "a record left out" : `${count(rejected)} records left out`} tone="warn" />
  ) : (
    <Badge value="all records taken" tone="good" />
  );
}

function Leftovers({ leftovers }: { leftovers: readonly Leftover[] }) {
  return (
    <>
      <table className="cards">
        <TableHead columns={["Where", "Place in its answer", "Why", "Seen"]} />
        <tbody>
          {leftovers.map((leftover) => (
            <LeftoverRow key={`${leftover.kind} ${leftover.subject} ${leftover.place}`} {...leftover} />
          ))}
        </tbody>
      </table>
      {leftovers.length === SHOWN && (
        <p className="hint">The first {SHOWN}; records that were left out come first.</p>
      )}
    </>
  );
}

function LeftoverRow({ kind, subject, place, reason, count: times, seenAt }: Leftover) {
  const isRejected = kind === "REJECTED";
  return (
    <tr>
      <th scope="row">
        {subject === "catalogue" ? "List of models" : subject}{" "}
        <Badge value={isRejected ? "left out" : "not read"} tone={isRejected ? "warn" : "idle"} />
      </th>
      <td data-label="Place">
        <code className="path">{place}</code>
      </td>
      <td data-label="Why">{reason}</td>
      <td data-label="Seen">
        {count(times)} ×{" "}
        <span className="soft">
          last <Ago at={seenAt} />
        </span>
      </td>
    </tr>
  );
}
