import { useEffect, useState, type ReactNode } from "react";
import type { ListAddress } from "./list-address.ts";

interface FilterProps {
  list: ListAddress;
  /** How the address calls it. */
  name: string;
  /** How people call it. */
  label: string;
}

/** What a list can be narrowed to; `names` are those that Clear takes away. */
export function FilterBar({
  list,
  names,
  label,
  children,
}: {
  list: ListAddress;
  names: readonly string[];
  label: string;
  children: ReactNode;
}) {
  const isNarrowed = names.some((name) => list.get(name) !== undefined);
  const clear = () => list.set(Object.fromEntries(names.map((name) => [name, undefined])));
  return (
    <search className="filters" aria-label={label}>
      {children}
      {isNarrowed && (
        <button type="button" className="quiet" onClick={clear}>
          Clear
        </button>
      )}
    </search>
  );
}

/** Long enough that a word is asked for, not each of its letters. */
const PAUSE_MS = 250;

/** Text that is looked for once the typing pauses. The key `/` goes to the first of a page. */
export function SearchFilter({ list, name, label }: FilterProps) {
  const value = list.get(name) ?? "";
  const [text, setText] = useState(value);
  const [told, setTold] = useState(value);
  if (told !== value) {
    setTold(value);
    setText(value);
  }
  useEffect(() => {
    if (text === value) return undefined;
    const timer = setTimeout(() => list.set({ [name]: text }, { isReplacing: true }), PAUSE_MS);
    return () => clearTimeout(timer);
  });
  return (
    <input
      type="search"
      data-search=""
      aria-label={label}
      placeholder={label}
      maxLength={200}
      value={text}
      onChange={({ target }) => setText(target.value)}
    />
  );
}

type Choices = readonly (readonly [value: string, meaning: string])[];

/** One of a few values, or any of them. */
export function SelectFilter({
  list,
  name,
  label,
  choices,
  any = `${label}: any`,
}: FilterProps & { choices: Choices; any?: string }) {
  return (
    <select
      className="narrow"
      aria-label={label}
      value={list.get(name) ?? ""}
      onChange={({ target }) => list.set({ [name]: target.value })}
    >
      <option value="">{any}</option>
      {choices.map(([value, meaning]) => (
        <option key={value} value={value}>
          {meaning}
        </option>
      ))}
    </select>
  );
}

/** In which order a list is, which the heads of its table may have changed; `usual` is what it is without being asked. */
export function SortFilter({ list, usual, choices }: { list: ListAddress; usual: string; choices: Choices }) {
  const sort = list.get("sort");
  const isOffered = sort === undefined || choices.some(([value]) => value === sort);
  const given = isOffered ? choices : [...choices, [sort, "As the table's head says"] as const];
  return <SelectFilter list={list} name="sort" label="Order" any={usual} choices={given} />;
}
