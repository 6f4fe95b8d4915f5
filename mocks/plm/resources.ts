/** `data` of `GET /plm/catalog`. Ids are the PLM's own; the MRP recognises entities by `code`. */
export interface Catalogue {
  models: readonly CatalogueModel[];
}

export interface CatalogueModel {
  id: string;
  code: string;
  name: string;
  description: string;
  active: boolean;
  /** ISO-8601 UTC. */
  updatedAt: string;
  trims: readonly CatalogueTrim[];
}

interface CatalogueTrim {
  id: string;
  code: string;
  name: string;
  description: string;
  sortOrder: number;
  active: boolean;
}

/** `data` of `GET /plm/trims/:id`. */
export interface Trim extends CatalogueTrim {
  updatedAt: string;
  model: { id: string; code: string; name: string };
}

/** `data` of `GET /plm/models/:id/config`. */
export interface ModelConfig {
  id: string;
  code: string;
  name: string;
  updatedAt: string;
  sections: readonly Section[];
  rules: readonly Rule[];
}

export interface Section {
  id: string;
  code: string;
  name: string;
  /** The only trim that has this section; null for the whole model. */
  trimId: string | null;
  required: boolean;
  sortOrder: number;
  components: readonly Component[];
}

export interface Component {
  id: string;
  code: string;
  name: string;
  required: boolean;
  allowMultiple: boolean;
  sortOrder: number;
  options: readonly Option[];
}

interface Option {
  id: string;
  code: string;
  name: string;
  partNumber: string;
  default: boolean;
  active: boolean;
  sortOrder: number;
  /** Quantity, unit, places, parts, and whatever else this one has. */
  [field: string]: unknown;
}

/** `optionId` needs, or rules out, `targetOptionId`. */
export interface Rule {
  type: "REQUIRES" | "EXCLUDES";
  optionId: string;
  targetOptionId: string;
}

/** `data` of `GET /plm/features`: what can be had for a model, or for one of its trims. */
export interface Features {
  modelId: string;
  trimId: string | null;
  features: readonly Feature[];
}

export interface Feature extends Option {
  trimId: string | null;
  section: { code: string; name: string };
  component: { code: string; name: string; required: boolean; allowMultiple: boolean };
  /** Ids of options. */
  requires: readonly string[];
  excludes: readonly string[];
}
