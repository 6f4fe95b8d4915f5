import { isStorable } from "../../../lib/storable.ts";
import { readFile } from "node:fs/promises";
import type { Kysely } from "kysely";
import type { CatalogDatabase } from "../../../db/tables/catalog.ts";
import { badInput, CodedError } from "../../../lib/errors.ts";
import { readCommandLine } from "../../../lib/command-line.ts";
import { isUnit } from "../products/domain/quantity.ts";
import { writeBill, type ImportTarget } from "./adapters/import-bill.ts";
import { readBill, type Bill, type BillSettings } from "./domain/import/bill.ts";
import { BILL_FIELDS, type BillField } from "./domain/import/columns.ts";

/** How the import is written on the command line. */
const IMPORT_USAGE = `npm run products -- import FILE --model CODE [--name NAME] [--section CODE] [--write] [--partial] [--replace]
  [--column FIELD=HEADER]… [--unit TEXT=CODE]… [--currency CODE] [--decimal-comma] [--encoding NAME]

FILE is a bill of materials as CSV, as KiCad's BOM export, or as KiCad's netlist in XML. Without --write nothing stays.
FIELD is one of ${BILL_FIELDS.join(", ")}.`;

const FLAGS = {
  model: { type: "string" },
  name: { type: "string" },
  section: { type: "string", default: "BOM" },
  write: { type: "boolean", default: false },
  partial: { type: "boolean", default: false },
  replace: { type: "boolean", default: false },
  column: { type: "string", multiple: true },
  unit: { type: "string", multiple: true },
  currency: { type: "string" },
  "decimal-comma": { type: "boolean", default: false },
  encoding: { type: "string", default: "utf-8" },
} as const;

/** Longest file that is read. */
const FILE_MAX_BYTES = 64 * 1_048_576;
const CODE_MAX = 200;

export interface ImportRequest {
  file: string;
  target: ImportTarget;
  settings: BillSettings;
  encoding: string;
  /** Writes, and not only as a trial. */
  isWritten: boolean;
  /** Takes a bill of which some rows are not taken. */
  isPartial: boolean;
}

/**
 * What the command line asks for.
 *
 * @throws Error or CodedError BAD_USER_INPUT that says what is wrong
 */
export function readImportRequest(): ImportRequest {
  const { values, positionals } = readCommandLine(IMPORT_USAGE, { options: FLAGS, allowPositionals: true });
  const [, file, ...more] = positionals;
  if (file === undefined || more.length > 0)
    throw badInput("FILE", positionals.slice(1).join(" "), `one file\n\n${IMPORT_USAGE}`);
  const { model = "", name, section, currency } = values;
  return {
    file,
    target: {
      modelCode: codeFlag("model", model),
      modelName: name,
      sectionCode: codeFlag("section", section),
      replace: values.replace,
    },
    settings: {
      columns: new Map((values.column ?? []).map(columnFlag)),
      units: new Map((values.unit ?? []).map(unitFlag)),
      currency: currency === undefined ? undefined : currencyFlag(currency),
      hasDecimalComma: values["decimal-comma"],
    },
    encoding: values.encoding,
    isWritten: values.write,
    isPartial: values.partial,
  };
}

/**
 * Reads a bill, tells of every row that is not taken, and writes the rest into the MRP's product tables, if it is asked
 * to; without that, everything is tried and taken back.
 *
 * @throws CodedError BAD_USER_INPUT for a file that is no bill; CONFLICT when the tables cannot take it
 */
export async function importBill(
  db: Kysely<CatalogDatabase>,
  request: ImportRequest,
  print: (line: string) => void,
): Promise<void> {
  const bill = readBill(await textOf(request), request.settings);
  if (typeof bill === "string") throw new CodedError("BAD_USER_INPUT", `${request.file}: ${bill}`);
  for (const line of reportOf(bill)) print(line);
  if (bill.lines === 0) throw new CodedError("BAD_USER_INPUT", `${request.file}: no row of it can be taken`);
  const { target, isWritten, isPartial } = request;
  if (isWritten && bill.refused.length > 0 && !isPartial)
    throw new CodedError(
      "BAD_USER_INPUT",
      "Nothing was written: --partial takes the bill without the rows that are not taken",
    );
  await writeBill(db, { parts: bill.parts, target, isTrial: !isWritten });
  print(
    isWritten
      ? `written    ${target.modelCode}, section ${target.sectionCode}`
      : "nothing was written: this was a trial, --write writes",
  );
}

function* reportOf({ refused, unread, lines, levels }: Bill): Generator<string> {
  for (const { place, reason } of refused) yield `not taken  ${place}: ${reason}`;
  for (const header of unread) yield `not read   the column ${JSON.stringify(header)}`;
  yield `taken      ${lines} lines on ${levels} levels; ${refused.length} not taken`;
}

async function textOf({ file, encoding }: ImportRequest): Promise<string> {
  const bytes = await readFile(file).catch((error: unknown) => {
    throw new CodedError("BAD_USER_INPUT", `${file} cannot be read`, { cause: error });
  });
  if (bytes.length > FILE_MAX_BYTES)
    throw new CodedError(
      "BAD_USER_INPUT",
      `${file} has ${bytes.length} bytes; ${FILE_MAX_BYTES} are allowed`,
    );
  const isUtf16 = bytes[0] === 0xff && bytes[1] === 0xfe;
  try {
    return new TextDecoder(isUtf16 ? "utf-16le" : encoding, { fatal: true }).decode(bytes);
  } catch (error) {
    const message = `${file} is not text in ${encoding}; --encoding names another one, like windows-1252`;
    throw new CodedError("BAD_USER_INPUT", message, { cause: error });
  }
}

function codeFlag(name: string, value: string): string {
  if (value.trim() === "" || value.length > CODE_MAX || !isStorable(value))
    throw badInput(`--${name}`, value, `a code of 1 to ${CODE_MAX} characters`);
  return value;
}

function currencyFlag(value: string): string {
  if (!/^[A-Z]{3}$/.test(value)) throw badInput("--currency", value, "an ISO 4217 code like EUR");
  return value;
}

function columnFlag(value: string): [BillField, string] {
  const [name = "", ...header] = value.split("=");
  const field = BILL_FIELDS.find((known) => known === name);
  if (!field || header.length === 0)
    throw badInput("--column", value, `FIELD=HEADER with one of ${BILL_FIELDS.join(", ")}`);
  return [field, header.join("=")];
}

function unitFlag(value: string): [string, string] {
  const at = value.lastIndexOf("=");
  const [spelling, code] = [value.slice(0, at), value.slice(at + 1)];
  if (at < 1 || !isUnit(code))
    throw badInput("--unit", value, "TEXT=CODE with a code of UNECE Recommendation 20, like roll=RO");
  return [spelling.trim().toLowerCase(), code];
}
