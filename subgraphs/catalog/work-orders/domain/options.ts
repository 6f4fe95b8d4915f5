import { lotsOf, type Steps } from "../../../../lib/in-steps.ts";
import {
  isEffective,
  offeredTo,
  placeOptions,
  type ConfigurationComponent,
  type ConfigurationSection,
  type ModelConfiguration,
  type PlacedOption,
} from "../../products/domain/configuration.ts";
import { rulesByOption } from "../../products/domain/features.ts";
import { ONE_PIECE, type Quantity } from "../../products/domain/quantity.ts";

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
export function* chooseOptions(
  { configuration, trimCode, day }: Offer,
  optionIds: readonly string[] | undefined,
): Steps<Choice> {
  // No trim has an empty code: what remains are the sections of the whole model.
  const { sections } = offeredTo(configuration, trimCode ?? NO_TRIM);
  const asked = optionIds && new Set(optionIds);
  const isAsked = (placed: PlacedOption) => (asked ? asked.has(placed.option.id) : isByDefault(placed));
  const { offers, taken } = yield* offersOf(yield* placeOptions({ sections }), day, isAsked);
  const isTaken = (section: ConfigurationSection) => section.isRequired || taken.has(section);
  const found: PlacedOption[] = [];
  for (const lot of lotsOf(offers)) {
    for (const placed of lot)
      if (isAsked(placed) || (placed.option.isRequired && isTaken(placed.section))) found.push(placed);
    yield;
  }
  const problems = [
    ...missingOf(asked, offers),
    ...repeatsIn(optionIds ?? []),
    ...(yield* countProblems(sections, isTaken, found)),
    ...ruleProblems(configuration, found, offers),
  ];
  return problems.length > 0 ? { problems: problemsShown(problems) } : { chosen: yield* allChosen(found) };
}

/** What can be had on a day, and the sections that something is asked of. */
function* offersOf(
  placed: readonly PlacedOption[],
  day: string,
  isAsked: (one: PlacedOption) => boolean,
): Steps<{ offers: PlacedOption[]; taken: ReadonlySet<ConfigurationSection> }> {
  const offers: PlacedOption[] = [];
  const taken = new Set<ConfigurationSection>();
  for (const lot of lotsOf(placed)) {
    for (const one of lot) {
      if (!isEffective(one.option.details, day)) continue;
      offers.push(one);
      if (isAsked(one)) taken.add(one.section);
    }
    yield;
  }
  return { offers, taken };
}

function* allChosen(found: readonly PlacedOption[]): Steps<ChosenOption[]> {
  const chosen: ChosenOption[] = [];
  for (const lot of lotsOf(found)) {
    for (const placed of lot) chosen.push(toChosen(placed));
    yield;
  }
  return chosen;
}

function missingOf(asked: ReadonlySet<string> | undefined, offers: readonly PlacedOption[]): string[] {
  if (!asked) return [];
  const had = new Set(offers.map(({ option }) => option.id));
  return [...asked].filter((id) => !had.has(id)).map((id) => `option ${quoted(id)} is not to be had here`);
}

const isByDefault = ({ section, component, option }: PlacedOption) =>
  section.isRequired && component.isRequired && option.isDefault;

function problemsShown(problems: readonly string[]): readonly string[] {
  const rest = problems.length - PROBLEMS_SHOWN;
  return rest > 0 ? [...problems.slice(0, PROBLEMS_SHOWN), `${rest} more problems`] : problems;
}

/** Components of an optional section are required only once something of the section is chosen. */
function* countProblems(
  sections: readonly ConfigurationSection[],
  isTaken: (section: ConfigurationSection) => boolean,
  found: readonly PlacedOption[],
): Steps<string[]> {
  const counts = new Map<ConfigurationComponent, number>();
  for (const lot of lotsOf(found)) {
    for (const { component } of lot) counts.set(component, (counts.get(component) ?? 0) + 1);
    yield;
  }
  const problems: string[] = [];
  for (const section of sections)
    for (const component of section.components) {
      const count = counts.get(component) ?? 0;
      const place = () => `component ${section.code}/${component.code}`;
      if (count === 0 && isTaken(section) && component.isRequired)
        problems.push(`${place()} needs an option`);
      if (count > 1 && !component.allowsMultiple) problems.push(`${place()} takes one option only`);
      yield;
    }
  return problems;
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
  return [...repeated].map((id) => `option ${quoted(id)} is chosen twice`);
}

const toChosen = ({ section, component, option }: PlacedOption): ChosenOption => ({
  // In the order of canonical JSON, which is written faster then.
  code: option.code,
  component: component.code,
  id: option.id,
  name: option.name,
  partNumber: option.partNumber,
  partRevision: option.details.revision,
  quantity: option.quantity,
  section: section.code,
});

/** An option as orders from before there were quantities keep it: one piece, of no known revision. */
export function keptOption(
  kept: Omit<ChosenOption, "partRevision" | "quantity"> & Partial<ChosenOption>,
): ChosenOption {
  const { quantity = ONE_PIECE, partRevision = null } = kept;
  return { ...kept, quantity, partRevision };
}

const quoted = (text: string) => JSON.stringify(text.length > 80 ? `${text.slice(0, 79)}…` : text);
const named = ({ option }: PlacedOption) => `${option.name} (${option.id})`;
