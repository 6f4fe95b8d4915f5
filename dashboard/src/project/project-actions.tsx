import { useRef, useState } from "react";
import { useMutation } from "urql";
import {
  PauseRunDocument,
  ResumeRunDocument,
  StartProjectDocument,
  type ProjectQuery,
} from "../../../schema/generated/documents.ts";
import { problemOf, sentenceOf } from "../graphql/problem.ts";
import { useMay, useSession } from "../graphql/session.tsx";
import { useAnnounce } from "../ui/router.tsx";
import { BudgetDialog } from "./budget-dialog.tsx";
import { CancelDialog } from "./cancel-dialog.tsx";
import { SimulateDialog } from "./simulate-dialog.tsx";

type Project = NonNullable<ProjectQuery["project"]>;
type DialogName = "simulate" | "budget" | "cancel";

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
      {maySimulate && <Opener label="Simulate" open={() => setDialog("simulate")} />}
      {mayManage && <Opener label="Change budget" open={() => setDialog("budget")} />}
      {mayStart && going && <RunButtons run={going} refresh={refresh} onCancel={() => setDialog("cancel")} />}
      {mayStart && !going && <StartButton projectId={project.id} refresh={refresh} />}
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
  if (dialog === "cancel") return run && <CancelDialog runId={run.id} onClose={onClose} />;
  return <BudgetDialog projectId={project.id} usdMax={project.budget.usdMax} onClose={onClose} />;
}

const Opener = ({ label, open }: { label: string; open: () => void }) => (
  <button type="button" onClick={open}>
    {label}
  </button>
);

/** One key per intended start: clicking twice, or again after a cut, starts one run. */
function StartButton({ projectId, refresh }: { projectId: string; refresh: () => void }) {
  const [{ fetching }, start] = useMutation(StartProjectDocument);
  const key = useRef<string>(undefined);
  const announce = useAnnounce();
  const click = async () => {
    key.current ??= crypto.randomUUID();
    const { data, error } = await start({
      input: { projectId, runKind: "BASELINE", writeSandbox: false },
      idempotencyKey: key.current,
    });
    if (error?.networkError) return announce(`${sentenceOf(error)} Press again: it stays one run.`);
    key.current = undefined;
    announce(problemOf(error, data?.startProject, "StartProjectSuccess") ?? "The run has started.");
    return refresh();
  };
  return (
    <button type="button" className="primary" aria-disabled={fetching} onClick={() => void click()}>
      {fetching ? "Starting…" : "Start"}
    </button>
  );
}

function RunButtons({
  run,
  refresh,
  onCancel,
}: {
  run: { id: string; status: string };
  refresh: () => void;
  onCancel: () => void;
}) {
  const [, pause] = useMutation(PauseRunDocument);
  const [, resume] = useMutation(ResumeRunDocument);
  const announce = useAnnounce();
  const isPaused = run.status === "PAUSED";
  const toggle = async () => {
    const { data, error } = await (isPaused ? resume : pause)({ runId: run.id });
    const result = data && ("pauseRun" in data ? data.pauseRun : data.resumeRun);
    const done = isPaused ? "The run goes on." : "The run is paused.";
    announce(problemOf(error, result, "RunControlSuccess") ?? done);
    refresh();
  };
  return (
    <>
      <button type="button" onClick={() => void toggle()} disabled={run.status !== "EXECUTING" && !isPaused}>
        {isPaused ? "Resume" : "Pause"}
      </button>
      <button type="button" className="danger" onClick={onCancel}>
        Cancel run
      </button>
    </>
  );
}
