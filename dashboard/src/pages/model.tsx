import { ModelDocument, type ModelQuery } from "../../../schema/generated/documents.ts";
import { BomComparison } from "../catalogue/bom-comparison.tsx";
import { BomPanel } from "../catalogue/bom-panel.tsx";
import { usePolled } from "../graphql/live.ts";
import { Fact, Facts } from "../ui/facts.tsx";
import { count } from "../ui/format.ts";
import { useListAddress, type ListAddress } from "../ui/list-address.ts";
import { Moment } from "../ui/moment.tsx";
import { PageTitle } from "../ui/page-title.tsx";
import { Panel } from "../ui/panel.tsx";
import { Provenance } from "../ui/provenance.tsx";
import { Anchor } from "../ui/router.tsx";
import { modelPath } from "../catalogue/addresses.ts";

export type Model = NonNullable<ModelQuery["model"]>;

/** One model: what it is built from, for which trim and as of when, and what differs between two of those. */
export function ModelPage({ id }: { id: string }) {
  const list = useListAddress();
  const of = { trimId: list.get("trim"), asOf: momentOf(list.get("asOf")) };
  const live = usePolled(ModelDocument, { id, ...of }, { everyMs: 30_000 });
  const model = live.data?.model;
  return (
    <>
      <p className="crumbs">
        <Anchor to="/models">Models</Anchor>
      </p>
      <PageTitle>{model?.name ?? "Model"}</PageTitle>
      <div className="stack">
        <Panel
          title="The model"
          live={live}
          lines={4}
          empty={(data) => (data.model ? undefined : "There is no such model.")}
        >
          {(data) => data.model && <Summary model={data.model} list={list} />}
        </Panel>
        {model && (
          <>
            <BomPanel key={JSON.stringify(of)} model={model} of={of} list={list} />
            <BomComparison model={model} list={list} />
          </>
        )}
      </div>
    </>
  );
}

/** A day or a time of the address as an instant; the server says what is wrong with anything else. */
function momentOf(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const time = new Date(text);
  return Number.isNaN(time.getTime()) ? text : time.toISOString();
}

function Summary({ model, list }: { model: Model; list: ListAddress }) {
  const { bom } = model;
  return (
    <>
      {model.description && <p>{model.description}</p>}
      <Facts>
        <Fact name="Code">{model.code}</Fact>
        <Fact name="Id at the PLM">{model.plmId ?? "none: the MRP's alone"}</Fact>
        <Fact name="The model is from">
          <Origin {...model.provenance} />
        </Fact>
        <Fact name="Its bill is from">
          <Origin {...bom.provenance} />
        </Fact>
        <Fact name="Revision of the bill">
          {bom.revision ?? "none yet"}, as of <Moment at={bom.asOf} withDate />
        </Fact>
        <Fact name="Lines">
          {count(bom.flatLines.totalCount)}, {count(bom.totals.totalCount)} different parts
        </Fact>
      </Facts>
      <Choices model={model} list={list} />
      {bom.problems.length > 0 && (
        <details>
          <summary>{count(bom.problems.length)} records of the PLM were left out</summary>
          <ul className="plain">
            {bom.problems.map(({ place, reason }) => (
              <li key={place}>
                <code className="path">{place}</code>: {reason}
              </li>
            ))}
          </ul>
        </details>
      )}
    </>
  );
}

type OriginProps = Model["provenance"];

/** Where something came from, with what finds it again at the PLM. */
function Origin({ plmCorrelationId, plmSchemaVersion, fetchedAt, ...provenance }: OriginProps) {
  return (
    <>
      <Provenance {...provenance} />{" "}
      <span className="soft">
        left it <Moment at={fetchedAt} withDate />
        {plmSchemaVersion && `, schema ${plmSchemaVersion}`}
        {plmCorrelationId && `, request ${plmCorrelationId}`}
      </span>
    </>
  );
}

function Choices({ model, list }: { model: Model; list: ListAddress }) {
  return (
    <div className="filters">
      <label>
        Trim{" "}
        <select
          className="narrow"
          value={list.get("trim") ?? ""}
          onChange={({ target }) => list.set({ trim: target.value })}
        >
          <option value="">the whole model</option>
          {model.trims.map(({ id, name }) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
        </select>
      </label>
      <label>
        As of{" "}
        <input
          type="datetime-local"
          className="narrow"
          value={list.get("asOf") ?? ""}
          onChange={({ target }) => list.set({ asOf: target.value })}
        />
      </label>
      {list.get("asOf") && <Anchor to={modelPath(model.id, { trim: list.get("trim") })}>As it is now</Anchor>}
    </div>
  );
}
