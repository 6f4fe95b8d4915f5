import { ProjectDocument, type ProjectQuery } from "../../../schema/generated/documents.ts";
import { usePolled } from "../graphql/live.ts";
import { AlertsPanel } from "../project/alerts-panel.tsx";
import { BurnPanel } from "../project/burn-panel.tsx";
import { DriftPanel } from "../project/drift-panel.tsx";
import { HeatmapPanel } from "../project/heatmap-panel.tsx";
import { KpiPanel } from "../project/kpi-panel.tsx";
import { MetricsPanel } from "../project/metrics-panel.tsx";
import { OverridesPanel } from "../project/overrides-panel.tsx";
import { ProductsPanel } from "../project/products-panel.tsx";
import { ProjectActions } from "../project/project-actions.tsx";
import { ReceiptsPanel } from "../project/receipts-panel.tsx";
import { RunPanel } from "../project/run-panel.tsx";
import { RunwayPanel } from "../project/runway-panel.tsx";
import { WorkOrdersPanel } from "../project/work-orders-panel.tsx";
import { RangeControl } from "../time/range-control.tsx";
import { useTimeRange } from "../time/time-range.ts";
import { Badge } from "../ui/badge.tsx";
import { useEffect, useState } from "react";
import { flushSync } from "react-dom";
import { dayAndTime, zoneName } from "../ui/format.ts";
import { useZone } from "../ui/moment.tsx";
import { PageTitle } from "../ui/page-title.tsx";
import { Anchor } from "../ui/router.tsx";
import { Columns } from "../ui/panel.tsx";

const PRESETS = ["run", "15m", "1h", "6h"] as const;

type Project = NonNullable<ProjectQuery["project"]>;

export function ProjectPage({ id }: { id: string }) {
  const live = usePolled(ProjectDocument, { id }, { everyMs: 5_000 });
  const time = useTimeRange(PRESETS);
  const project = live.data?.project;
  return (
    <>
      <Heading project={project ?? undefined} refresh={live.retry} />
      {live.data && !project ? (
        <p className="empty">There is no project {id}, or it is not yours to see.</p>
      ) : (
        <>
          <PrintNote />
          <RangeControl {...time} />
          <Columns>
            <>
              <RunwayPanel projectId={id} />
              <AlertsPanel projectId={id} />
              <KpiPanel live={live} />
              <RunPanel live={live} />
              <MetricsPanel projectId={id} />
              <ProductsPanel live={live} />
              <OverridesPanel projectId={id} />
            </>
            <>
              <BurnPanel projectId={id} time={time} />
              <ReceiptsPanel live={live} />
              <HeatmapPanel projectId={id} />
              <DriftPanel projectId={id} time={time} />
              <WorkOrdersPanel live={live} />
            </>
          </Columns>
        </>
      )}
    </>
  );
}

function Heading({ project, refresh }: { project: Project | undefined; refresh: () => void }) {
  return (
    <div className="heading">
      <div>
        <p className="crumbs">
          <Anchor to="/">Projects</Anchor> /
        </p>
        <PageTitle>{project?.name ?? "Project"}</PageTitle>
        {project && <Badge value={project.status} />}
      </div>
      {project && <ProjectActions project={project} refresh={refresh} />}
    </div>
  );
}

/** On paper alone: of when the figures are, and where the page is that goes on. */
function PrintNote() {
  useZone();
  const [at, setAt] = useState(() => new Date());
  useEffect(() => {
    const printing = () => flushSync(() => setAt(new Date()));
    addEventListener("beforeprint", printing);
    return () => removeEventListener("beforeprint", printing);
  }, []);
  return (
    <p className="print-only">
      As of {dayAndTime(at)} {zoneName(at)}, from {location.href}
    </p>
  );
}
