import type { Part } from "../../../products/domain/configuration.ts";
import type { BillField } from "./columns.ts";
import { readCsv } from "./csv.ts";
import { kicadTable } from "./kicad.ts";
import { readLine, type BillRules } from "./line.ts";
import { tableOf, type BillTable, type Refusal } from "./table.ts";
import { LEVELS_MAX, LINES_MAX, treeOf, type Node } from "./tree.ts";
import { readXml } from "./xml.ts";

/** What an operator says of a file. */
export interface BillSettings extends BillRules {
  /** Headers by the field that they are to be read as. */
  columns: ReadonlyMap<BillField, string>;
}

/** What a file says that a product is made of: every row is in `parts`, or in `refused`. */
export interface Bill {
  /** Of the first level, with what they are made of. */
  parts: readonly Part[];
  /** Lines that were taken, over all levels. */
  lines: number;
  levels: number;
  refused: readonly Refusal[];
  /** Headers that are not read. */
  unread: readonly string[];
}

/**
 * Reads a bill of materials: comma-separated values as ERP systems, CAD programs and KiCad write them, or KiCad's
 * netlist in XML.
 *
 * @returns why the file cannot be read at all, or the bill
 */
export function readBill(text: string, settings: BillSettings): Bill | string {
  const table = readTable(text, settings);
  return typeof table === "string" ? table : takeAll(table, settings);
}

function readTable(text: string, { columns }: BillSettings): BillTable | string {
  const given = text.replace(/^\uFEFF/, "");
  if (given.trimStart().startsWith("<"))
    return kicadTable(readXml(given), columns) ?? "it is XML, and not KiCad's netlist (version 5 or later)";
  const rows = readCsv(given);
  if ("openedInLine" in rows) return `the quote that opens in line ${rows.openedInLine} is never closed`;
  return (
    tableOf(rows, columns) ??
    "none of its first rows is a header with a part number, a name or a value, and a quantity or references; " +
      "--column FIELD=HEADER names a column that is called otherwise"
  );
}

function takeAll(table: BillTable, rules: BillRules): Bill {
  const refused = [...table.refused];
  const bill = { lines: 0, levels: 0 };
  const refuse = (node: Node, reason: string): void => {
    refused.push({ place: node.place, reason });
    const waiting = [node];
    for (let parent = waiting.pop(); parent; parent = waiting.pop()) {
      for (const child of parent.children) {
        const why = child.refusal ?? `it is a part of ${parent.place}, which was not taken`;
        refused.push({ place: child.place, reason: why });
      }
      for (const child of parent.children.toReversed()) waiting.push(child);
    }
  };
  const readNode = ({ refusal, cells }: Node, level: number) => {
    if (refusal !== undefined) return refusal;
    if (level > LEVELS_MAX) return `it is below level ${LEVELS_MAX}`;
    return bill.lines >= LINES_MAX ? `it comes after ${LINES_MAX} lines` : readLine(cells, rules);
  };
  const partsOf = (nodes: readonly Node[], level: number): Part[] =>
    nodes.flatMap((node) => {
      const line = readNode(node, level);
      if (typeof line === "string") {
        refuse(node, line);
        return [];
      }
      bill.lines += 1;
      bill.levels = Math.max(bill.levels, level);
      return [{ ...line, details: { ...line.details, parts: partsOf(node.children, level + 1) } }];
    });
  const parts = partsOf(treeOf(table), 1);
  const places = new Map(refused.map((refusal) => [`${refusal.place} ${refusal.reason}`, refusal]));
  return { parts, ...bill, refused: [...places.values()], unread: table.columns.unread };
}
