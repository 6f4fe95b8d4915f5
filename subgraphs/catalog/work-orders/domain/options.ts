import {
  addressOf,
  isEffective,
  NO_DETAILS,
  offeredTo,
  placedOptions,
  type ConfigurationComponent,
  type ConfigurationOption,
  type ConfigurationSection,
  type ModelConfiguration,
  type OptionRule,
  type PlacedOption,
} from "../../products/domain/configuration.ts";
import { rulesByOption } from "../../products/domain/features.ts";
import { ONE_PIECE, PIECE, type Quantity } from "../../products/domain/quantity.ts";

/** A chosen option with the place it was chosen for. */
export interface ChosenOption {
  /** Codes. */
  section: string;
  component: string;
  id: string;
  code: string;
  name: string;
  partNumber: string | null;
  partRevision: string | null;
  /** For one boat. */
  quantity: Quantity;
}

export type Choice = { chosen: readonly ChosenOption[] } | { problems: readonly string[] };

/** What is chosen from. */
export interface Offer {
  configuration: ModelConfiguration;
  trimCode: string | null;
  /** The day that the order is for, like `2026-01-31`: what is not valid then cannot be chosen. */
  day: string;
}

/** A choice that is wrong in a thousand places is not better understood by the last nine hundred. */
const PROBLEMS_SHOWN = 20;
const NO_TRIM = "";

/**
 * Checks a choice of options for a trim, or takes what is built by default when none is given: the defaults of every
 * required component. What a component always has is taken in either case. An order without a trim has the sections
 * of the whole model. Problems are found together, each a sentence.
 */
export function chooseOptions(offer: Offer, optionIds: readonly string[] | undefined): Choice {
  const { configuration, trimCode, day } = offer;
  // No trim has an empty code: what remains are the sections of the whole model.
  const { sections } = offeredTo(configuration, trimCode ?? NO_TRIM);
  const isValid = ({ option }: PlacedOption) => isEffective(option.details, day);
  const all = placedOptions({ sections });
  const offers = all.every(isValid) ? all : all.filter(isValid);
  const byId = new Map(offers.map((placed) => [placed.option.id, placed]));
  const wanted = optionIds ?? defaultsOf(offers);
  const asked = new Set(wanted);
  const taken = new Set<ConfigurationSection>();
  for (const id of asked) {
    const found = byId.get(id);
    if (found) taken.add(found.section);
  }
  const isTaken = (section: ConfigurationSection) => section.isRequired || taken.has(section);
  const found = offers.filter(
    ({ option, section }) => asked.has(option.id) || (option.isRequired && isTaken(section)),
  );
  const problems = [
    ...[...asked].filter((id) => !byId.has(id)).map((id) => `option ${quoted(id)} is not to be had here`),
    ...repeatsIn(wanted).map((id) => `option ${quoted(id)} is chosen twice`),
    ...countProblems(sections, isTaken, found),
    ...ruleProblems(configuration, found, offers),
  ];
  if (problems.length === 0) return { chosen: found.map(toChosen) };
  const rest = problems.length - PROBLEMS_SHOWN;
  return { problems: rest > 0 ? [...problems.slice(0, PROBLEMS_SHOWN), `${rest} more problems`] : problems };
}

const defaultsOf = (offers: readonly PlacedOption[]): string[] =>
  offers
    .filter(
      ({ section, component, option }) => section.isRequired && component.isRequired && option.isDefault,
    )
    .map(({ option }) => option.id);

/** Components of an optional section are required only once something of the section is chosen. */
function countProblems(
  sections: readonly ConfigurationSection[],
  isTaken: (section: ConfigurationSection) => boolean,
  found: readonly PlacedOption[],
): string[] {
  const counts = new Map<ConfigurationComponent, number>();
  for (const { component } of found) counts.set(component, (counts.get(component) ?? 0) + 1);
  return sections.flatMap((section) =>
    section.components.flatMap((component) => {
      const count = counts.get(component) ?? 0;
      const place = `component ${section.code}/${component.code}`;
      if (count === 0 && isTaken(section) && component.isRequired) return [`${place} needs an option`];
      return count > 1 && !component.allowsMultiple ? [`${place} takes one option only`] : [];
    }),
  );
}

function ruleProblems(
  configuration: ModelConfiguration,
  found: readonly PlacedOption[],
  offers: readonly PlacedOption[],
): string[] {
  const rules = rulesByOption(configuration);
  if (rules.size === 0) return [];
  const chosen = new Map(found.map((placed) => [placed.address, placed]));
  const offered = new Map(offers.map((placed) => [placed.address, placed]));
  return found.flatMap((subject) =>
    (rules.get(subject.address) ?? []).flatMap(({ kind, targets }) => {
      const others = targets.flatMap((target) => chosen.get(target) ?? []);
      if (kind === "EXCLUDES") return others.map((other) => `${named(subject)} excludes ${named(other)}`);
      if (others.length > 0) return [];
      const missing = targets.flatMap((target) => offered.get(target) ?? []);
      return missing.length > 0
        ? [`${named(subject)} requires ${missing.map(named).join(" or ")}`]
        : [`${named(subject)} requires ${targets.join(" or ")}, which is not to be had here`];
    }),
  );
}

function repeatsIn(ids: readonly string[]): string[] {
  const seen = new Set<string>();
  const repeated = new Set<string>();
  for (const id of ids) (seen.has(id) ? repeated : seen).add(id);
  return [...repeated];
}

const toChosen = ({ section, component, option }: PlacedOption): ChosenOption => ({
  section: section.code,
  component: component.code,
  id: option.id,
  code: option.code,
  name: option.name,
  partNumber: option.partNumber,
  partRevision: option.details.revision,
  quantity: option.quantity,
});

/** An option as orders from before there were quantities keep it: one piece, of no known revision. */
export function keptOption(
  kept: Omit<ChosenOption, "partRevision" | "quantity"> & Partial<ChosenOption>,
): ChosenOption {
  const { quantity = ONE_PIECE, partRevision = null } = kept;
  return { ...kept, quantity, partRevision };
}

/** A configuration as orders keep it: those from before there were units count pieces, and their rules have one target. */
export interface KeptConfiguration {
  sections: readonly (Omit<ConfigurationSection, "components"> & {
    components: readonly (Omit<ConfigurationComponent, "options"> & { options: readonly KeptOption[] })[];
  })[];
  rules: readonly (OptionRule | (Omit<OptionRule, "targets"> & { target: string }))[];
}

type KeptOption = Omit<ConfigurationOption, "quantity" | "isRequired" | "details"> &
  Partial<Pick<ConfigurationOption, "isRequired" | "details">> & { quantity: Quantity | number };

/** The configuration that an order keeps, in today's shape; the order itself keeps it as it was. */
export function keptConfiguration({ sections, rules }: KeptConfiguration): ModelConfiguration {
  const newAddress = new Map<string, string>();
  const inShape = sections.map((section) => ({
    ...section,
    components: section.components.map((component) => ({
      ...component,
      options: component.options.map((option): ConfigurationOption => {
        const { isRequired = false, details = NO_DETAILS, quantity } = option;
        const path = `${section.code}/${component.code}/${option.code}`;
        const old = section.trimCode === null ? path : `${section.trimCode}:${path}`;
        newAddress.set(old, addressOf(section, component, option));
        const exact = typeof quantity === "number" ? { value: String(quantity), unit: PIECE } : quantity;
        return { ...option, isRequired, details, quantity: exact };
      }),
    })),
  }));
  const today = (address: string) => newAddress.get(address) ?? address;
  return {
    sections: inShape,
    rules: rules.map((rule) =>
      "targets" in rule
        ? rule
        : { kind: rule.kind, option: today(rule.option), targets: [today(rule.target)] },
    ),
  };
}

const quoted = (text: string) => JSON.stringify(text.length > 80 ? `${text.slice(0, 79)}…` : text);
const named = ({ option }: PlacedOption) => `${option.name} (${option.id})`;
