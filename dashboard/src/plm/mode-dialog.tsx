import { useState } from "react";
import {
  RollbackPlmDocument,
  SetPlmModeDocument,
  type PlmMode,
} from "../../../schema/generated/documents.ts";
import { useAction } from "../graphql/action.ts";
import { Choice, Field, ReasonField, textOf } from "../ui/field.tsx";
import { FormDialog } from "../ui/form-dialog.tsx";

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
  const { act } = useAction(SetPlmModeDocument, {
    success: "SetPlmModeSuccess",
    done: "The mode is changed.",
  });
  const [seen] = useState(config);
  const send = (form: FormData) =>
    act({
      input: {
        mode: textOf(form, "mode") as PlmMode,
        models: textOf(form, "models")
          .split(/[\s,]+/)
          .filter(Boolean),
        reason: textOf(form, "reason"),
        expectedVersion: seen.version,
      },
    });
  return (
    <FormDialog title="Change the mode" action="Change mode" send={send} onClose={onClose}>
      <Choice legend="Mode" name="mode" choices={MODES} value={seen.mode} />
      <Field label="Models (codes, comma between them; empty for all)">
        <input name="models" defaultValue={seen.enabledForModels.join(", ")} />
      </Field>
      <ReasonField />
    </FormDialog>
  );
}

export function RollbackDialog({ mode, onClose }: { mode: PlmMode; onClose: () => void }) {
  const { act } = useAction(RollbackPlmDocument, {
    success: "SetPlmModeSuccess",
    done: "The PLM is rolled back one step.",
  });
  const send = (form: FormData) => act({ reason: textOf(form, "reason") });
  return (
    <FormDialog title="Roll back" action="Roll back" isDanger send={send} onClose={onClose}>
      <p>
        One step away from the PLM, for all models:{" "}
        <strong>{mode === "ENABLED" ? "enabled → shadow" : "shadow → disabled"}</strong>. It holds at once, on
        every replica.
      </p>
      <ReasonField />
    </FormDialog>
  );
}
