/** The catalogue as a person writes it down; ids, sort order and defaults follow from the order. */
export interface ModelDefinition {
  code: string;
  name: string;
  description: string;
  /** ISO-8601. */
  updatedAt: string;
  trims: readonly TrimDefinition[];
  sections: readonly SectionDefinition[];
  /** Options as `SECTION/COMPONENT/OPTION`: the first is to be had only together with the second. */
  requires: readonly (readonly [option: string, requiredOption: string])[];
}

interface TrimDefinition {
  code: string;
  name: string;
  description: string;
}

export interface SectionDefinition {
  code: string;
  name: string;
  /** Trim that alone has this section; without it the section belongs to the whole model. */
  trim?: string;
  isOptional?: boolean;
  components: readonly ComponentDefinition[];
}

export interface ComponentDefinition {
  code: string;
  name: string;
  /** The first one is the default. */
  options: readonly OptionDefinition[];
}

type OptionDefinition = readonly [code: string, name: string, partNumber: string, more?: OptionDetails];

/** What an option may say beside its number, in the PLM's own words; more fields than these are served as they are. */
interface OptionDetails {
  quantity?: string;
  unit?: string;
  designators?: readonly string[];
  /** What one of it is made of. */
  parts?: readonly PartDefinition[];
  [field: string]: unknown;
}

export interface PartDefinition extends OptionDetails {
  partNumber: string;
  name: string;
}
