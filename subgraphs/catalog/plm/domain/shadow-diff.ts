import { comparedFields, eachLine } from "../../products/domain/bom.ts";
import type { MrpModel, PlmModel } from "../../products/domain/catalogue.ts";
import { placedOptions, type ModelConfiguration } from "../../products/domain/configuration.ts";

export type DiffSeverity = "CRITICAL" | "MAJOR" | "MINOR";
type DiffKind = "VALUE" | "MISSING_IN_PLM" | "MISSING_IN_MRP";

/** One field in which the PLM and the MRP do not agree. */
export interface FieldDiff {
  modelCode: string;
  /** Like `LX24.trims.LX24-BASE.name` or `LX24.bom.AUDIO/SPEAKERS/PREMIUM.partNumber`. */
  path: string;
  kind: DiffKind;
  severity: DiffSeverity;
  mrp: string | null;
  plm: string | null;
}

/** Everything that is compared of a model, by path. */
type Facts = ReadonlyMap<string, string>;

/** What a wrong value of a field leads to; the first pattern that a path ends with decides. */
const SEVERITIES: readonly (readonly [RegExp, DiffSeverity])[] = [
  [/\.(partNumber|partRevision|quantity|unit|isRequired|rule)$/, "CRITICAL"],
  [/\.(exists|isDefault|allowsMultiple|trimCode|effectiveFrom|effectiveTo|alternates)$/, "MAJOR"],
  [/\.(name|description|position|referenceDesignators)$/, "MINOR"],
];

/** How the models and trims of both systems differ, for the models that `isCompared` names. */
export function diffModels(
  mrp: readonly MrpModel[],
  plm: readonly PlmModel[],
  isCompared: (code: string) => boolean,
): Map<string, FieldDiff[]> {
  const codes = new Set([...mrp, ...plm].filter(({ isActive }) => isActive).map(({ code }) => code));
  return new Map(
    [...codes].filter(isCompared).map((code) => {
      const find = <T extends { code: string }>(models: readonly T[]) =>
        models.find((model) => model.code === code);
      return [code, diffFacts(code, factsOfModel(find(mrp)), factsOfModel(find(plm)))];
    }),
  );
}

/** How what a model can be built with differs between both systems. */
export const diffConfigurations = (
  modelCode: string,
  mrp: ModelConfiguration,
  plm: ModelConfiguration,
): FieldDiff[] =>
  diffFacts(modelCode, factsOfConfiguration(modelCode, mrp), factsOfConfiguration(modelCode, plm));

/** The differences that are there both times: what differs only once is the world changing between two readings. */
export function steady(first: readonly FieldDiff[], second: readonly FieldDiff[]): FieldDiff[] {
  const keyOf = ({ path, mrp, plm }: FieldDiff) => JSON.stringify([path, mrp, plm]);
  const seen = new Set(second.map(keyOf));
  return first.filter((diff) => seen.has(keyOf(diff)));
}

/** True for a path that one of the rules names; `*` stands for any characters. */
export const isIgnored = (path: string, rules: readonly string[]): boolean =>
  rules.some((rule) => {
    const pieces = rule.split("*");
    let from = 0;
    return pieces.every((piece, index) => {
      const at = index === 0 ? (path.startsWith(piece) ? 0 : -1) : path.indexOf(piece, from);
      from = at + piece.length;
      return at >= 0 && (index < pieces.length - 1 || piece === "" || path.endsWith(piece));
    });
  });

interface Named {
  code: string;
  name: string;
  description: string | null;
  isActive: boolean;
}

function factsOfModel(model: (Named & { trims: readonly Named[] }) | undefined): Facts {
  if (!model?.isActive) return new Map();
  const factsOf = (path: string, { name, description }: Named): [string, string][] => [
    [`${path}.exists`, "true"],
    [`${path}.name`, name],
    [`${path}.description`, description ?? ""],
  ];
  const trims = model.trims.filter(({ isActive }) => isActive);
  return new Map([
    ...factsOf(model.code, model),
    ...trims.flatMap((trim) => factsOf(`${model.code}.trims.${trim.code}`, trim)),
  ]);
}

function factsOfConfiguration(modelCode: string, configuration: ModelConfiguration): Facts {
  const every = [...eachLine(configuration, { trimCode: null, day: null })];
  const lines = every.flatMap((line): [string, string][] => {
    const path = `${modelCode}.bom.${line.path}`;
    return [
      [`${path}.exists`, "true"],
      [`${path}.position`, String(line.position)],
      ...comparedFields(line).map(([field, value]): [string, string] => [`${path}.${field}`, value]),
    ];
  });
  const choices = placedOptions(configuration).map(({ address, component }): [string, string] => [
    `${modelCode}.bom.${address}.allowsMultiple`,
    String(component.allowsMultiple),
  ]);
  const rules = configuration.rules.map(({ kind, option, targets }): [string, string] => [
    `${modelCode}.rules.${option} ${kind} ${targets.toSorted().join(" | ")}.rule`,
    "true",
  ]);
  return new Map([...lines, ...choices, ...rules]);
}

/** A thing that is missing is one difference, not one for each of its fields. */
function diffFacts(modelCode: string, mrp: Facts, plm: Facts): FieldDiff[] {
  const paths = [...new Set([...mrp.keys(), ...plm.keys()])].sort();
  return paths.flatMap((path): FieldDiff[] => {
    const [ofMrp, ofPlm] = [mrp.get(path), plm.get(path)];
    if (ofMrp === ofPlm) return [];
    const owner = `${path.slice(0, path.lastIndexOf("."))}.exists`;
    if (path !== owner && mrp.has(owner) !== plm.has(owner)) return [];
    const kind = ofPlm === undefined ? "MISSING_IN_PLM" : ofMrp === undefined ? "MISSING_IN_MRP" : "VALUE";
    const missing = ofMrp === undefined || ofPlm === undefined;
    const isRequiredLine =
      missing &&
      (mrp.get(`${owner.slice(0, -6)}isRequired`) ?? plm.get(`${owner.slice(0, -6)}isRequired`)) === "true";
    const severity = isRequiredLine ? "CRITICAL" : severityOf(path);
    return [{ modelCode, path, kind, severity, mrp: ofMrp ?? null, plm: ofPlm ?? null }];
  });
}

const severityOf = (path: string): DiffSeverity =>
  SEVERITIES.find(([pattern]) => pattern.test(path))?.[1] ?? "MAJOR";
