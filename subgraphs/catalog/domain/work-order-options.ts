import {
  placedOptions,
  type ConfigurationSection,
  type ModelConfiguration,
  type OptionRule,
  type PlacedOption,
} from "./configuration.ts";

/** A chosen option with the place it was chosen for. */
export interface ChosenOption {
  /** Codes. */
  section: string;
  component: string;
  id: string;
  code: string;
  name: string;
  partNumber: string | null;
}

export type Choice = { chosen: readonly ChosenOption[] } | { problems: readonly string[] };

/**
 * Checks a choice of options for a trim, or takes the default of every required component when none is given.
 * An order without a trim has the sections of the whole model. All problems are found at once, each a sentence.
 */
export function chooseOptions(
  configuration: ModelConfiguration,
  trimCode: string | null,
  optionIds: readonly string[] | undefined,
): Choice {
  const sections = configuration.sections.filter((section) => [null, trimCode].includes(section.trimCode));
  const offers = placedOptions({ sections, rules: [] });
  const wanted = optionIds ?? defaultsOf(offers);
  const byId = new Map(offers.map((offer) => [offer.option.id, offer]));
  const found = [...new Set(wanted)].flatMap((id) => byId.get(id) ?? []);
  const problems = [
    ...wanted.filter((id) => !byId.has(id)).map((id) => `option ${quoted(id)} is not to be had here`),
    ...repeatsIn(wanted).map((id) => `option ${quoted(id)} is chosen twice`),
    ...sections.flatMap((section) => countProblems(section, found)),
    ...ruleProblems(configuration.rules, { found, offers }),
  ];
  return problems.length > 0 ? { problems } : { chosen: found.map(toChosen) };
}

const defaultsOf = (offers: readonly PlacedOption[]): string[] =>
  offers
    .filter(
      ({ section, component, option }) => section.isRequired && component.isRequired && option.isDefault,
    )
    .map(({ option }) => option.id);

/** Components of an optional section are required only once something of the section is chosen. */
function countProblems(section: ConfigurationSection, found: readonly PlacedOption[]): string[] {
  const isTaken = section.isRequired || found.some((offer) => offer.section === section);
  return section.components.flatMap((component) => {
    const count = found.filter((offer) => offer.component === component).length;
    const place = `component ${section.code}/${component.code}`;
    if (count === 0 && isTaken && component.isRequired) return [`${place} needs an option`];
    return count > 1 && !component.allowsMultiple ? [`${place} takes one option only`] : [];
  });
}

function ruleProblems(
  rules: readonly OptionRule[],
  { found, offers }: { found: readonly PlacedOption[]; offers: readonly PlacedOption[] },
): string[] {
  const chosen = new Map(found.map((offer) => [offer.address, offer]));
  const offered = new Map(offers.map((offer) => [offer.address, offer]));
  return rules.flatMap(({ kind, option, target }) => {
    const subject = chosen.get(option);
    if (!subject) return [];
    const other = chosen.get(target);
    if (kind === "EXCLUDES") return other ? [`${named(subject)} excludes ${named(other)}`] : [];
    if (other) return [];
    const missing = offered.get(target);
    return missing
      ? [`${named(subject)} requires ${named(missing)}`]
      : [`${named(subject)} requires ${target}, which is not to be had here`];
  });
}

const repeatsIn = (ids: readonly string[]): string[] => [
  ...new Set(ids.filter((id, index) => ids.indexOf(id) !== index)),
];

const toChosen = ({ section, component, option }: PlacedOption): ChosenOption => ({
  section: section.code,
  component: component.code,
  id: option.id,
  code: option.code,
  name: option.name,
  partNumber: option.partNumber,
});

const quoted = (text: string) => JSON.stringify(text);
const named = ({ option }: PlacedOption) => `${option.name} (${option.id})`;
