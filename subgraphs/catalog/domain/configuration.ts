/** What a model can be built with, in the order of the catalogue; the same shape whichever system tells it. */
export interface ModelConfiguration {
  sections: readonly ConfigurationSection[];
  rules: readonly OptionRule[];
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

export interface ConfigurationOption {
  /** Our id: the MRP's where it has the option. */
  id: string;
  plmId: string | null;
  code: string;
  name: string;
  partNumber: string | null;
  /** Pieces per boat. */
  quantity: number;
  isDefault: boolean;
}

/** `option` needs, or rules out, `target`; both are addresses as `addressOf` writes them. */
export interface OptionRule {
  kind: "REQUIRES" | "EXCLUDES";
  option: string;
  target: string;
}

/** An option with where it belongs. */
export interface PlacedOption {
  section: ConfigurationSection;
  component: ConfigurationComponent;
  option: ConfigurationOption;
  /** `SECTION/COMPONENT/OPTION`, after `TRIM:` for a section of one trim: the same in both systems. */
  address: string;
}

/** Every option with its place, in the order of the catalogue. */
export const placedOptions = (configuration: ModelConfiguration): PlacedOption[] =>
  configuration.sections.flatMap((section) =>
    section.components.flatMap((component) =>
      component.options.map((option) => ({
        section,
        component,
        option,
        address: addressOf(section, component, option),
      })),
    ),
  );

interface Coded {
  code: string;
}

/** The name of an option that both systems share. */
export function addressOf(
  section: Pick<ConfigurationSection, "code" | "trimCode">,
  component: Coded,
  option: Coded,
): string {
  const path = `${section.code}/${component.code}/${option.code}`;
  return section.trimCode === null ? path : `${section.trimCode}:${path}`;
}

/** What a trim offers: the sections of the whole model and its own; without a trim, all of them. */
export function offeredTo(configuration: ModelConfiguration, trimCode: string | null): ModelConfiguration {
  if (trimCode === null) return configuration;
  const isOffered = (section: ConfigurationSection) =>
    section.trimCode === null || section.trimCode === trimCode;
  return { ...configuration, sections: configuration.sections.filter(isOffered) };
}

/** The PLM's configuration under the MRP's option ids. */
export function withMrpIds(plm: ModelConfiguration, mrp: ModelConfiguration | undefined): ModelConfiguration {
  const idByAddress = new Map(mrp && placedOptions(mrp).map(({ address, option }) => [address, option.id]));
  const translated = (section: ConfigurationSection): ConfigurationSection => ({
    ...section,
    components: section.components.map((component) => ({
      ...component,
      options: component.options.map((option) => ({
        ...option,
        id: idByAddress.get(addressOf(section, component, option)) ?? option.id,
      })),
    })),
  });
  return { ...plm, sections: plm.sections.map(translated) };
}
