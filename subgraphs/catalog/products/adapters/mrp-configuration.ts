import type { Kysely } from "kysely";
import type { CatalogDatabase } from "../../../../db/tables/catalog.ts";
import {
  addressOf,
  NO_DETAILS,
  type ConfigurationSection,
  type ModelConfiguration,
  type OptionRule,
  type PartDetails,
} from "../domain/configuration.ts";
import { decimalOf } from "../domain/quantity.ts";

/**
 * What the MRP's tables say a model can be built with: active options only, in their order; undefined for a model that
 * they do not have.
 */
export async function readMrpConfiguration(
  db: Kysely<CatalogDatabase>,
  modelCode: string,
): Promise<ModelConfiguration | undefined> {
  const [rows, dependencies] = await Promise.all([
    readOptions(db, modelCode),
    readDependencies(db, modelCode),
  ]);
  if (rows.length === 0 && !(await hasModel(db, modelCode))) return undefined;
  const addresses = new Map(rows.map((row) => [row.option_id, addressOfRow(row)]));
  const sections = [...Map.groupBy(rows, ({ section_id }) => section_id).values()].map(toSection);
  const rules = dependencies.flatMap(({ option_id, depends_on_option_id, dependency_type }): OptionRule[] => {
    const [option, target] = [addresses.get(option_id), addresses.get(depends_on_option_id)];
    if (option === undefined || target === undefined) return [];
    return [{ kind: dependency_type === "requires" ? "REQUIRES" : "EXCLUDES", option, targets: [target] }];
  });
  return { sections, rules };
}

async function hasModel(db: Kysely<CatalogDatabase>, modelCode: string): Promise<boolean> {
  const model = db.selectFrom("catalog.product_models").select("id").where("code", "=", modelCode);
  return (await model.executeTakeFirst()) !== undefined;
}

const ofModel = (db: Kysely<CatalogDatabase>, modelCode: string) =>
  db
    .selectFrom("catalog.configuration_options as option")
    .innerJoin("catalog.configuration_components as component", "component.id", "option.component_id")
    .innerJoin("catalog.configuration_sections as section", "section.id", "component.section_id")
    .innerJoin("catalog.product_models as model", "model.id", "section.model_id")
    .leftJoin("catalog.product_trims as trim", "trim.id", "section.trim_id")
    .where("model.code", "=", modelCode);

const readOptions = (db: Kysely<CatalogDatabase>, modelCode: string) =>
  ofModel(db, modelCode)
    .where("option.is_active", "=", true)
    .select([
      "section.id as section_id",
      "section.code as section_code",
      "section.name as section_name",
      "section.is_required as section_required",
      "trim.code as trim_code",
      "component.code as component_code",
      "component.name as component_name",
      "component.is_required as component_required",
      "component.allow_multiple",
      "option.id as option_id",
      "option.code",
      "option.name",
      "option.part_number",
      "option.is_default",
      "option.is_required as option_required",
      "option.quantity",
      "option.unit",
      "option.details",
    ])
    .orderBy("section.sort_order")
    .orderBy("section.code")
    .orderBy("component.sort_order")
    .orderBy("component.code")
    .orderBy("option.sort_order")
    .orderBy("option.code")
    .execute();

const readDependencies = (db: Kysely<CatalogDatabase>, modelCode: string) =>
  ofModel(db, modelCode)
    .innerJoin("catalog.configuration_dependencies as dependency", "dependency.option_id", "option.id")
    .select(["dependency.option_id", "dependency.depends_on_option_id", "dependency.dependency_type"])
    .orderBy("dependency.option_id")
    .orderBy("dependency.depends_on_option_id")
    .execute();

type Row = Awaited<ReturnType<typeof readOptions>>[number];

const addressOfRow = (row: Row): string =>
  addressOf(
    { code: row.section_code, trimCode: row.trim_code },
    { code: row.component_code },
    { code: row.code },
  );

function toSection(rows: readonly Row[]): ConfigurationSection {
  const [first] = rows;
  const components = [...Map.groupBy(rows, ({ component_code }) => component_code).entries()];
  return {
    code: first?.section_code ?? "",
    name: first?.section_name ?? "",
    trimCode: first?.trim_code ?? null,
    isRequired: first?.section_required ?? true,
    components: components.map(([code, options]) => ({
      code,
      name: options[0]?.component_name ?? "",
      isRequired: options[0]?.component_required ?? true,
      allowsMultiple: options[0]?.allow_multiple ?? false,
      options: options.map((option) => ({
        id: option.option_id,
        plmId: null,
        code: option.code,
        name: option.name,
        partNumber: option.part_number,
        quantity: { value: decimalOf(option.quantity) ?? "1", unit: option.unit },
        // Written by the import alone, which writes all fields.
        details: option.details === null ? NO_DETAILS : (option.details as PartDetails),
        isDefault: option.is_default,
        isRequired: option.option_required,
      })),
    })),
  };
}
