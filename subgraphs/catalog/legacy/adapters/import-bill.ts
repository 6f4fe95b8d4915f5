import { isDeepStrictEqual } from "node:util";
import { sql, type Insertable, type Kysely, type Transaction } from "kysely";
import type { CatalogDatabase } from "../../../../db/tables/catalog.ts";
import { CodedError } from "../../../../lib/errors.ts";
import { readMrpConfiguration } from "../../products/adapters/mrp-configuration.ts";
import { addressOf, type Part } from "../../products/domain/configuration.ts";
import { idOfCode, idOfOption, unusedId } from "../../products/domain/product-ids.ts";
import { refuseWhilePlmIsInCharge } from "./product-guard.ts";

/** Where a bill goes. */
export interface ImportTarget {
  /** A model that is not there is made. */
  modelCode: string;
  /** Of a new model; default its code. */
  modelName: string | undefined;
  sectionCode: string;
  /** Whether a section that is there is replaced. */
  replace: boolean;
}

/** The one component of an imported section: all of its parts are built. */
const COMPONENT = { code: "PARTS", name: "PARTS" };
/** Rows of one statement: PostgreSQL takes 65,535 parameters at most. */
const ROWS_AT_ONCE = 5_000;

/**
 * Writes a bill into the MRP's product tables: its first level as parts that are always built, with what they are made
 * of. All of it or nothing, and only when the tables then say what the bill says.
 *
 * @param isTrial does everything, and takes it back
 * @throws CodedError CONFLICT for a section that is there already, and while the PLM is in charge of the products
 */
export async function writeBill(
  db: Kysely<CatalogDatabase>,
  { parts, target, isTrial }: { parts: readonly Part[]; target: ImportTarget; isTrial: boolean },
): Promise<void> {
  const transaction = await db.startTransaction().execute();
  try {
    await refuseWhilePlmIsInCharge(transaction);
    await write(transaction, target, parts);
    if (isTrial) await transaction.rollback().execute();
    else await transaction.commit().execute();
  } catch (error) {
    if (!transaction.isRolledBack) await transaction.rollback().execute();
    throw error;
  }
}

async function write(
  tx: Transaction<CatalogDatabase>,
  target: ImportTarget,
  parts: readonly Part[],
): Promise<void> {
  const { sectionCode, modelCode } = target;
  const modelId = await modelOf(tx, target);
  const section = await sectionOf(tx, target, modelId);
  const place = { code: sectionCode, trimCode: null };
  const wanted = optionsOf(parts).map((part) => ({
    ...part,
    address: addressOf(place, COMPONENT, part),
  }));
  const known = await tx
    .selectFrom("catalog.configuration_options")
    .select(["id", "code"])
    .where("component_id", "=", section.componentId)
    .execute();
  const idByCode = new Map(known.map(({ id, code }) => [code, id]));
  await tx
    .deleteFrom("catalog.configuration_options")
    .where("component_id", "=", section.componentId)
    .execute();
  const rows = wanted.map(({ address, code, name, partNumber, quantity, details }, index) => ({
    id: idByCode.get(code) ?? idOfOption(modelId, address),
    component_id: section.componentId,
    code,
    name,
    part_number: partNumber,
    is_default: true,
    is_required: true,
    sort_order: index,
    quantity: quantity.value,
    unit: quantity.unit,
    details: JSON.stringify(details),
  }));
  await insertOptions(tx, rows);
  const written = await readMrpConfiguration(tx, modelCode);
  const there = written?.sections
    .find(({ code, trimCode }) => code === sectionCode && trimCode === null)
    ?.components.find(({ code }) => code === COMPONENT.code);
  if (!isDeepStrictEqual(there?.options.map(asPart) ?? [], optionsOf(parts)))
    throw new Error(`The product tables do not hold the bill of ${modelCode} as it was written`);
}

async function insertOptions(
  tx: Transaction<CatalogDatabase>,
  rows: readonly Insertable<CatalogDatabase["catalog.configuration_options"]>[],
): Promise<void> {
  for (let from = 0; from < rows.length; from += ROWS_AT_ONCE)
    await tx
      .insertInto("catalog.configuration_options")
      .values(rows.slice(from, from + ROWS_AT_ONCE))
      .execute();
}

async function modelOf(
  tx: Transaction<CatalogDatabase>,
  { modelCode, modelName = modelCode }: ImportTarget,
): Promise<string> {
  await sql`select pg_advisory_xact_lock(hashtext(${`import:${modelCode}`}))`.execute(tx);
  const model = await tx
    .selectFrom("catalog.product_models")
    .select("id")
    .where("code", "=", modelCode)
    .executeTakeFirst();
  if (model) return model.id;
  const others = await tx.selectFrom("catalog.product_models").select("id").execute();
  const id = unusedId(idOfCode(modelCode), new Set(others.map((other) => other.id)));
  await tx.insertInto("catalog.product_models").values({ id, code: modelCode, name: modelName }).execute();
  return id;
}

async function sectionOf(
  tx: Transaction<CatalogDatabase>,
  { modelCode, sectionCode, replace }: ImportTarget,
  modelId: string,
): Promise<{ componentId: string }> {
  const section = await tx
    .selectFrom("catalog.configuration_sections")
    .select("id")
    .where("model_id", "=", modelId)
    .where("trim_id", "is", null)
    .where("code", "=", sectionCode)
    .executeTakeFirst();
  if (section && !replace)
    throw new CodedError(
      "CONFLICT",
      `${modelCode} has a section ${sectionCode} already: --replace writes over it, --section names another one`,
    );
  const sectionId = section?.id ?? idOfOption(modelId, `section ${sectionCode}`);
  if (!section)
    await tx
      .insertInto("catalog.configuration_sections")
      .values({ id: sectionId, model_id: modelId, trim_id: null, code: sectionCode, name: sectionCode })
      .execute();
  const others = tx
    .selectFrom("catalog.configuration_components")
    .select(["id", "code"])
    .where("section_id", "=", sectionId);
  const components = await others.execute();
  const foreign = components.find(({ code }) => code !== COMPONENT.code);
  // What people choose from is not what a bill has.
  if (foreign)
    throw new CodedError(
      "CONFLICT",
      `The section ${sectionCode} of ${modelCode} has the component ${foreign.code}, which no import made`,
    );
  const componentId = components[0]?.id ?? `${sectionId}/${COMPONENT.code}`;
  if (!components[0])
    await tx
      .insertInto("catalog.configuration_components")
      .values({ id: componentId, section_id: sectionId, ...COMPONENT, allow_multiple: true })
      .execute();
  return { componentId };
}

/** Codes of options are one to one: the second one of a code has its number behind it. */
function optionsOf(parts: readonly Part[]): Part[] {
  const taken = new Set<string>();
  return parts.map((part) => {
    let { code } = part;
    for (let count = 2; taken.has(code); count += 1) code = `${part.code}#${count}`;
    taken.add(code);
    return { ...asPart(part), code };
  });
}

const asPart = ({ code, name, partNumber, quantity, details }: Part): Part => ({
  code,
  name,
  partNumber,
  quantity,
  details,
});
