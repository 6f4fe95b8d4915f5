import { useEffect, useState } from "react";
import { useSession, type Person } from "./graphql/session.tsx";
import { Field, textOf } from "./ui/field.tsx";
import { FormDialog } from "./ui/form-dialog.tsx";
import { dayAndTime } from "./ui/format.ts";

const SOON_MS = 5 * 60_000;

/** Who is looking, and the way to become somebody else. A new token takes over without a reload. */
export function SessionMenu() {
  const session = useSession();
  const [isOpen, setOpen] = useState(false);
  const person = session.person();
  const expiresSoon = useExpiry(person);
  return (
    <>
      {session.refusal() && !person && (
        <span className="badge warn" role="alert">
          {session.refusal()}
        </span>
      )}
      <button type="button" onClick={() => setOpen(true)}>
        {person && <span className="person-name">{person.name} · </span>}
        {person ? person.role : "Sign in"}
        {expiresSoon && <span className="badge warn">token ends soon</span>}
      </button>
      {isOpen && <TokenDialog person={person} onClose={() => setOpen(false)} />}
    </>
  );
}

function TokenDialog({ person, onClose }: { person: Person | undefined; onClose: () => void }) {
  const session = useSession();
  const signOut = (
    <button
      type="button"
      onClick={() => {
        session.signOut();
        onClose();
      }}
    >
      Sign out
    </button>
  );
  return (
    <FormDialog
      title={person ? "Signed in" : "Sign in"}
      action={person ? "Renew" : "Sign in"}
      send={(form) => session.signIn(textOf(form, "token"))}
      onClose={onClose}
      beside={person && signOut}
    >
      {person && (
        <p>
          {person.name} as {person.role}, until {dayAndTime(person.expiresAt)}. Paste a new token to renew.
        </p>
      )}
      <Field label="Token">
        <textarea
          name="token"
          rows={5}
          required
          spellCheck={false}
          autoComplete="off"
          aria-describedby="token-hint"
        />
      </Field>
      <p id="token-hint" className="hint">
        <code>npm run --silent token -- --role admin</code> prints one. It stays in this tab and is forgotten
        with it.
      </p>
    </FormDialog>
  );
}

/** True in the last minutes of a token; an expired one is dropped. */
function useExpiry(person: Person | undefined): boolean {
  const session = useSession();
  const [isSoon, setSoon] = useState(false);
  useEffect(() => {
    const look = () => {
      const left = person ? person.expiresAt.getTime() - Date.now() : Number.POSITIVE_INFINITY;
      setSoon(left < SOON_MS);
      if (left <= 0) session.signOut("Your token has expired.");
    };
    look();
    const timer = setInterval(look, 10_000);
    return () => clearInterval(timer);
  }, [person, session]);
  return isSoon;
}
