import { ModelsDocument, type ProjectStatus } from "../../../schema/generated/documents.ts";
import { usePolled } from "../graphql/live.ts";
import { FilterBar, SearchFilter, SelectFilter, SortFilter } from "../ui/filter-bar.tsx";
import { sentence } from "../ui/format.ts";
import type { ListAddress } from "../ui/list-address.ts";

const STATUSES: readonly ProjectStatus[] = [
  "PENDING",
  "IDEATION",
  "CLARIFYING",
  "PLANNING",
  "ESTIMATING",
  "PENDING_APPROVAL",
  "APPROVED",
  "EXECUTING",
  "PAUSED",
  "VALIDATING",
  "NEEDS_REVIEW",
  "COMPLETED",
  "CANCELLED",
];

const DANGERS = [
  ["CRITICAL", "In danger"],
  ["WARNING", "Warned of"],
  ["OK", "In order"],
] as const;

/** The orders that the heads of the table do not offer on a phone, where they are not shown. */
const ORDERS = [
  ["-CREATED", "Newest first"],
  ["NAME", "By name"],
  ["-SPENT", "Most spent first"],
  ["-DANGER", "In danger first"],
] as const;

/** Which projects are shown. */
export function ProjectFilters({ list }: { list: ListAddress }) {
  const { data } = usePolled(ModelsDocument, { first: 100 }, { everyMs: 60_000 });
  const models = data?.models.edges.map(({ node }) => [node.id, node.name] as const) ?? [];
  const model = list.get("product");
  const isListed = model === undefined || models.some(([id]) => id === model);
  return (
    <FilterBar list={list} label="Filter the projects" names={["q", "status", "budget", "product"]}>
      <SearchFilter list={list} name="q" label="Find a project" />
      <SelectFilter
        list={list}
        name="status"
        label="Status"
        choices={STATUSES.map((status) => [status, sentence(status)] as const)}
      />
      <SelectFilter list={list} name="budget" label="Budget" choices={DANGERS} />
      <SelectFilter
        list={list}
        name="product"
        label="Product"
        choices={isListed ? models : [...models, [model, model] as const]}
      />
      <SortFilter list={list} usual="Oldest first" choices={ORDERS} />
    </FilterBar>
  );
}
