import { lotsOf, type Steps } from "../../../../lib/in-steps.ts";
import {
  isEffective,
  offeredTo,
  placeOptions,
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
 * of the whole model. Problems are found together, each a sentence. A choice of the same options as the one before is
 * the same list.
 */
export function* chooseOptions(
  { configuration, trimCode, day }: Offer,
  optionIds: readonly string[] | undefined,
): Steps<Choice> {
  // No trim has an empty code: what remains are the sections of the whole model.
  const { sections } = offeredTo(configuration, trimCode ?? NO_TRIM);
  const wanted = yield* wantedOf(yield* placeOptions({ sections }), day, optionIds);
  const isTaken = (section: ConfigurationSection) => section.isRequired || wanted.sections.has(section);
  const found: PlacedOption[] = [];
  for (const lot of lotsOf(wanted.offers)) {
    for (const placed of lot)
      if (wanted.isWanted(placed) || (placed.option.isRequired && isTaken(placed.section)))
        found.push(placed);
    yield;
  }
  const problems = [
    ...missingOf(wanted),
    ...repeatsIn(optionIds ?? [], wanted.asked),
    ...(yield* countProblems(sections, isTaken, found)),
    ...ruleProblems(configuration, found, wanted.offers),
  ];
  return problems.length > 0
    ? { problems: problemsShown(problems) }
    : { chosen: yield* allChosen(found, sections) };
}

interface Wanted {
  /** What can be had on the day. */
  offers: readonly PlacedOption[];
  isWanted: (placed: PlacedOption) => boolean;
  /** Sections that something is wanted of. */
  sections: ReadonlySet<ConfigurationSection>;
  /** Ids; undefined where none are named. */
  asked: ReadonlySet<string> | undefined;
  /** How many of these can be had. */
  had: number;
}

function* wantedOf(
  placed: readonly PlacedOption[],
  day: string,
  optionIds: readonly string[] | undefined,
): Steps<Wanted> {
  const asked = optionIds && (yield* setOf(optionIds));
  const isWanted = asked ? ({ option }: PlacedOption) => asked.has(option.id) : isByDefault;
  const offers: PlacedOption[] = [];
  const sections = new Set<ConfigurationSection>();
  let had = 0;
  for (const lot of lotsOf(placed)) {
    for (const one of lot) {
      if (!isEffective(one.option.details, day)) continue;
      offers.push(one);
      if (!isWanted(one)) continue;
      had += 1;
      sections.add(one.section);
    }
    yield;
  }
  return { offers, isWanted, sections, asked, had };
}

function* setOf(ids: readonly string[]): Steps<ReadonlySet<string>> {
  const all = new Set<string>();
  for (const lot of lotsOf(ids)) {
    for (const id of lot) all.add(id);
    yield;
  }
  return all;
}

/** Ids are one to one, so as many are missing as are not had. */
function missingOf({ asked, had, offers }: Wanted): string[] {
  if (!asked || asked.size === had) return [];
  const offered = new Set(offers.map(({ option }) => option.id));
  return [...asked]
    .filter((id) => !offered.has(id))
    .map((id) => `option ${quoted(id)} is not to be had here`);
}

interface MadeChoice {
  found: readonly PlacedOption[];
  chosen: readonly ChosenOption[];
}

/** The latest choice of each offer: most orders choose what the one before chose, and keep the same document then. */
const latest = new WeakMap<readonly ConfigurationSection[], MadeChoice>();

function* allChosen(
  found: readonly PlacedOption[],
  sections: readonly ConfigurationSection[],
): Steps<readonly ChosenOption[]> {
  const before = latest.get(sections);
  if (before?.found.length === found.length && found.every((placed, index) => placed === before.found[index]))
    return before.chosen;
  const chosen: ChosenOption[] = [];
  for (const lot of lotsOf(found)) {
    for (const placed of lot) chosen.push(toChosen(placed));
    yield;
  }
  latest.set(sections, { found, chosen });
  return chosen;
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
  const problems: string[] = [];
  // What was found is in the order of the components.
  let at = 0;
  for (const section of sections) {
    const isNeeded = isTaken(section);
    for (const lot of lotsOf(section.components)) {
      for (const component of lot) {
        const from = at;
        while (found[at]?.component === component && found[at]?.section === section) at += 1;
        const place = () => `component ${section.code}/${component.code}`;
        if (at === from && isNeeded && component.isRequired) problems.push(`${place()} needs an option`);
        if (at > from + 1 && !component.allowsMultiple) problems.push(`${place()} takes one option only`);
      }
      yield;
    }
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

function repeatsIn(ids: readonly string[], asked: ReadonlySet<string> | undefined): string[] {
  if (!asked || asked.size === ids.length) return [];
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
