import { BomDifferencesDocument, type BomDifferencesQuery } from "../../../schema/generated/documents.ts";
import { usePolled } from "../graphql/live.ts";
import { Badge } from "../ui/badge.tsx";
import { count, words } from "../ui/format.ts";
import { useListAddress, type ListAddress } from "../ui/list-address.ts";
import { Pager } from "../ui/pager.tsx";
import { Card, Panel } from "../ui/panel.tsx";
import { TableHead } from "../ui/table-head.tsx";
import { quantityText } from "./addresses.ts";

interface Compared {
  id: string;
  trims: readonly { id: string; name: string }[];
}

/** Two bills of a model beside each other: of two trims, of two moments, or both. */
export function BomComparison({ model, list }: { model: Compared; list: ListAddress }) {
  const places = useListAddress("diff-");
  const isAsked = places.get("from") !== undefined || places.get("to") !== undefined || hasMoments(places);
  return (
    <>
      <Card title="Compare two bills" className="wide">
        <div className="filters">
          <Side model={model} places={places} side="from" label="From" />
          <Side model={model} places={places} side="to" label="To" />
        </div>
        {!isAsked && (
          <p className="empty">
            Choose two trims, or one trim at two moments, to see what differs between them.
          </p>
        )}
      </Card>
      {isAsked && <Differences model={model} places={places} key={list.get("trim")} />}
    </>
  );
}

const hasMoments = (places: ListAddress) =>
  places.get("from-at") !== undefined || places.get("to-at") !== undefined;

interface SideProps {
  model: Compared;
  places: ListAddress;
  side: "from" | "to";
  label: string;
}

function Side({ model, places, side, label }: SideProps) {
  return (
    <fieldset className="side">
      <legend>{label}</legend>
      <select
        className="narrow"
        aria-label={`${label}: trim`}
        value={places.get(side) ?? ""}
        onChange={({ target }) => places.set({ [side]: target.value })}
      >
        <option value="">the whole model</option>
        {model.trims.map(({ id, name }) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
      </select>
      <input
        type="datetime-local"
        aria-label={`${label}: as of`}
        className="narrow"
        value={places.get(`${side}-at`) ?? ""}
        onChange={({ target }) => places.set({ [`${side}-at`]: target.value })}
      />
    </fieldset>
  );
}

const SHOWN = 100;

function Differences({ model, places }: { model: Compared; places: ListAddress }) {
  const reference = (side: "from" | "to") => {
    const at = places.get(`${side}-at`);
    const trimId = places.get(side);
    return {
      modelId: model.id,
      ...(trimId !== undefined && { trimId }),
      ...(at !== undefined && { asOf: new Date(at).toISOString() }),
    };
  };
  const live = usePolled(
    BomDifferencesDocument,
    { from: reference("from"), to: reference("to"), first: SHOWN, after: places.get("after") },
    { everyMs: 60_000 },
  );
  return (
    <Panel
      title="What differs"
      live={live}
      className="wide"
      lines={6}
      empty={({ bomDiffPage }) => (bomDiffPage.totalCount === 0 ? "Nothing differs." : undefined)}
    >
      {({ bomDiffPage }) => (
        <>
          <p>
            {count(bomDiffPage.added)} added, {count(bomDiffPage.removed)} removed,{" "}
            {count(bomDiffPage.changed)} changed.
          </p>
          <table className="cards">
            <TableHead columns={["Line", "From", "To"]} />
            <tbody>
              {bomDiffPage.edges.map(({ node }) => (
                <ChangeRow key={node.path} change={node} />
              ))}
            </tbody>
          </table>
          <Pager
            list={places}
            pageInfo={bomDiffPage.pageInfo}
            shown={bomDiffPage.edges.length}
            total={bomDiffPage.totalCount}
            what="differences"
          />
        </>
      )}
    </Panel>
  );
}

type Change = BomDifferencesQuery["bomDiffPage"]["edges"][number]["node"];
type Line = NonNullable<Change["before"]>;

const TONES = { ADDED: "good", REMOVED: "bad", CHANGED: "warn" } as const;

function ChangeRow({ change: { kind, path, fields, before, after } }: { change: Change }) {
  return (
    <tr>
      <th scope="row">
        <code className="path">{path}</code> <Badge value={kind} tone={TONES[kind]} label={words(kind)} />
      </th>
      <td data-label="From">
        <Values line={before} fields={fields} />
      </td>
      <td data-label="To">
        <Values line={after} fields={fields} />
      </td>
    </tr>
  );
}

/** What differs of a line, or what it is when the other bill has none. */
function Values({ line, fields }: { line: Line | null; fields: readonly string[] }) {
  if (!line) return <span className="soft">not there</span>;
  if (fields.length === 0)
    return (
      <>
        {line.name} {line.partNumber && <span className="soft">{line.partNumber}</span>}{" "}
        {quantityText(line.exactQuantity)}
      </>
    );
  return (
    <dl className="values">
      {fields.map((field) => (
        <div key={field}>
          <dt>{FIELDS[field] ?? field}</dt>
          <dd>{valueOf(line, field)}</dd>
        </div>
      ))}
    </dl>
  );
}

const FIELDS: Readonly<Record<string, string>> = {
  partNumber: "part",
  partRevision: "revision",
  isRequired: "required",
  isDefault: "default",
  effectiveFrom: "valid from",
  effectiveTo: "valid to",
  referenceDesignators: "places",
};

function valueOf(line: Line, field: string): string {
  if (field === "quantity") return line.exactQuantity.value;
  if (field === "unit") return line.exactQuantity.unit;
  if (field === "alternates") return line.alternates.map(({ partNumber }) => partNumber).join(", ") || "none";
  const value: unknown = line[field as keyof Line];
  if (Array.isArray(value)) return value.join(", ") || "none";
  if (typeof value === "boolean") return value ? "yes" : "no";
  return typeof value === "string" ? value : "none";
}
