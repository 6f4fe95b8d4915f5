import { sql, type Kysely, type Selectable, type Transaction } from "kysely";
import type { CatalogDatabase } from "../../../../db/tables/catalog.ts";
import { CodedError, notFound } from "../../../../lib/errors.ts";
import { isRowId } from "../../../kit/row-id.ts";
import { recordAudit } from "../../audit/adapters/audit-log.ts";
import { readMrpConfiguration } from "../../products/adapters/mrp-configuration.ts";
import { comparedFields, eachLine } from "../../products/domain/bom.ts";
import {
  NO_DETAILS,
  pathOfSection,
  placedOptions,
  type ModelConfiguration,
  type PartDetails,
} from "../../products/domain/configuration.ts";
import { escaped } from "../../products/domain/product-ids.ts";
import { refuseWhilePlmIsInCharge } from "./product-guard.ts";

type Tx = Transaction<CatalogDatabase>;
type Row = Selectable<CatalogDatabase["catalog.shadow_diffs"]>;

/** Who repairs, and when. */
interface RepairOrder {
  ids: readonly string[];
  by: string;
  at: Date;
  /** Does everything, and takes it back. */
  isTrial: boolean;
}

/** A field of the MRP as it was and as it is now. */
interface Repaired {
  path: string;
  before: string | null;
  after: string | null;
}

const TENANT = "default";
const ACTION = "repairShadowDiff";

/**
 * Makes the MRP's product tables say what the PLM said in differences that were shown; all of them or none, each in the
 * audit log, and only when the tables then say so.
 *
 * @throws CodedError NOT_FOUND for an unknown difference; CONFLICT for one that cannot be written, that is not what the
 *   tables say any more, and while the PLM is in charge of the products
 */
export async function repairDifferences(
  db: Kysely<CatalogDatabase>,
  { ids, by, at, isTrial }: RepairOrder,
): Promise<Repaired[]> {
  const transaction = await db.startTransaction().execute();
  try {
    await refuseWhilePlmIsInCharge(transaction);
    const diffs: Row[] = [];
    for (const id of ids) diffs.push(await differenceOf(transaction, id));
    for (const diff of diffs) await repair(transaction, diff);
    for (const diff of diffs) await checkRepaired(transaction, diff);
    for (const diff of diffs) await leaveTrace(transaction, diff, { by, at });
    if (isTrial) await transaction.rollback().execute();
    else await transaction.commit().execute();
    return diffs.map(({ path, mrp_value, plm_value }) => ({ path, before: mrp_value, after: plm_value }));
  } catch (error) {
    if (!transaction.isRolledBack) await transaction.rollback().execute();
    throw error;
  }
}

async function differenceOf(tx: Tx, id: string): Promise<Row> {
  const found = isRowId(id)
    ? await tx.selectFrom("catalog.shadow_diffs").selectAll().where("id", "=", id).executeTakeFirst()
    : undefined;
  if (!found) throw notFound("Shadow diff", id);
  await sql`select pg_advisory_xact_lock(hashtext(${`import:${found.model_code}`}))`.execute(tx);
  return found;
}

/** Which line of which model, and which field of it. */
interface Place {
  kind: "model" | "trim" | "line";
  path: string;
  field: string;
}

function placeOf({ model_code, path }: Row): Place {
  const within = path.slice(model_code.length + 1);
  const end = within.lastIndexOf(".");
  const [owner, field] = [within.slice(0, Math.max(end, 0)), within.slice(end + 1)];
  if (owner === "") return { kind: "model", path: "", field };
  if (owner.startsWith("trims.")) return { kind: "trim", path: owner.slice("trims.".length), field };
  if (owner.startsWith("bom.")) return { kind: "line", path: owner.slice("bom.".length), field };
  return { kind: "line", path: owner, field };
}

const impossible = ({ path }: Row, why: string) => new CodedError("CONFLICT", `${path}: ${why}`);

async function repair(tx: Tx, diff: Row): Promise<void> {
  const { kind, path, field } = placeOf(diff);
  if (kind !== "line") return repairProduct(tx, diff, { kind, path, field });
  const configuration = await readMrpConfiguration(tx, diff.model_code);
  if (!configuration) throw impossible(diff, "the MRP does not have the model");
  if (saidNow(configuration, { path, field }) !== diff.mrp_value)
    throw impossible(diff, "the MRP says something else by now; wait for the next comparison");
  const placed = placedOptions(configuration).find(({ address }) => address === path);
  if (placed) return repairOption(tx, diff, { field, optionId: placed.option.id });
  return repairAssembly(tx, diff, { path, field, configuration });
}

async function repairProduct(tx: Tx, diff: Row, { kind, path, field }: Place): Promise<void> {
  if (diff.kind !== "value" || (field !== "name" && field !== "description"))
    throw impossible(diff, "names and descriptions of models and trims can be written, not whole ones");
  const value = diff.plm_value ?? "";
  const changes = field === "name" ? { name: value } : { description: value === "" ? null : value };
  const model = tx.selectFrom("catalog.product_models").select("id").where("code", "=", diff.model_code);
  const { numUpdatedRows } =
    kind === "model"
      ? await tx
          .updateTable("catalog.product_models")
          .set(changes)
          .where("code", "=", diff.model_code)
          .executeTakeFirstOrThrow()
      : await tx
          .updateTable("catalog.product_trims")
          .set(changes)
          .where("code", "=", path)
          .where("model_id", "=", model)
          .executeTakeFirstOrThrow();
  if (numUpdatedRows !== 1n) throw impossible(diff, "the MRP does not have it");
}

async function repairOption(
  tx: Tx,
  diff: Row,
  { field, optionId }: { field: string; optionId: string },
): Promise<void> {
  const option = await tx
    .selectFrom("catalog.configuration_options")
    .select(["details", "component_id"])
    .where("id", "=", optionId)
    .executeTakeFirstOrThrow();
  const value = diff.plm_value;
  if (field === "allowsMultiple") {
    await tx
      .updateTable("catalog.configuration_components")
      .set({ allow_multiple: value === "true" })
      .where("id", "=", option.component_id)
      .execute();
    return;
  }
  const changes = columnsOf(field, value) ?? detailsOf(field, value, option.details as PartDetails | null);
  if (!changes) throw impossible(diff, "this field is not one that is written; import the bill instead");
  await tx.updateTable("catalog.configuration_options").set(changes).where("id", "=", optionId).execute();
}

/** Of a field that has a column of its own; a line that the PLM does not have is not active. */
function columnsOf(field: string, value: string | null) {
  const isTrue = value === "true";
  const byField: Readonly<Record<string, object>> = {
    name: { name: value },
    partNumber: { part_number: value === "" ? null : value },
    quantity: { quantity: value },
    unit: { unit: value },
    isDefault: { is_default: isTrue },
    isRequired: { is_required: isTrue },
  };
  if (field === "exists" && value === null) return { is_active: false };
  return value === null ? undefined : byField[field];
}

function detailsOf(field: string, value: string | null, known: PartDetails | null) {
  if (value === null) return undefined;
  const orNull = value === "" ? null : value;
  const byField: Readonly<Record<string, () => Partial<PartDetails>>> = {
    partRevision: () => ({ revision: orNull }),
    effectiveFrom: () => ({ effectiveFrom: orNull }),
    effectiveTo: () => ({ effectiveTo: orNull }),
    alternates: () => ({ alternates: JSON.parse(value) as PartDetails["alternates"] }),
    referenceDesignators: () => ({ designators: value === "" ? [] : value.split(",") }),
  };
  const change = byField[field]?.();
  return change && { details: JSON.stringify({ ...NO_DETAILS, ...known, ...change }) };
}

/** Sections and components have names, and may be required. */
async function repairAssembly(
  tx: Tx,
  diff: Row,
  { path, field, configuration }: { path: string; field: string; configuration: ModelConfiguration },
): Promise<void> {
  const value = diff.plm_value;
  const section = configuration.sections.find(
    (one) => path === pathOfSection(one) || path.startsWith(`${pathOfSection(one)}/`),
  );
  const component = section?.components.find(
    ({ code }) => path === `${pathOfSection(section)}/${escaped(code)}`,
  );
  const isSection = section !== undefined && path === pathOfSection(section);
  if (value === null || !section || (!isSection && !component))
    throw impossible(
      diff,
      "whole lines and parts of parts are not written one by one; import the bill instead",
    );
  if (field !== "name" && field !== "isRequired")
    throw impossible(diff, "only its name, and whether it is required, can be written");
  const changes = field === "name" ? { name: value } : { is_required: value === "true" };
  const sections = tx
    .selectFrom("catalog.configuration_sections as section")
    .innerJoin("catalog.product_models as model", "model.id", "section.model_id")
    .leftJoin("catalog.product_trims as trim", "trim.id", "section.trim_id")
    .where("model.code", "=", diff.model_code)
    .where("section.code", "=", section.code)
    .where("trim.code", section.trimCode === null ? "is" : "=", section.trimCode)
    .select("section.id");
  if (isSection) {
    await tx.updateTable("catalog.configuration_sections").set(changes).where("id", "in", sections).execute();
    return;
  }
  await tx
    .updateTable("catalog.configuration_components")
    .set(changes)
    .where("section_id", "in", sections)
    .where("code", "=", component?.code ?? "")
    .execute();
}

/** What a comparison would find: null for a line that is not there. */
function saidNow(
  configuration: ModelConfiguration,
  { path, field }: { path: string; field: string },
): string | null {
  if (field === "allowsMultiple") {
    const placed = placedOptions(configuration).find(({ address }) => address === path);
    return placed ? String(placed.component.allowsMultiple) : null;
  }
  for (const line of eachLine(configuration, { trimCode: null, day: null })) {
    if (line.path !== path) continue;
    if (field === "exists") return "true";
    if (field === "position") return String(line.position);
    return comparedFields(line).find(([name]) => name === field)?.[1] ?? null;
  }
  return null;
}

/** Some values follow from others: an option of a required component is required while it is the default. */
async function checkRepaired(tx: Tx, diff: Row): Promise<void> {
  const place = placeOf(diff);
  if (place.kind !== "line") return;
  const configuration = await readMrpConfiguration(tx, diff.model_code);
  if (configuration && saidNow(configuration, place) === diff.plm_value) return;
  throw impossible(diff, "it follows from other fields of the line, which have to be repaired with it");
}

async function leaveTrace(tx: Tx, diff: Row, { by, at }: { by: string; at: Date }): Promise<void> {
  await tx
    .updateTable("catalog.shadow_diffs")
    .set({ classification: "mrp_wrong", note: "repaired", acknowledged_by: by, acknowledged_at: at })
    .where("id", "=", diff.id)
    .execute();
  await recordAudit(tx, {
    tenant: TENANT,
    actor: by,
    actorRole: "admin",
    tokenId: null,
    action: ACTION,
    entityType: "ShadowDiff",
    entityId: diff.id,
    outcome: "succeeded",
    code: null,
    correlationId: diff.correlation_id ?? "",
    payload: { path: diff.path, before: diff.mrp_value, after: diff.plm_value },
    at,
  });
}
