import { memo, useEffect, useRef, useState, type RefObject } from "react";
import { ProjectGaugeDocument, type ProjectsQuery } from "../../../schema/generated/documents.ts";
import { useLive } from "../graphql/live.ts";
import { Badge } from "../ui/badge.tsx";
import { limitUsd, minutes, sentence, usd } from "../ui/format.ts";
import { Anchor, projectPath } from "../ui/router.tsx";
import { Bar } from "../ui/shares.tsx";

type Project = ProjectsQuery["projects"]["edges"][number]["node"];

/** Only a project whose run is going on changes from second to second. */
const MOVING = new Set(["EXECUTING", "PAUSED", "VALIDATING"]);

export const ProjectRow = memo(
  function ProjectRow({ project }: { project: Project }) {
    const row = useRef<HTMLTableRowElement>(null);
    const isFollowed = useOnScreen(row) && MOVING.has(project.status);
    const live = useLive(ProjectGaugeDocument, { projectId: project.id }, { pause: !isFollowed });
    const runway = newerOf(project.budgetRunway, live.data?.budgetRunway);
    const { budget } = runway;
    const models = [...new Set(project.products.map(({ model }) => model.name))].join(", ");
    return (
      <tr ref={row}>
        <th scope="row">
          <Anchor to={projectPath(project.id)}>{project.name}</Anchor>
        </th>
        <td data-label="Status">
          <Badge value={project.status} />
        </td>
        <td data-label="Budget" className="budget-cell">
          <BudgetBar spentUsd={budget.usdSpent} maxUsd={budget.usdMax} tone={runway.status} />
        </td>
        <td data-label="Runway" className="number">
          <RunwayLeft {...runway} />
        </td>
        <td data-label="Works on">{models || <span className="soft">–</span>}</td>
      </tr>
    );
  },
  ({ project: a }, { project: b }) =>
    a.id === b.id && a.status === b.status && a.budgetRunway.version === b.budgetRunway.version,
);

/** What was followed until the row went out of sight may be older than what the whole list has told since. */
const newerOf = <T extends { version: string }>(told: T, followed: T | undefined): T =>
  followed !== undefined && momentOf(followed.version) > momentOf(told.version) ? followed : told;

/** A version ends with the moment that it is of, in milliseconds. */
const momentOf = (version: string): number => Number(version.split(".").at(-1));

/** How long the budget lasts; a danger is named, since a bar that is still empty has no colour. */
function RunwayLeft({ minutesToDepletion, reason, status, advice }: Project["budgetRunway"]) {
  return (
    <>
      {minutesToDepletion === null ? (
        <span className="soft">{reason ? sentence(reason) : "–"}</span>
      ) : (
        <span>{minutesToDepletion === 0 ? "Nothing left" : minutes(minutesToDepletion)}</span>
      )}{" "}
      {(status === "CRITICAL" || status === "WARNING") && <Badge value={status} />}
      {advice && <span className="why">{advice.sentence}</span>}
    </>
  );
}

function BudgetBar({ spentUsd, maxUsd, tone }: { spentUsd: number; maxUsd: number | null; tone: string }) {
  return (
    <>
      <span className="number">
        {usd(spentUsd)}{" "}
        <span className="soft">{maxUsd === null ? "without a limit" : `of ${limitUsd(maxUsd)}`}</span>
      </span>
      <Bar share={maxUsd ? spentUsd / maxUsd : 0} tone={tone} />
    </>
  );
}

/** What comes into sight soon is followed already. */
const MARGIN = "200px 0px";

const watchers = new WeakMap<Element, (isOnScreen: boolean) => void>();
const observer = new IntersectionObserver(
  (entries) => {
    for (const { target, isIntersecting } of entries) watchers.get(target)?.(isIntersecting);
  },
  { rootMargin: MARGIN },
);

/** True while the element can be seen, or nearly: what nobody sees needs no news. */
function useOnScreen(element: RefObject<Element | null>): boolean {
  const [isOnScreen, setOnScreen] = useState(false);
  useEffect(() => {
    const watched = element.current;
    if (!watched) return undefined;
    watchers.set(watched, setOnScreen);
    observer.observe(watched);
    return () => observer.unobserve(watched);
  }, [element]);
  return isOnScreen;
}
