import { offeredTo, placedOptions, type ModelConfiguration, type PlacedOption } from "./configuration.ts";

/** An option as a choice for a model, or for one of its trims. */
export interface Feature {
  id: string;
  plmId: string | null;
  code: string;
  name: string;
  partNumber: string | null;
  isDefault: boolean;
  section: { code: string; name: string; isRequired: boolean };
  component: { code: string; name: string; isRequired: boolean; allowsMultiple: boolean };
  /** The only trim that offers it; null for all trims of the model. */
  trimCode: string | null;
  requires: readonly RelatedFeature[];
  excludes: readonly RelatedFeature[];
  /** False when it requires a feature that the trim does not offer. */
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
export function featuresOf(configuration: ModelConfiguration, trimCode: string | null): Feature[] {
  const all = new Map(placedOptions(configuration).map((placed) => [placed.address, placed]));
  const offered = placedOptions(offeredTo(configuration, trimCode));
  const offeredAddresses = new Set(offered.map(({ address }) => address));
  const related = (address: string, kind: "REQUIRES" | "EXCLUDES"): RelatedFeature[] =>
    configuration.rules
      .filter((rule) => rule.kind === kind && rule.option === address)
      .flatMap(({ target }) => {
        const option = all.get(target)?.option;
        if (!option) return [];
        const { id, code, name } = option;
        return [{ id, code, name, isOffered: offeredAddresses.has(target) }];
      });
  return offered.map((placed) => toFeature(placed, related));
}

function toFeature(
  { section, component, option, address }: PlacedOption,
  related: (address: string, kind: "REQUIRES" | "EXCLUDES") => RelatedFeature[],
): Feature {
  const requires = related(address, "REQUIRES");
  const { quantity: _quantity, ...described } = option;
  return {
    ...described,
    section: { code: section.code, name: section.name, isRequired: section.isRequired },
    component: {
      code: component.code,
      name: component.name,
      isRequired: component.isRequired,
      allowsMultiple: component.allowsMultiple,
    },
    trimCode: section.trimCode,
    requires,
    excludes: related(address, "EXCLUDES"),
    isSelectable: requires.every(({ isOffered }) => isOffered),
  };
}
