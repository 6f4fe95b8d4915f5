import type { ReactNode } from "react";

/** A named input of a form. */
export const Field = ({ label, children }: { label: string; children: ReactNode }) => (
  <label>
    {label}
    {children}
  </label>
);

/** Free text that is kept with what was done. */
export const TextField = ({
  label,
  name,
  required = false,
  value = "",
}: {
  label: string;
  name: string;
  required?: boolean;
  value?: string | undefined;
}) => (
  <Field label={label}>
    <input name={name} required={required} maxLength={500} defaultValue={value} />
  </Field>
);

/** Why something is done; kept in the history. */
export const ReasonField = ({ required = true }: { required?: boolean }) => (
  <TextField label="Reason" name="reason" required={required} />
);

/** Exactly one of a few values, each with what it means. */
export function Choice<T extends string>({
  legend,
  name,
  choices,
  value,
}: {
  legend: string;
  name: string;
  choices: readonly (readonly [value: T, meaning: string])[];
  value: T | null;
}) {
  return (
    <fieldset>
      <legend>{legend}</legend>
      {choices.map(([each, meaning]) => (
        <label key={each} className="choice">
          <input type="radio" name={name} value={each} defaultChecked={each === value} /> {meaning}
        </label>
      ))}
    </fieldset>
  );
}

/** What was typed into a field; empty when the form has no such field. */
export function textOf(form: FormData, name: string): string {
  const value = form.get(name);
  return typeof value === "string" ? value : "";
}
