import type {
  DiffGrouping,
  ShadowDiffFilter,
  ShadowDiffGroupsQuery,
} from "../../../schema/generated/documents.ts";
import type { ListAddress } from "../ui/list-address.ts";

/** What of the address narrows the differences. */
export const NARROWING = ["q", "severity", "kind", "model", "place", "field", "mrp", "plm", "open"] as const;

export const GROUPINGS: readonly (readonly [DiffGrouping, string])[] = [
  ["FIELD", "By field: one wrong mapping, many lines"],
  ["PLACE", "By place: one change to a product, many lines"],
  ["VALUES", "By values: one changed value, many lines"],
];

/** The filter that the address stands for; a value that the server does not know is refused there, in words. */
export function filterOf(list: ListAddress): ShadowDiffFilter {
  const open = list.get("open");
  const asked = {
    search: list.get("q"),
    severity: list.get("severity"),
    kind: list.get("kind"),
    modelCode: list.get("model"),
    place: list.get("place"),
    field: list.get("field"),
    mrp: list.get("mrp"),
    plm: list.get("plm"),
    isOpen: open === undefined ? undefined : open === "yes",
  };
  return asked as ShadowDiffFilter;
}

export type Group = ShadowDiffGroupsQuery["shadowDiffGroups"]["edges"][number]["node"];

/** What those of a group share, as the address calls it; an empty value cannot stand there. */
export const addressOf = (group: Group): Record<string, string | undefined> => ({
  severity: group.severity ?? undefined,
  kind: group.kind ?? undefined,
  model: group.modelCode ?? undefined,
  place: group.place ?? undefined,
  field: group.field ?? undefined,
  mrp: group.mrp ?? undefined,
  plm: group.plm ?? undefined,
});
