import { addressOf, offeredTo, type ModelConfiguration } from "./configuration.ts";

/** One line of a bill of materials; lines above the options are assemblies without a part number. */
export interface BomLine {
  /** Unique within the bill and the same in every revision, like `AUDIO/SPEAKERS/PREMIUM`. */
  path: string;
  kind: "SECTION" | "COMPONENT" | "OPTION";
  /** 1 for sections, 2 for components, 3 for options. */
  level: number;
  /** Position among its siblings, from 1. */
  position: number;
  code: string;
  name: string;
  partNumber: string | null;
  /** Pieces per boat. */
  quantity: number;
  isRequired: boolean;
  /** True for what is built unless the customer chooses otherwise; assemblies always are. */
  isDefault: boolean;
  children: readonly BomLine[];
}

/** Everything that a model, or one trim of it, can be built from: section, component, option. */
export const bomLines = (configuration: ModelConfiguration, trimCode: string | null): BomLine[] =>
  offeredTo(configuration, trimCode).sections.map((section, index) => {
    const path = section.trimCode === null ? section.code : `${section.trimCode}:${section.code}`;
    return assembly({ ...section, path, kind: "SECTION", level: 1, position: index + 1 }, () =>
      section.components.map((component, position) =>
        assembly(
          {
            ...component,
            path: `${path}/${component.code}`,
            kind: "COMPONENT",
            level: 2,
            position: position + 1,
          },
          () =>
            component.options.map((option, place) => ({
              path: addressOf(section, component, option),
              kind: "OPTION" as const,
              level: 3,
              position: place + 1,
              code: option.code,
              name: option.name,
              partNumber: option.partNumber,
              quantity: option.quantity,
              isRequired: component.isRequired && option.isDefault,
              isDefault: option.isDefault,
              children: [],
            })),
        ),
      ),
    );
  });

type Assembly = Pick<BomLine, "path" | "kind" | "level" | "position" | "code" | "name" | "isRequired">;

const assembly = (
  { path, kind, level, position, code, name, isRequired }: Assembly,
  children: () => BomLine[],
): BomLine => ({
  path,
  kind,
  level,
  position,
  code,
  name,
  isRequired,
  partNumber: null,
  quantity: 1,
  isDefault: true,
  children: children(),
});

/** Every line, parents before children. */
export const flatLines = (lines: readonly BomLine[]): BomLine[] =>
  lines.flatMap((line) => [line, ...flatLines(line.children)]);

/** A line that one of two bills has and the other has not, or has otherwise. */
export interface BomChange {
  kind: "ADDED" | "REMOVED" | "CHANGED";
  path: string;
  before: BomLine | null;
  after: BomLine | null;
  /** Which fields differ; empty for lines that were added or removed. */
  fields: readonly string[];
}

const COMPARED = ["name", "partNumber", "quantity", "isRequired", "isDefault"] as const;

/** What changed from one bill to another, by path. */
export function bomDiff(before: readonly BomLine[], after: readonly BomLine[]): BomChange[] {
  const old = new Map(flatLines(before).map((line) => [line.path, line]));
  const current = new Map(flatLines(after).map((line) => [line.path, line]));
  const paths = [...new Set([...old.keys(), ...current.keys()])].sort();
  return paths.flatMap((path) => changeOf(path, old.get(path) ?? null, current.get(path) ?? null));
}

function changeOf(path: string, before: BomLine | null, after: BomLine | null): BomChange[] {
  if (!before || !after) return [{ kind: before ? "REMOVED" : "ADDED", path, before, after, fields: [] }];
  const fields = COMPARED.filter((field) => before[field] !== after[field]);
  return fields.length === 0 ? [] : [{ kind: "CHANGED", path, before, after, fields }];
}
