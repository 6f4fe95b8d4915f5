/** A model as a person writes it down; ids, part numbers, order and defaults follow from it. */
export interface ModelDefinition {
  /** As in `LX24`. Our id of it is the same in lower case. */
  code: string;
  name: string;
  description: string;
  trims: readonly TrimDefinition[];
  sections: readonly SectionDefinition[];
  /** Each option of a pair is named by `SECTION/COMPONENT/OPTION`; the first is to be had only with the second. */
  requires: readonly (readonly [option: string, requiredOption: string])[];
}

interface TrimDefinition {
  /** The part of the code after the model's, as in `ANGLER-PRO`. */
  suffix: string;
  name: string;
  description: string;
}

export interface SectionDefinition {
  code: string;
  name: string;
  /** Suffix of the only trim that has this section; absent for the whole model. */
  trim?: string;
  isOptional?: boolean;
  components: readonly ComponentDefinition[];
}

interface ComponentDefinition {
  code: string;
  name: string;
  /** The first one is the default. */
  options: readonly (readonly [code: string, name: string])[];
}
