import { columnsOf, type BillField } from "./columns.ts";
import type { BillTable, Refusal } from "./table.ts";
import { childrenOf, type XmlElement } from "./xml.ts";

const FIXED = ["Reference", "Value", "Footprint", "DNP"] as const;
/** Properties of KiCad's own beside the fields that people add. */
const OWN = /^(ki_|sheet(name|file)$|dnp$|exclude_from_)/i;
const LISTED_OTHERWISE = new Set(["reference", "value", "footprint", "datasheet"]);

/**
 * The components of KiCad's netlist in XML (versions 5 to 10), which is what its BOM scripts read: the same part in
 * several places is one row. Undefined for another document.
 */
export function kicadTable(
  root: XmlElement | undefined,
  chosen: ReadonlyMap<BillField, string>,
): BillTable | undefined {
  const [components] = childrenOf(root, "components");
  if (root?.name !== "export" || !components) return undefined;
  const refused: Refusal[] = [];
  const parts = componentsOf(components, refused);
  const names = [...new Set(parts.flatMap(({ fields }) => [...fields.keys()]))];
  const groups = Map.groupBy(parts, ({ cells, fields }) =>
    JSON.stringify([cells, ...names.map((name) => fields.get(name))]),
  );
  const header = [...FIXED, ...names];
  return {
    columns: columnsOf(header, chosen),
    width: header.length,
    rows: [...groups.values()].map((group) => {
      const [first] = group;
      const references = group.map(({ reference }) => reference);
      return {
        place: references.slice(0, 3).join(", ") + (references.length > 3 ? ", …" : ""),
        cells: [
          references.join(", "),
          ...(first?.cells ?? []),
          ...names.map((name) => first?.fields.get(name) ?? ""),
        ],
      };
    }),
    refused,
  };
}

interface PlacedComponent {
  reference: string;
  /** Value, footprint, and whether it is fitted. */
  cells: readonly [value: string, footprint: string, notFitted: string];
  fields: ReadonlyMap<string, string>;
}

function componentsOf(components: XmlElement, refused: Refusal[]): PlacedComponent[] {
  const seen = new Set<string>();
  return childrenOf(components, "comp").flatMap((component, index) => {
    const reference = component.attributes["ref"] ?? "";
    const refuse = (reason: string) => {
      refused.push({ place: reference || `component ${index + 1}`, reason });
      return [];
    };
    if (reference === "") return refuse("it has no reference");
    if (seen.has(reference)) return refuse("its reference comes twice");
    seen.add(reference);
    const marks = new Set(childrenOf(component, "property").map(({ attributes }) => attributes["name"]));
    if (marks.has("exclude_from_bom")) return refuse("KiCad excludes it from the bill");
    const text = (name: string) => childrenOf(component, name)[0]?.text.trim() ?? "";
    return [
      {
        reference,
        cells: [text("value"), text("footprint"), marks.has("dnp") ? "DNP" : ""],
        fields: fieldsOf(component),
      },
    ];
  });
}

/** What people wrote into a symbol; versions 5 to 7 have it among the fields, later ones among the properties too. */
function fieldsOf(component: XmlElement): Map<string, string> {
  const given = childrenOf(component, "fields").flatMap((fields) => childrenOf(fields, "field"));
  const pairs = [
    ...childrenOf(component, "property").map(({ attributes }) => [attributes["name"], attributes["value"]]),
    ...given.map(({ attributes, text }) => [attributes["name"], text.trim()]),
  ];
  const fields = new Map<string, string>();
  for (const [name = "", value = ""] of pairs)
    if (!OWN.test(name) && !LISTED_OTHERWISE.has(name.toLowerCase()) && value !== "") fields.set(name, value);
  return fields;
}
