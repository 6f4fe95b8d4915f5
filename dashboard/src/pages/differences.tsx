import { DiffGroupsPanel } from "../plm/diff-groups-panel.tsx";
import { DiffsPanel } from "../plm/diffs-panel.tsx";
import { GROUPINGS, NARROWING } from "../plm/diff-filter.ts";
import { FilterBar, SearchFilter, SelectFilter } from "../ui/filter-bar.tsx";
import { useListAddress, type ListAddress } from "../ui/list-address.ts";
import { PageTitle } from "../ui/page-title.tsx";

const SEVERITIES = [
  ["CRITICAL", "Critical"],
  ["MAJOR", "Major"],
  ["MINOR", "Minor"],
] as const;
const KINDS = [
  ["VALUE", "Both have it"],
  ["MISSING_IN_PLM", "Missing in the PLM"],
  ["MISSING_IN_MRP", "Missing in the MRP"],
] as const;
const OPEN = [
  ["yes", "Not classified"],
  ["no", "Classified"],
] as const;
/** How the page calls what a group has in common. */
const SHARED = [
  ["model", "Model"],
  ["place", "Place"],
  ["field", "Field"],
  ["mrp", "MRP says"],
  ["plm", "PLM says"],
] as const;

/** In what the PLM and the MRP differ: gathered by cause, or line by line. */
export function DifferencesPage() {
  const list = useListAddress();
  const grouping = GROUPINGS.find(([by]) => by === (list.get("by") ?? "FIELD"));
  return (
    <>
      <PageTitle>Differences between PLM and MRP</PageTitle>
      <div className="stack">
        <FilterBar list={list} label="Filter the differences" names={[...NARROWING]}>
          <SearchFilter list={list} name="q" label="Find in a path" />
          <select
            className="narrow"
            aria-label="Grouping"
            value={grouping?.[0] ?? "LINES"}
            onChange={({ target }) => list.set({ by: target.value })}
          >
            {GROUPINGS.map(([by, meaning]) => (
              <option key={by} value={by}>
                {meaning}
              </option>
            ))}
            <option value="LINES">Line by line</option>
          </select>
          <SelectFilter list={list} name="severity" label="Severity" choices={SEVERITIES} />
          <SelectFilter list={list} name="kind" label="Kind" choices={KINDS} />
          <SelectFilter list={list} name="open" label="Classified" choices={OPEN} />
        </FilterBar>
        <Chips list={list} />
        {grouping ? <DiffGroupsPanel by={grouping[0]} list={list} /> : <DiffsPanel list={list} />}
      </div>
    </>
  );
}

/** What a group has in common, each of which can be let go. */
function Chips({ list }: { list: ListAddress }) {
  const given = SHARED.filter(([name]) => list.get(name) !== undefined);
  if (given.length === 0) return null;
  return (
    <div className="chips">
      {given.map(([name, label]) => (
        <button key={name} type="button" onClick={() => list.set({ [name]: undefined })}>
          {label}: {list.get(name)} <span aria-hidden="true">✕</span>
          <span className="visually-hidden"> (take away)</span>
        </button>
      ))}
    </div>
  );
}
