/** How one field of the catalogue is called in either system. */
export interface FieldMapping {
  /** Type and field here, like `Model.code`. */
  field: string;
  /** Path in the answers of the PLM; null for what it does not tell. */
  plm: string | null;
  /** Table and column of the MRP; null for what it does not have. */
  mrp: string | null;
  rule: string;
}

const catalogue = (path: string) => `GET /plm/catalog: data.models[].${path}`;
const configuration = (path: string) => `GET /plm/models/:id/config: data.${path}`;
const option = (path: string) => configuration(`sections[].components[].options[].${path}`);
const same = "the same";
const recognised = "the same; models, trims and options are recognised by their codes, never by their ids";

/** The whole mapping from PLM to MRP; `docs/plm-mapping.md` shows it to people. */
export const FIELD_MAPPINGS: readonly FieldMapping[] = [
  {
    field: "Model.id",
    plm: null,
    mrp: "product_models.id",
    rule: "the MRP's; the code for a model that only the PLM has, in lower case where it is plain",
  },
  { field: "Model.plmId", plm: catalogue("id"), mrp: null, rule: "opaque, never interpreted" },
  { field: "Model.code", plm: catalogue("code"), mrp: "product_models.code", rule: recognised },
  { field: "Model.name", plm: catalogue("name"), mrp: "product_models.name", rule: same },
  {
    field: "Model.description",
    plm: catalogue("description"),
    mrp: "product_models.description",
    rule: "the same; missing is null",
  },
  {
    field: "Model (shown or not)",
    plm: catalogue("active"),
    mrp: "product_models.is_active",
    rule: "inactive ones are not shown; missing means active",
  },
  {
    field: "Trim.id",
    plm: null,
    mrp: "product_trims.id",
    rule: "the MRP's; the code for a trim that only the PLM has, with its model's id where it does not begin with it",
  },
  { field: "Trim.plmId", plm: catalogue("trims[].id"), mrp: null, rule: "opaque, never interpreted" },
  { field: "Trim.code", plm: catalogue("trims[].code"), mrp: "product_trims.code", rule: recognised },
  { field: "Trim.name", plm: catalogue("trims[].name"), mrp: "product_trims.name", rule: same },
  {
    field: "Trim.description",
    plm: catalogue("trims[].description"),
    mrp: "product_trims.description",
    rule: "the same; missing is null",
  },
  {
    field: "Feature.section",
    plm: configuration("sections[].{code,name,required}"),
    mrp: "configuration_sections.{code,name,is_required}",
    rule: same,
  },
  {
    field: "Feature.trimCode",
    plm: configuration("sections[].trimId"),
    mrp: "configuration_sections.trim_id",
    rule: "the id of the trim as its code; null for the whole model",
  },
  {
    field: "Feature.component",
    plm: configuration("sections[].components[].{code,name,required,allowMultiple}"),
    mrp: "configuration_components.{code,name,is_required,allow_multiple}",
    rule: same,
  },
  {
    field: "Feature.id",
    plm: null,
    mrp: "configuration_options.id",
    rule: "the MRP's; made of its codes for an option that only the PLM has",
  },
  { field: "Feature.plmId", plm: option("id"), mrp: null, rule: "opaque, never interpreted" },
  { field: "Feature.code", plm: option("code"), mrp: "configuration_options.code", rule: recognised },
  { field: "Feature.name", plm: option("name"), mrp: "configuration_options.name", rule: same },
  {
    field: "Feature.partNumber, BomLine.partNumber",
    plm: option("partNumber"),
    mrp: "configuration_options.part_number",
    rule: "the same; null for an option without a part",
  },
  {
    field: "Feature.isDefault, BomLine.isDefault",
    plm: option("default"),
    mrp: "configuration_options.is_default",
    rule: "at most one option of a component, unless it takes several",
  },
  {
    field: "Feature (shown or not)",
    plm: option("active"),
    mrp: "configuration_options.is_active",
    rule: "inactive ones are not shown; missing means active",
  },
  {
    field: "BomLine.quantity",
    plm: option("{quantity,unit}"),
    mrp: "configuration_options.{quantity,unit}",
    rule: "exact, for one of its parent; one piece where nobody says otherwise; 0 is listed and not fitted",
  },
  {
    field:
      "BomLine.{partRevision,effectiveFrom,effectiveTo,alternates,referenceDesignators,names,price,children}",
    plm: option("{revision,effectiveFrom,effectiveTo,alternates,designators,names,price,parts}"),
    mrp: "configuration_options.details",
    rule: same,
  },
  {
    field: "Feature.requires, Feature.excludes",
    plm: configuration("rules[].{type,optionId,targetOptionId}"),
    mrp: "configuration_dependencies.{dependency_type,option_id,depends_on_option_id}",
    rule: "REQUIRES and EXCLUDES; a rule about an unknown option makes the answer unusable",
  },
  {
    field: "BomLine.position",
    plm: configuration("sections[], components[], options[]: sortOrder"),
    mrp: "configuration_sections, configuration_components, configuration_options: sort_order",
    rule: "order, counted from 1",
  },
  {
    field: "Provenance.plmCorrelationId",
    plm: "header x-correlation-id",
    mrp: null,
    rule: "the PLM's, ours when it says none",
  },
  {
    field: "Provenance.plmSchemaVersion",
    plm: "schemaVersion of every body",
    mrp: null,
    rule: same,
  },
];

/** The mapping as a page for people. */
export const fieldMappingPage = (): string =>
  [
    "# From PLM to MRP",
    "",
    "Which field of the catalogue comes from where. The same table is in `products/domain/field-mappings.ts`, and the graph",
    "serves it as `plmFieldMappings`; `vitest run test/catalog/products/field-mappings.test.ts -u` rewrites this page.",
    "",
    "| here | PLM | MRP | rule |",
    "|---|---|---|---|",
    ...FIELD_MAPPINGS.map(
      ({ field, plm, mrp, rule }) => `| ${field} | ${plm ?? "–"} | ${mrp ?? "–"} | ${rule} |`,
    ),
    "",
  ].join("\n");
