import { useEffect, useState } from "react";
import { onWake } from "./graphql/wake.ts";
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
      <button type="button" onClick={() => setOpen(true)}>
        {person && <span className="person-name">{person.name} · </span>}
        {person ? person.role : "Sign in"}
        {expiresSoon && <span className="badge warn">token ends soon</span>}
      </button>
      {isOpen && <TokenDialog person={person} onClose={() => setOpen(false)} />}
    </>
  );
}

/** Says that a token is not good any more, and how to go on. */
export function LapseNotice() {
  const session = useSession();
  const [isOpen, setOpen] = useState(false);
  const lapse = session.lapse();
  if (!lapse) return null;
  return (
    <div className="notice" role="alert">
      <p>{lapse.reason} You look on as a visitor, and nothing that you see is lost.</p>
      <button type="button" className="primary" onClick={() => setOpen(true)}>
        Sign in again
      </button>
      <button type="button" onClick={session.signOut}>
        Go on as a visitor
      </button>
      {isOpen && <TokenDialog person={undefined} onClose={() => setOpen(false)} />}
    </div>
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
        <code>npm run --silent token -- --role admin</code> prints one. It holds for every tab of this browser
        until it expires or you sign out.
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
      if (left <= 0) session.lapsed();
    };
    look();
    const timer = setInterval(look, 10_000);
    const endWaking = onWake(look);
    return () => {
      clearInterval(timer);
      endWaking();
    };
  }, [person, session]);
  return isSoon;
}
