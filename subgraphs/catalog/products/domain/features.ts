import {
  addressOf,
  offeredTo,
  placedOptions,
  type ConfigurationComponent,
  type ConfigurationOption,
  type ConfigurationSection,
  type ModelConfiguration,
  type OptionRule,
  type PlacedOption,
} from "./configuration.ts";
import type { Quantity } from "./quantity.ts";

/** An option as a choice for a model, or for one of its trims. */
export interface Feature {
  id: string;
  plmId: string | null;
  code: string;
  name: string;
  partNumber: string | null;
  partRevision: string | null;
  quantity: Quantity;
  effectiveFrom: string | null;
  effectiveTo: string | null;
  isDefault: boolean;
  section: { code: string; name: string; isRequired: boolean };
  component: { code: string; name: string; isRequired: boolean; allowsMultiple: boolean };
  /** The only trim that offers it; null for all trims of the model. */
  trimCode: string | null;
  requires: readonly RelatedFeature[];
  excludes: readonly RelatedFeature[];
  /** False when it requires something of which the trim offers nothing. */
  isSelectable: boolean;
}

interface RelatedFeature {
  id: string;
  code: string;
  name: string;
  /** False when the trim that was asked for does not offer it. */
  isOffered: boolean;
}

/** The features of a trim: those of the whole model and its own; without a trim, all of the model. */
export function featuresOf(
  configuration: ModelConfiguration,
  trimCode: string | null,
  page: { from: number; count: number } = { from: 0, count: Infinity },
): Feature[] {
  const isOffered = ({ trimCode: only }: ConfigurationSection) =>
    trimCode === null || only === null || only === trimCode;
  const rules = rulesByOption(configuration);
  const related = (rule: OptionRule): RelatedFeature[] =>
    rule.targets.flatMap((target) => {
      const found = byAddress(configuration).get(target);
      if (!found) return [];
      const { id, code, name } = found.option;
      return [{ id, code, name, isOffered: isOffered(found.section) }];
    });
  return optionsOf(offeredTo(configuration, trimCode).sections, page).map((placed) => {
    const own = rules.size === 0 ? [] : (rules.get(addressOf(...placed)) ?? []);
    if (own.length === 0) return { ...toFeature(placed), requires: [], excludes: [], isSelectable: true };
    const relatedBy = (kind: OptionRule["kind"]) => own.filter((rule) => rule.kind === kind).map(related);
    const requires = relatedBy("REQUIRES");
    return {
      ...toFeature(placed),
      requires: requires.flat(),
      excludes: relatedBy("EXCLUDES").flat(),
      isSelectable: requires.every((targets) => targets.some((target) => target.isOffered)),
    };
  });
}

type InPlace = readonly [ConfigurationSection, ConfigurationComponent, ConfigurationOption];

/** So many options from a position on; components before it are only counted. */
function optionsOf(
  sections: readonly ConfigurationSection[],
  { from, count }: { from: number; count: number },
): InPlace[] {
  const found: InPlace[] = [];
  let before = 0;
  for (const section of sections)
    for (const component of section.components) {
      if (found.length >= count) return found;
      const { options } = component;
      const first = Math.max(0, from - before);
      for (const option of options.slice(first, first + count - found.length))
        found.push([section, component, option]);
      before += options.length;
    }
  return found;
}

const addresses = new WeakMap<object, ReadonlyMap<string, PlacedOption>>();

/** Every option by its address; worked out once for a configuration. */
function byAddress(configuration: ModelConfiguration): ReadonlyMap<string, PlacedOption> {
  const known = addresses.get(configuration.sections);
  if (known) return known;
  const found = new Map(placedOptions(configuration).map((placed) => [placed.address, placed]));
  addresses.set(configuration.sections, found);
  return found;
}

const ruleIndexes = new WeakMap<object, ReadonlyMap<string, readonly OptionRule[]>>();

/** The rules about each option by its address; worked out once for a configuration. */
export function rulesByOption({ rules }: ModelConfiguration): ReadonlyMap<string, readonly OptionRule[]> {
  const known = ruleIndexes.get(rules) ?? Map.groupBy(rules, ({ option }) => option);
  ruleIndexes.set(rules, known);
  return known;
}

const toFeature = ([section, component, option]: InPlace) => ({
  id: option.id,
  plmId: option.plmId,
  code: option.code,
  name: option.name,
  partNumber: option.partNumber,
  partRevision: option.details.revision,
  quantity: option.quantity,
  effectiveFrom: option.details.effectiveFrom,
  effectiveTo: option.details.effectiveTo,
  isDefault: option.isDefault,
  section: { code: section.code, name: section.name, isRequired: section.isRequired },
  component: {
    code: component.code,
    name: component.name,
    isRequired: component.isRequired,
    allowsMultiple: component.allowsMultiple,
  },
  trimCode: section.trimCode,
});
