import { atOnce, lotsOf, type Steps } from "../../../../lib/in-steps.ts";
import { escaped, idOfOption, unusedId } from "./product-ids.ts";
import type { Quantity } from "./quantity.ts";

/** What a model can be built with, in the order of the catalogue; the same shape whichever system tells it. */
export interface ModelConfiguration {
  sections: readonly ConfigurationSection[];
  rules: readonly OptionRule[];
  /** What was taken away because it contradicts the rest; absent from a configuration that is known whole. */
  rejected?: readonly Rejection[];
}

/** A record of the PLM that could not be taken. */
export interface Rejection {
  /** Where it is in the PLM's answer, like `data.sections.3`. */
  place: string;
  /** Why, as a sentence without the PLM's own words. */
  reason: string;
}

export interface ConfigurationSection {
  code: string;
  name: string;
  /** The only trim that has this section; null for the whole model. */
  trimCode: string | null;
  isRequired: boolean;
  components: readonly ConfigurationComponent[];
}

export interface ConfigurationComponent {
  code: string;
  name: string;
  isRequired: boolean;
  allowsMultiple: boolean;
  options: readonly ConfigurationOption[];
}

/** A part with how much of it is fitted, and the parts that it is made of. */
export interface Part {
  /** What the line is called among its siblings: a position number, or the part number. */
  code: string;
  name: string;
  partNumber: string | null;
  /** For one of its parent; 0 is for what is listed and not fitted. */
  quantity: Quantity;
  details: PartDetails;
}

export interface ConfigurationOption extends Part {
  /** Our id: the MRP's where it has the option. */
  id: string;
  plmId: string | null;
  isDefault: boolean;
  /** Built whatever is chosen beside it. */
  isRequired: boolean;
}

/** What most parts do not have. */
export interface PartDetails {
  /** Revision of the part itself. */
  revision: string | null;
  /** Days like `2026-01-31`, both included; null for no limit. */
  effectiveFrom: string | null;
  effectiveTo: string | null;
  alternates: readonly Alternate[];
  /** Places on the drawing, like `R12`. */
  designators: readonly string[];
  /** Names by language tag, like `de`. */
  names: Readonly<Record<string, string>>;
  /** Decimal text and ISO 4217 code. */
  price: { amount: string; currency: string } | null;
  parts: readonly Part[];
}

/** Another part that may be fitted instead: always, or where the part cannot be had. */
export interface Alternate {
  kind: "ALTERNATE" | "SUBSTITUTE";
  partNumber: string;
  revision: string | null;
  name: string | null;
}

/** Of a part with nothing to say beside its number; shared by all of them. */
export const NO_DETAILS: PartDetails = Object.freeze({
  revision: null,
  effectiveFrom: null,
  effectiveTo: null,
  alternates: Object.freeze([]),
  designators: Object.freeze([]),
  names: Object.freeze({}),
  price: null,
  parts: Object.freeze([]),
});

/** `option` needs one of the targets, or rules them all out; all are addresses as `addressOf` writes them. */
export interface OptionRule {
  kind: "REQUIRES" | "EXCLUDES";
  option: string;
  targets: readonly string[];
}

/** An option with where it belongs. */
export interface PlacedOption {
  section: ConfigurationSection;
  component: ConfigurationComponent;
  option: ConfigurationOption;
  /** `SECTION/COMPONENT/OPTION`, after `TRIM:` for a section of one trim: the same in both systems. */
  address: string;
}

/** How many options there are, without placing them. */
export const optionCount = ({ sections }: Pick<ModelConfiguration, "sections">): number =>
  sections.reduce(
    (sum, { components }) => components.reduce((count, { options }) => count + options.length, sum),
    0,
  );

const placed = new WeakMap<object, readonly PlacedOption[]>();

/** Every option with its place, in the order of the catalogue; worked out once for a configuration. */
export const placedOptions = (configuration: Pick<ModelConfiguration, "sections">): readonly PlacedOption[] =>
  placed.get(configuration.sections) ?? atOnce(placeOptions(configuration));

/** The same with stops. */
export function* placeOptions({
  sections,
}: Pick<ModelConfiguration, "sections">): Steps<readonly PlacedOption[]> {
  const known = placed.get(sections);
  if (known) return known;
  const options: PlacedOption[] = [];
  for (const section of sections)
    for (const lot of lotsOf(section.components)) {
      for (const component of lot)
        for (const option of component.options)
          options.push({ section, component, option, address: addressOf(section, component, option) });
      yield;
    }
  placed.set(sections, options);
  return options;
}

interface Coded {
  code: string;
}

/** The path of a section: its code, after `TRIM:` where only one trim has it. */
export const pathOfSection = ({ code, trimCode }: Pick<ConfigurationSection, "code" | "trimCode">): string =>
  trimCode === null ? escaped(code) : `${escaped(trimCode)}:${escaped(code)}`;

/** The name of an option that both systems share; two places are always two addresses. */
export const addressOf = (
  section: Pick<ConfigurationSection, "code" | "trimCode">,
  component: Coded,
  option: Coded,
): string => `${pathOfSection(section)}/${escaped(component.code)}/${escaped(option.code)}`;

const offered = new WeakMap<object, Map<string, ModelConfiguration>>();

/** What a trim offers: the sections of the whole model and its own; without a trim, all of them. */
export function offeredTo(configuration: ModelConfiguration, trimCode: string | null): ModelConfiguration {
  if (trimCode === null) return configuration;
  const byTrim = offered.get(configuration) ?? new Map<string, ModelConfiguration>();
  offered.set(configuration, byTrim);
  const known = byTrim.get(trimCode);
  if (known) return known;
  const isOffered = (section: ConfigurationSection) =>
    section.trimCode === null || section.trimCode === trimCode;
  // What is all the same stays the same object: whatever is worked out of it is worked out and kept once.
  const isWhole = configuration.sections.every(isOffered);
  const narrowed = isWhole
    ? configuration
    : { ...configuration, sections: configuration.sections.filter(isOffered) };
  byTrim.set(trimCode, narrowed);
  return narrowed;
}

/** The MRP's ids of a model's options by their addresses. */
export type OptionIds = ReadonlyMap<string, string>;

export const optionIdsOf = (configuration: ModelConfiguration): OptionIds =>
  new Map(placedOptions(configuration).map(({ address, option }) => [address, option.id]));

/** The PLM's configuration under our ids: the MRP's where it has the option, else one made of the address. */
export function* withOurIds(
  plm: ModelConfiguration,
  modelId: string,
  ofMrp: OptionIds,
): Steps<ModelConfiguration> {
  return yield* withIds(plm, ourIds(modelId, ofMrp));
}

/**
 * The same, written into a configuration that nobody else has yet: of a large one, a copy would take as much memory again
 * for as long as the answer is kept.
 */
export function* writeOurIds(plm: ModelConfiguration, modelId: string, ofMrp: OptionIds): Steps<void> {
  const idAt = ourIds(modelId, ofMrp);
  for (const section of plm.sections)
    for (const lot of lotsOf(section.components)) {
      for (const component of lot)
        for (const option of component.options) option.id = idAt(addressOf(section, component, option));
      yield;
    }
}

function ourIds(modelId: string, ofMrp: OptionIds): (address: string) => string {
  const ofMrpAlone = new Set(ofMrp.values());
  // Those that are made of addresses are one to one by themselves.
  return (address) => ofMrp.get(address) ?? unusedId(idOfOption(modelId, address), ofMrpAlone);
}

/** The configuration with the ids that its options have by their addresses. */
export function* withIds(
  configuration: ModelConfiguration,
  idAt: (address: string) => string,
): Steps<ModelConfiguration> {
  const sections: ConfigurationSection[] = [];
  for (const section of configuration.sections) {
    const components: ConfigurationComponent[] = [];
    for (const component of section.components) {
      const options: ConfigurationOption[] = [];
      for (const option of component.options) {
        options.push({ ...option, id: idAt(addressOf(section, component, option)) });
        yield;
      }
      components.push({ ...component, options });
    }
    sections.push({ ...section, components });
  }
  return { ...configuration, sections };
}

/** The ids of options by address, but for those that an option of the model has when only the PLM knows it. */
export function* givenIds(configuration: ModelConfiguration, modelId: string): Steps<Record<string, string>> {
  const given: Record<string, string> = {};
  for (const lot of lotsOf(yield* placeOptions(configuration))) {
    for (const { address, option } of lot)
      if (option.id !== idOfOption(modelId, address)) given[address] = option.id;
    yield;
  }
  return given;
}

/** True for a part that is valid on a day, like `2026-01-31`. */
export const isEffective = (
  { effectiveFrom, effectiveTo }: Pick<PartDetails, "effectiveFrom" | "effectiveTo">,
  day: string,
): boolean =>
  (effectiveFrom === null || effectiveFrom <= day) && (effectiveTo === null || day <= effectiveTo);
