import { RiskHeatmapDocument, type RiskHeatmapSubscription } from "../../../schema/generated/documents.ts";
import { useLive } from "../graphql/live.ts";
import { percent, sentence } from "../ui/format.ts";
import { Panel } from "../ui/panel.tsx";
import { Scroll } from "../ui/scroll.tsx";
import { TableHead } from "../ui/table-head.tsx";

type Heatmap = RiskHeatmapSubscription["riskHeatmap"];
type LaneRisk = Heatmap["lanes"][number];

/** Where the project is likely to go wrong: one line a lane, one column a phase. */
export function HeatmapPanel({ projectId }: { projectId: string }) {
  const live = useLive(RiskHeatmapDocument, { projectId });
  return (
    <Panel
      title="Risk by lane and phase"
      live={live}
      lines={8}
      empty={({ riskHeatmap }) =>
        riskHeatmap.lanes.length === 0 ? "This project has no tasks yet." : undefined
      }
    >
      {({ riskHeatmap }) => <Heatmap lanes={riskHeatmap.lanes} />}
    </Panel>
  );
}

function Heatmap({ lanes }: { lanes: LaneRisk[] }) {
  const isAnyUnsure = lanes.some(({ lowConfidence }) => lowConfidence);
  return (
    <>
      <Scroll label="Risk table">
        <table className="heatmap">
          <TableHead columns={["Lane", "Estimate", "Execution", "Validation", ["Share left", "right"]]} />
          <tbody>
            {lanes.map((risk) => (
              <LaneRow key={risk.lane.id} risk={risk} />
            ))}
          </tbody>
        </table>
      </Scroll>
      {isAnyUnsure && <p className="hint">Hatched: fewer than three runs to learn from.</p>}
    </>
  );
}

function LaneRow({ risk }: { risk: LaneRisk }) {
  const { signals, lowConfidence } = risk;
  const mae = signals.maePct === null ? "no error known" : `error ${percent(signals.maePct)}`;
  const failures =
    signals.kpiFailureRate === null ? "no KPI measured" : `${percent(signals.kpiFailureRate)} of KPIs missed`;
  return (
    <tr>
      <th scope="row">{risk.lane.name}</th>
      <Cell
        level={risk.estimationRisk}
        unsure={lowConfidence}
        why={`${mae}, interval ±${percent(signals.ciWidthPct)}`}
      />
      <Cell
        level={risk.executionRisk}
        unsure={lowConfidence}
        why={`${percent(signals.overrunShare)} of tasks overrun`}
      />
      <Cell level={risk.validationRisk} unsure={false} why={failures} />
      <td className="number right" title={`${risk.openTasks} open tasks`}>
        {percent(risk.weight)}
      </td>
    </tr>
  );
}

function Cell({ level, unsure, why }: { level: LaneRisk["estimationRisk"]; unsure: boolean; why: string }) {
  return (
    <td className="cell" data-risk={level} data-unsure={unsure && level !== "NONE"} title={why}>
      {level === "NONE" ? "–" : sentence(level)}
      <span className="visually-hidden">
        {unsure && level !== "NONE" ? ", unsure" : ""}, {why}
      </span>
    </td>
  );
}
