import { readCsv } from "../../../../subgraphs/catalog/legacy/domain/import/csv.ts";
import { readBill, type BillSettings } from "../../../../subgraphs/catalog/legacy/domain/import/bill.ts";
import type { Part } from "../../../../subgraphs/catalog/products/domain/configuration.ts";
import { component, model, option, section, trim, type Json, type PartnerData } from "../support.ts";

/** What somebody's data says, in the words of the contract with partners. */
export interface World extends PartnerData {
  /** Rows of the source that have no place in the contract, with why. */
  untranslated: readonly string[];
}

/**
 * Models and trims from rows of make, model and a list of trims; what a model can be built with from rows of year, make,
 * model and a JSON list of body styles. Codes are the source's own words.
 */
export function vehicles(trimRows: string, styleRows: string): World {
  const untranslated: string[] = [];
  const styles = new Map<string, string[]>();
  for (const { line, cells } of rowsOf(styleRows).slice(1)) {
    const [, make = "", name = "", list = ""] = cells;
    try {
      styles.set(`${make} ${name}`, JSON.parse(list) as string[]);
    } catch {
      untranslated.push(`styles, line ${line}: ${list.slice(0, 40)} is no list`);
    }
  }
  const models: Json[] = [];
  const configurations: Record<string, Json> = {};
  for (const { cells } of rowsOf(trimRows).slice(1)) {
    const [make = "", name = "", trims = ""] = cells;
    const code = `${make} ${name}`;
    const codes = trims.split(",").map((text) => text.trim());
    models.push(
      model(
        code,
        codes.map((own) => trim(own, { id: `${code}/${own}` })),
      ),
    );
    const options = (styles.get(code) ?? []).map((style, index) =>
      option(style, { id: `${code}/${style}`, partNumber: null, default: index === 0 }),
    );
    configurations[`model-${code}`] = {
      sections: options.length === 0 ? [] : [section("BODY", [component("STYLE", options)])],
    };
  }
  return { models, configurations, untranslated };
}

const rowsOf = (text: string) => {
  const rows = readCsv(text);
  if ("openedInLine" in rows) throw new Error(`a quote of line ${rows.openedInLine} is never closed`);
  return rows;
};

/** The parts of a car configurator's style that are translated. */
interface Style {
  modelId: string;
  modelName: string;
  trim: { name: string };
  options?: readonly { id: string; name: string; price?: { baseMSRP?: number } }[];
  specification?: { elements?: readonly Rule[] };
}
interface Rule {
  type: string;
  antecedent?: Term;
  consequent?: Term;
}
interface Term {
  type: string;
  optionId?: string;
  elements?: readonly Term[];
}

/** A configurator's styles: options with prices, and rules of options that need or rule out one or several others. */
export function configurator(styles: readonly Style[]): World {
  const untranslated: string[] = [];
  const configurations: Record<string, Json> = {};
  const models = styles.map(({ modelId, modelName, trim: own, options = [], specification }) => {
    const offered = options.map(({ id, name, price }) =>
      option(name, {
        id,
        partNumber: null,
        default: false,
        ...(price?.baseMSRP !== undefined && { price: { amount: price.baseMSRP, currency: "USD" } }),
      }),
    );
    const known = new Set(options.map(({ id }) => id));
    const rules = (specification?.elements ?? []).flatMap((rule) => {
      const translated = ruleOf(rule);
      if (
        translated.length > 0 &&
        translated.every(
          (one) => targetsOf(one).every((id) => known.has(id)) && known.has(one["optionId"] as string),
        )
      )
        return translated;
      untranslated.push(`${modelName}: ${rule.antecedent?.type} ${rule.type} ${rule.consequent?.type}`);
      return [];
    });
    configurations[`model-${modelId}`] = {
      sections: [
        section("OPTIONS", [component("FACTORY", offered, { allowMultiple: true, required: false })]),
      ],
      rules,
    };
    return model(modelId, [trim(own.name, { id: `${modelId}/${own.name}` })], { name: modelName });
  });
  return { models, configurations, untranslated };
}

const targetsOf = (rule: Json) =>
  (rule["targetOptionIds"] as string[] | undefined) ?? [rule["targetOptionId"] as string];

/** One of several, or all of them; anything deeper cannot be said. */
function ruleOf({ type, antecedent, consequent }: Rule): Json[] {
  const optionId = antecedent?.type === "CONTAINS_OPTION" ? antecedent.optionId : undefined;
  if (optionId === undefined || !consequent || (type !== "REQUIRES" && type !== "EXCLUDES")) return [];
  if (consequent.type === "CONTAINS_OPTION") return [{ type, optionId, targetOptionId: consequent.optionId }];
  const ids = (consequent.elements ?? []).map(({ type: of, optionId: id }) =>
    of === "CONTAINS_OPTION" ? id : undefined,
  );
  if (ids.length === 0 || ids.some((id) => id === undefined)) return [];
  const isOneOf = (consequent.type === "OR") === (type === "REQUIRES");
  if (isOneOf && type === "REQUIRES") return [{ type, optionId, targetOptionIds: ids }];
  return consequent.type === "AND" && type === "EXCLUDES"
    ? []
    : ids.map((id) => ({ type, optionId, targetOptionId: id }));
}

/** A line of a bill that knows its parent by the key of its place. */
interface KeyedLine {
  ParentKey: string;
  ChildKey: string;
  /** Some of them are written as numbers. */
  Child: string | number;
  ChildDescription: string;
  AsslyQty: number;
}

/** An industrial bill: lines with the key of their parent. The quantity's unit is not told, so it is pieces. */
export function keyedBill(code: string, lines: readonly KeyedLine[]): World {
  const children = Map.groupBy(lines, ({ ParentKey }) => ParentKey);
  const keys = new Set(lines.map(({ ChildKey }) => ChildKey));
  const partOf = ({ ChildKey, Child, ChildDescription, AsslyQty }: KeyedLine): Json => ({
    partNumber: Child,
    name: ChildDescription,
    quantity: AsslyQty,
    ...(children.has(ChildKey) && { parts: children.get(ChildKey)?.map(partOf) }),
  });
  const roots = lines.filter(({ ParentKey }) => !keys.has(ParentKey));
  return {
    ...built(
      code,
      roots.map((line) => ({ code: String(line.Child), ...partOf(line) })),
    ),
    untranslated: [],
  };
}

/** A file that the import reads, as a PLM would serve it. */
export function filedBill(code: string, text: string, settings: BillSettings): World {
  const bill = readBill(text, settings);
  if (typeof bill === "string") throw new Error(bill);
  const codes = new Set<string>();
  const options = bill.parts.map((part) => {
    let own = part.code;
    for (let count = 2; codes.has(own); count += 1) own = `${part.code}#${count}`;
    codes.add(own);
    return { ...partJson(part), code: own };
  });
  return {
    ...built(code, options),
    untranslated: bill.refused.map(({ place, reason }) => `${place}: ${reason}`),
  };
}

/** One model that is built of all of these parts. */
function built(code: string, options: readonly Json[]): PartnerData {
  const offered = options.map((part, index) => ({
    id: `${code}/${index}`,
    default: true,
    required: true,
    ...part,
  }));
  return {
    models: [model(code)],
    configurations: {
      [`model-${code}`]: {
        sections: [section("BOM", [component("PARTS", offered, { allowMultiple: true })])],
      },
    },
  };
}

/** A part in the words of the contract. */
const partJson = ({ code, name, partNumber, quantity, details }: Part): Json => ({
  code,
  name,
  partNumber,
  quantity: quantity.value,
  unit: quantity.unit,
  revision: details.revision,
  effectiveFrom: details.effectiveFrom,
  effectiveTo: details.effectiveTo,
  alternates: details.alternates,
  designators: details.designators,
  price: details.price,
  parts: details.parts.map(partJson),
});
