import type { ProjectQuery } from "../../../schema/generated/documents.ts";
import type { Live } from "../graphql/live.ts";
import { Panel } from "../ui/panel.tsx";
import { Provenance } from "../ui/provenance.tsx";

/** What the project works on, as the catalogue describes it now. */
export function ProductsPanel({ live }: { live: Live<ProjectQuery> }) {
  return (
    <Panel
      title="Products"
      live={live}
      empty={({ project }) => (project?.products.length ? undefined : "This project names no product.")}
    >
      {({ project }) => (
        <ul className="rows">
          {project?.products.map(({ model, trim }) => (
            <li key={`${model.id} ${trim?.id ?? ""}`}>
              <span>
                {model.name} {model.code !== model.name && <span className="soft">{model.code}</span>}
                <br />
                <span className="soft">{trim ? trim.name : "every trim"}</span>
              </span>
              <Provenance {...model.provenance} />
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}
