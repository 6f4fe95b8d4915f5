import type { Steps } from "../../../../lib/in-steps.ts";
import {
  addressOf,
  NO_DETAILS,
  type ConfigurationComponent,
  type ConfigurationOption,
  type ConfigurationSection,
  type ModelConfiguration,
  type OptionRule,
  type Part,
  type PartDetails,
} from "./configuration.ts";
import { decimalOf, PIECE, type Quantity } from "./quantity.ts";

/**
 * A configuration as it is kept for good: what a boat is built from. Ids are left out, because they differ between the
 * systems and mean nothing, and so is what most parts do not have. Older ones have ids, quantities in pieces and rules
 * with one target.
 */
export interface StoredConfiguration {
  sections: readonly (Omit<ConfigurationSection, "components"> & {
    components: readonly (Omit<ConfigurationComponent, "options"> & { options: readonly StoredOption[] })[];
  })[];
  rules: readonly (OptionRule | (Omit<OptionRule, "targets"> & { target: string }))[];
  rejected?: ModelConfiguration["rejected"];
}

interface StoredPart {
  code: string;
  details?: StoredDetails;
  name: string;
  partNumber: string | null;
  quantity: Quantity | number;
}

type StoredOption = StoredPart &
  Pick<ConfigurationOption, "isDefault"> &
  Partial<Pick<ConfigurationOption, "id" | "plmId" | "isRequired">>;

type StoredDetails = Omit<PartDetails, "parts"> & { parts: readonly StoredPart[] };

/** The configuration as it is kept; fields are in the order of canonical JSON, which is written faster then. */
export function* toStored(configuration: ModelConfiguration): Steps<StoredConfiguration> {
  const sections = [];
  for (const { code, isRequired, name, trimCode, components: given } of configuration.sections) {
    const components = [];
    for (const component of given) {
      const options = [];
      for (const option of component.options) {
        options.push(storedOption(option));
        yield;
      }
      const { allowsMultiple, code: own, isRequired: needed, name: called } = component;
      components.push({ allowsMultiple, code: own, isRequired: needed, name: called, options });
    }
    sections.push({ code, components, isRequired, name, trimCode });
  }
  const { rejected, rules } = configuration;
  return { ...(rejected && { rejected }), rules, sections };
}

function storedOption({ code, details, isDefault, isRequired, name, ...part }: ConfigurationOption) {
  const { partNumber, quantity: given } = part;
  const quantity = inOrder(given);
  return isPlain(details)
    ? { code, isDefault, isRequired, name, partNumber, quantity }
    : { code, details: storedDetails(details), isDefault, isRequired, name, partNumber, quantity };
}

function storedPart({ code, details, name, partNumber, quantity: given }: Part): StoredPart {
  const quantity = inOrder(given);
  return isPlain(details)
    ? { code, name, partNumber, quantity }
    : { code, details: storedDetails(details), name, partNumber, quantity };
}

function storedDetails({ parts, ...details }: PartDetails): StoredDetails {
  const { alternates, designators, effectiveFrom, effectiveTo, names, price, revision } = details;
  const stored = parts.map(storedPart);
  return { alternates, designators, effectiveFrom, effectiveTo, names, parts: stored, price, revision };
}

const inOrder = ({ unit, value }: Quantity): Quantity => ({ unit, value });

/** By value: what came from a store that replicas share is no longer the same object. */
function isPlain(details: PartDetails): boolean {
  const { alternates, designators, effectiveFrom, effectiveTo, names, parts, price, revision } = details;
  if (alternates.length > 0 || designators.length > 0 || parts.length > 0) return false;
  if (effectiveFrom !== null || effectiveTo !== null || price !== null || revision !== null) return false;
  return Object.keys(names).length === 0;
}

/** The configuration in today's shape; the options of newer ones have no ids. */
export function* fromStored({ sections, rules, rejected }: StoredConfiguration): Steps<ModelConfiguration> {
  const newAddress = new Map<string, string>();
  const inShape: ConfigurationSection[] = [];
  for (const section of sections) {
    const components: ConfigurationComponent[] = [];
    for (const component of section.components) {
      const options: ConfigurationOption[] = [];
      for (const option of component.options) {
        const path = `${section.code}/${component.code}/${option.code}`;
        const old = section.trimCode === null ? path : `${section.trimCode}:${path}`;
        const address = addressOf(section, component, option);
        if (old !== address) newAddress.set(old, address);
        const { id = "", plmId = null, isRequired = false, isDefault } = option;
        options.push({ id, plmId, ...partOf(option), isDefault, isRequired });
        yield;
      }
      components.push({ ...component, options });
    }
    inShape.push({ ...section, components });
  }
  const today = (address: string) => newAddress.get(address) ?? address;
  return {
    sections: inShape,
    rules: rules.map((rule) =>
      "targets" in rule
        ? rule
        : { kind: rule.kind, option: today(rule.option), targets: [today(rule.target)] },
    ),
    ...(rejected && { rejected }),
  };
}

const partOf = ({ code, name, partNumber, quantity, details }: StoredPart): Part => ({
  code,
  name,
  partNumber,
  quantity: typeof quantity === "object" ? quantity : { value: decimalOf(quantity) ?? "1", unit: PIECE },
  details: details ? { ...details, parts: details.parts.map(partOf) } : NO_DETAILS,
});
