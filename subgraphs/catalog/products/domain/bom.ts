import {
  isEffective,
  NO_DETAILS,
  offeredTo,
  pathOfSection,
  type ConfigurationSection,
  type ModelConfiguration,
  type Part,
  type PartDetails,
} from "./configuration.ts";
import { escaped } from "./product-ids.ts";
import { ONE_PIECE, plus, times, type Quantity } from "./quantity.ts";

/** One line of a bill of materials; lines above the options are assemblies without a part number. */
export interface BomLine {
  /** Unique within the bill and the same in every revision, like `AUDIO/SPEAKERS/PREMIUM`. */
  path: string;
  /** Path of the line that this one is a part of; null for sections. */
  parentPath: string | null;
  kind: "SECTION" | "COMPONENT" | "OPTION" | "PART";
  /** 1 for sections, 2 for components, 3 for options, more for what options are made of. */
  level: number;
  /** Position among its siblings, from 1. */
  position: number;
  code: string;
  name: string;
  partNumber: string | null;
  /** For one of its parent. */
  quantity: Quantity;
  /** For one boat: the quantities from the option down to here, multiplied. */
  totalQuantity: Quantity;
  isRequired: boolean;
  /** True for what is built unless the customer chooses otherwise; assemblies and parts of options always are. */
  isDefault: boolean;
  details: PartDetails;
  children: readonly BomLine[];
}

/** A line without what it is made of. */
export type FlatLine = Omit<BomLine, "children">;

/** Which lines of a bill are wanted. */
export interface BomScope {
  trimCode: string | null;
  /** Only what is valid on this day, like `2026-01-31`; null for all. */
  day: string | null;
}

/**
 * Every line of everything that a model, or one trim of it, can be built from, from a position on; parents before
 * children. Lines before the position are counted and not made.
 */
export function* eachLine(
  configuration: ModelConfiguration,
  scope: BomScope,
  from = 0,
): Generator<FlatLine, void, undefined> {
  const shown = new Shown(scope.day, from);
  for (const [index, section] of offeredTo(configuration, scope.trimCode).sections.entries()) {
    if (shown.isBefore(() => 1 + countWithin(section, shown))) continue;
    const path = pathOfSection(section);
    if (!shown.isBefore()) yield assembly({ ...section, path, position: index + 1 }, "SECTION", null);
    for (const [position, component] of section.components.entries()) {
      if (shown.isBefore(() => 1 + shown.count(component.options))) continue;
      const parentPath = `${path}/${escaped(component.code)}`;
      if (!shown.isBefore())
        yield assembly({ ...component, path: parentPath, position: position + 1 }, "COMPONENT", path);
      for (const [place, option] of component.options.entries()) {
        if (!shown.has(option) || shown.isBefore(() => shown.count([option]))) continue;
        const line = partLine(option, {
          parent: { path: parentPath, level: 2, total: "1" },
          name: escaped(option.code),
          position: place + 1,
        });
        if (!shown.isBefore())
          yield {
            ...line,
            kind: "OPTION",
            isRequired: option.isRequired || (component.isRequired && option.isDefault),
            isDefault: option.isDefault,
          };
        yield* linesOfParts(option.details.parts, line, shown);
      }
    }
  }
}

/** Which parts are shown, and how many lines are left out before the first one. */
class Shown {
  readonly #day: string | null;
  #before: number;

  constructor(day: string | null, before = 0) {
    this.#day = day;
    this.#before = before;
  }

  has({ details }: Part): boolean {
    return this.#day === null || isEffective(details, this.#day);
  }

  /** The parts with all that they are made of. */
  count(parts: readonly Part[]): number {
    let count = 0;
    for (const part of parts) if (this.has(part)) count += 1 + this.count(part.details.parts);
    return count;
  }

  /** True for so many lines when all of them are left out; they are counted only while any are. */
  isBefore(count: () => number = () => 1): boolean {
    if (this.#before === 0) return false;
    const lines = count();
    if (lines > this.#before) return false;
    this.#before -= lines;
    return true;
  }
}

const countWithin = ({ components }: ConfigurationSection, shown: Shown): number =>
  components.reduce((count, { options }) => count + 1 + shown.count(options), 0);

/** How many lines there are, without making them. */
export function lineCount(configuration: ModelConfiguration, { trimCode, day }: BomScope): number {
  const shown = new Shown(day);
  const { sections } = offeredTo(configuration, trimCode);
  return sections.reduce((count, section) => count + 1 + countWithin(section, shown), 0);
}

function* linesOfParts(
  parts: readonly Part[],
  { path, level, totalQuantity }: FlatLine,
  shown: Shown,
): Generator<FlatLine, void, undefined> {
  if (parts.length === 0) return;
  const parent = { path, level, total: totalQuantity.value };
  const names = namesWithin(parts);
  for (const [index, part] of parts.entries()) {
    if (!shown.has(part) || shown.isBefore(() => shown.count([part]))) continue;
    const line = partLine(part, { parent, name: names[index] ?? "", position: index + 1 });
    if (!shown.isBefore()) yield line;
    yield* linesOfParts(part.details.parts, line, shown);
  }
}

interface Where {
  parent: { path: string; level: number; total: string };
  /** As a step of the path. */
  name: string;
  position: number;
}

function partLine(part: Part, { parent, name, position }: Where): FlatLine {
  const { quantity, details } = part;
  return {
    path: `${parent.path}/${name}`,
    parentPath: parent.path,
    kind: "PART",
    level: parent.level + 1,
    position,
    code: part.code,
    name: part.name,
    partNumber: part.partNumber,
    quantity,
    totalQuantity:
      parent.total === "1" ? quantity : { value: times(parent.total, quantity.value), unit: quantity.unit },
    isRequired: true,
    isDefault: true,
    details,
  };
}

/** The lines as a tree of sections, down to so many levels. */
export function bomTree(configuration: ModelConfiguration, scope: BomScope, depth = Infinity): BomLine[] {
  const roots: BomLine[] = [];
  const open: BomLine[][] = [roots];
  for (const line of eachLine(configuration, scope)) {
    if (line.level > depth) continue;
    const children: BomLine[] = [];
    open[line.level - 1]?.push({ ...line, children });
    open[line.level] = children;
  }
  return roots;
}

type Assembly = Pick<BomLine, "path" | "position" | "code" | "name" | "isRequired">;

const assembly = (
  { path, position, code, name, isRequired }: Assembly,
  kind: "SECTION" | "COMPONENT",
  parentPath: string | null,
): FlatLine => ({
  path,
  parentPath,
  kind,
  level: kind === "SECTION" ? 1 : 2,
  position,
  code,
  name,
  isRequired,
  partNumber: null,
  quantity: ONE_PIECE,
  totalQuantity: ONE_PIECE,
  isDefault: true,
  details: NO_DETAILS,
});

/** Codes as steps of a path: a code that comes twice below the same parent gets its number there, as in `R1#2`. */
function namesWithin(parts: readonly Part[]): string[] {
  const seen = new Map<string, number>();
  return parts.map(({ code }) => {
    const count = (seen.get(code) ?? 0) + 1;
    seen.set(code, count);
    const name = escaped(code).replaceAll("#", "~3");
    return count === 1 ? name : `${name}#${count}`;
  });
}

/** How much of one part is needed, over all levels. */
export interface PartTotal {
  partNumber: string;
  revision: string | null;
  name: string;
  quantity: Quantity;
  /** Paths of the lines that need it. */
  paths: readonly string[];
}

/**
 * What the lines need of each part: quantities multiplied down the levels and added up for the same part, revision
 * and unit. Lines without a part number are assemblies and add nothing of their own.
 */
export function partTotals(lines: Iterable<FlatLine>): PartTotal[] {
  const totals = new Map<string, PartTotal & { paths: string[] }>();
  for (const { partNumber, details, name, totalQuantity, path } of lines) {
    if (partNumber === null) continue;
    const key = `${partNumber}\0${details.revision ?? ""}\0${totalQuantity.unit}`;
    const known = totals.get(key);
    if (known) {
      known.quantity = { ...totalQuantity, value: plus(known.quantity.value, totalQuantity.value) };
      known.paths.push(path);
    } else {
      totals.set(key, {
        partNumber,
        revision: details.revision,
        name,
        quantity: totalQuantity,
        paths: [path],
      });
    }
  }
  return [...totals.values()];
}

/** A line that one of two bills has and the other has not, or has otherwise. */
export interface BomChange {
  kind: "ADDED" | "REMOVED" | "CHANGED";
  path: string;
  before: FlatLine | null;
  after: FlatLine | null;
  /** Which fields differ; empty for lines that were added or removed. */
  fields: readonly string[];
}

const COMPARED: Readonly<Record<string, (line: FlatLine) => string | boolean | null>> = {
  name: ({ name }) => name,
  partNumber: ({ partNumber }) => partNumber,
  partRevision: ({ details }) => details.revision,
  quantity: ({ quantity }) => quantity.value,
  unit: ({ quantity }) => quantity.unit,
  isRequired: ({ isRequired }) => isRequired,
  isDefault: ({ isDefault }) => isDefault,
  effectiveFrom: ({ details }) => details.effectiveFrom,
  effectiveTo: ({ details }) => details.effectiveTo,
  alternates: ({ details }) => JSON.stringify(details.alternates),
  referenceDesignators: ({ details }) => details.designators.join(),
};

/** The fields of a line that are compared, with their values as text; null for what it does not have. */
export const comparedFields = (line: FlatLine): [string, string][] =>
  Object.entries(COMPARED).map(([field, valueOf]) => [field, String(valueOf(line) ?? "")]);

/** What changed from one bill to another, by path. */
export function bomDiff(before: Iterable<FlatLine>, after: Iterable<FlatLine>): BomChange[] {
  const byPath = (lines: Iterable<FlatLine>) => new Map(Array.from(lines, (line) => [line.path, line]));
  const [old, current] = [byPath(before), byPath(after)];
  const paths = [...new Set([...old.keys(), ...current.keys()])].sort();
  return paths.flatMap((path) => changeOf(path, old.get(path) ?? null, current.get(path) ?? null));
}

function changeOf(path: string, before: FlatLine | null, after: FlatLine | null): BomChange[] {
  if (!before || !after) return [{ kind: before ? "REMOVED" : "ADDED", path, before, after, fields: [] }];
  const fields = Object.entries(COMPARED)
    .filter(([, valueOf]) => valueOf(before) !== valueOf(after))
    .map(([field]) => field);
  return fields.length === 0 ? [] : [{ kind: "CHANGED", path, before, after, fields }];
}
