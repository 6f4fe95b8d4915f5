import type { ListAddress } from "./list-address.ts";

/** The name of a column, or with what the column looks like; no name over names of rows. */
type Column = string | readonly [name: string, className: string] | SortedColumn;

/** A column that its list can be sorted by. */
interface SortedColumn {
  name: string;
  /** How the address calls the order. */
  sort: string;
  /** True when the largest come first. */
  isFalling?: boolean;
}

interface TableHeadProps {
  columns: readonly Column[];
  /** The list that columns sort. */
  list?: ListAddress;
}

export const TableHead = ({ columns, list }: TableHeadProps) => (
  <thead>
    <tr>
      {columns.map((column) => {
        if (typeof column === "object" && "name" in column)
          return list && <SortHead key={column.name} column={column} list={list} />;
        const [name, className] = typeof column === "string" ? [column, undefined] : column;
        if (name === "") return <td key={name} />;
        return (
          <th key={name} scope="col" className={className}>
            {name}
          </th>
        );
      })}
    </tr>
  </thead>
);

/** How a list is sorted: in the address `SPENT`, or `-SPENT` when the largest come first. */
export function sortOf(list: ListAddress): { sort: string | undefined; isFalling: boolean } {
  const text = list.get("sort");
  return text?.startsWith("-") ? { sort: text.slice(1), isFalling: true } : { sort: text, isFalling: false };
}

function SortHead({ column, list }: { column: SortedColumn; list: ListAddress }) {
  const { sort, isFalling } = sortOf(list);
  const isSorted = sort === column.sort;
  const next = isSorted ? !isFalling : (column.isFalling ?? false);
  const order = isFalling ? "descending" : "ascending";
  return (
    <th scope="col" aria-sort={isSorted ? order : undefined}>
      <button
        type="button"
        className="sort"
        onClick={() => list.set({ sort: `${next ? "-" : ""}${column.sort}` })}
      >
        {column.name}
        <span aria-hidden="true">{isSorted ? (isFalling ? " ↓" : " ↑") : ""}</span>
      </button>
    </th>
  );
}
