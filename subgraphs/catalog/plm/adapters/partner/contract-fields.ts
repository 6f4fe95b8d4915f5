const PRODUCT = ["id", "code", "name", "description", "active", "sortOrder", "updatedAt"];
const PART = [
  "id",
  "code",
  "name",
  "partNumber",
  "quantity",
  "unit",
  "sortOrder",
  "revision",
  "effectiveFrom",
  "effectiveTo",
  "alternates",
  "designators",
  "names",
  "price",
  "parts",
];
const ANSWER = ["schemaVersion", "correlationId", "data"];

/**
 * The fields of the contract with a PLM, by the names that its OpenAPI document has for what they are in. Whatever else
 * comes is counted.
 */
export const CONTRACT_FIELDS = {
  CatalogueAnswer: new Set(ANSWER),
  Catalogue: new Set(["models"]),
  Model: new Set([...PRODUCT, "trims"]),
  Trim: new Set(PRODUCT),
  ConfigurationAnswer: new Set(ANSWER),
  Configuration: new Set(["id", "code", "name", "updatedAt", "sections", "rules"]),
  Section: new Set(["id", "code", "name", "trimId", "required", "sortOrder", "components"]),
  Component: new Set(["id", "code", "name", "required", "allowMultiple", "sortOrder", "options"]),
  Option: new Set([...PART, "default", "required", "active"]),
  Part: new Set(PART),
  Alternate: new Set(["kind", "partNumber", "revision", "name"]),
  Price: new Set(["amount", "currency"]),
  Rule: new Set(["type", "optionId", "targetOptionId", "targetOptionIds"]),
} as const satisfies Record<string, ReadonlySet<string>>;
