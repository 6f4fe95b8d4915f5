import { useState } from "react";
import {
  PauseRunDocument,
  ResumeRunDocument,
  type ProjectQuery,
} from "../../../schema/generated/documents.ts";
import { useAction } from "../graphql/action.ts";
import { useMay, useSession } from "../graphql/session.tsx";
import { ActionButton } from "../ui/commands.tsx";
import { useStartTerms } from "./start-terms.ts";
import { BudgetDialog, CancelDialog, SimulateDialog, StartDialog } from "./dialogs.ts";

type Project = NonNullable<ProjectQuery["project"]>;
type DialogName = "simulate" | "budget" | "cancel" | "start";

const GOING = new Set(["SUBMITTING", "EXECUTING", "PAUSED", "VALIDATING"]);

/** What the reader may do with the project; nothing that the server would refuse anyway. */
export function ProjectActions({ project, refresh }: { project: Project; refresh: () => void }) {
  const [dialog, setDialog] = useState<DialogName>();
  const mayStart = useMay("projects.start");
  const maySimulate = useMay("projects.simulate");
  const mayManage = useMay("projects.manage");
  const run = project.runs.edges[0]?.node;
  const going = run !== undefined && GOING.has(run.status) ? run : undefined;
  const isSignedIn = useSession().person() !== undefined;
  if (!mayStart && !maySimulate)
    return (
      <p className="hint">
        {isSignedIn ? "Your role may look, not act." : "Sign in to start, simulate or pause."}
      </p>
    );
  const close = () => {
    setDialog(undefined);
    refresh();
  };
  return (
    <div className="buttons">
      {maySimulate && <ActionButton name="Simulate" run={() => setDialog("simulate")} />}
      {mayManage && <ActionButton name="Change budget" run={() => setDialog("budget")} />}
      {mayStart && going && (
        <RunButtons
          projectId={project.id}
          run={going}
          refresh={refresh}
          onCancel={() => setDialog("cancel")}
        />
      )}
      {mayStart && !going && <ActionButton name="Start" className="primary" run={() => setDialog("start")} />}
      {dialog && <OpenedDialog dialog={dialog} project={project} onClose={close} />}
    </div>
  );
}

function OpenedDialog({
  dialog,
  project,
  onClose,
}: {
  dialog: DialogName;
  project: Project;
  onClose: () => void;
}) {
  const run = project.runs.edges[0]?.node;
  if (dialog === "simulate") return <SimulateDialog projectId={project.id} onClose={onClose} />;
  if (dialog === "start") return <StartDialog project={project} onClose={onClose} />;
  if (dialog === "cancel") return run && <CancelDialog runId={run.id} onClose={onClose} />;
  return <BudgetDialog projectId={project.id} usdMax={project.budget.usdMax} onClose={onClose} />;
}

function RunButtons({
  projectId,
  run,
  refresh,
  onCancel,
}: {
  projectId: string;
  run: { id: string; status: string };
  refresh: () => void;
  onCancel: () => void;
}) {
  const success = "RunControlSuccess";
  const { act: pause } = useAction(PauseRunDocument, { success, done: "The run is paused." });
  const { act: resume } = useAction(ResumeRunDocument, { success, done: "The run goes on." });
  const isPaused = run.status === "PAUSED";
  const { obstacle } = useStartTerms(projectId, { pause: !isPaused });
  const toggle = async () => {
    await (isPaused ? resume : pause)({ runId: run.id });
    refresh();
  };
  return (
    <>
      <ActionButton
        name={isPaused ? "Resume" : "Pause"}
        run={() => void toggle()}
        isDisabled={obstacle !== undefined || (run.status !== "EXECUTING" && !isPaused)}
        hint={obstacle}
      />
      <ActionButton name="Cancel run" className="danger" run={onCancel} />
    </>
  );
}
