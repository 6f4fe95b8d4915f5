import { useState, type FormEvent } from "react";
import { useMutation } from "urql";
import { SetPlmModeDocument, type PlmMode } from "../../../schema/generated/documents.ts";
import { sentenceOf } from "../graphql/live.ts";
import { Dialog } from "../ui/dialog.tsx";
import { textOf } from "../ui/field.tsx";

const MODES: readonly (readonly [PlmMode, string])[] = [
  ["DISABLED", "Disabled: the MRP answers, the PLM is not asked"],
  ["SHADOW", "Shadow: the MRP answers, the PLM is asked and compared"],
  ["ENABLED", "Enabled: the PLM answers, the MRP stands in"],
];

interface Current {
  mode: PlmMode;
  enabledForModels: readonly string[];
  version: string;
}

/** Changes the mode that the reader has seen; somebody else's change in between is reported, not overruled. */
export function ModeDialog({ config, onClose }: { config: Current; onClose: () => void }) {
  const [{ fetching }, set] = useMutation(SetPlmModeDocument);
  const [seen] = useState(config);
  const [problem, setProblem] = useState<string>();
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const { data, error } = await set({
      input: {
        mode: textOf(form, "mode") as PlmMode,
        models: textOf(form, "models")
          .split(/[\s,]+/)
          .filter(Boolean),
        reason: textOf(form, "reason"),
        expectedVersion: seen.version,
      },
    });
    if (data?.setPlmMode.__typename === "SetPlmModeSuccess") return onClose();
    return setProblem(
      error ? sentenceOf(error) : data && "message" in data.setPlmMode ? data.setPlmMode.message : "",
    );
  };
  return (
    <Dialog title="Change the mode" onClose={onClose}>
      <form className="form" onSubmit={(event) => void submit(event)}>
        <fieldset>
          <legend>Mode</legend>
          {MODES.map(([mode, label]) => (
            <label key={mode} className="choice">
              <input type="radio" name="mode" value={mode} defaultChecked={mode === seen.mode} /> {label}
            </label>
          ))}
        </fieldset>
        <label>
          Models (codes, comma between them; empty for all)
          <input name="models" defaultValue={seen.enabledForModels.join(", ")} />
        </label>
        <label>
          Reason
          <input name="reason" required maxLength={500} />
        </label>
        {problem && (
          <p role="alert" className="form-problem">
            {problem}
          </p>
        )}
        <div className="buttons">
          <button type="submit" className="primary" disabled={fetching}>
            Change mode
          </button>
        </div>
      </form>
    </Dialog>
  );
}
