import { useEffect, useState, type FormEvent } from "react";
import { useSession, type Person } from "./graphql/session.tsx";
import { Dialog } from "./ui/dialog.tsx";
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
      {isOpen && (
        <Dialog title={person ? "Signed in" : "Sign in"} onClose={() => setOpen(false)}>
          <TokenForm person={person} onDone={() => setOpen(false)} />
        </Dialog>
      )}
    </>
  );
}

function TokenForm({ person, onDone }: { person: Person | undefined; onDone: () => void }) {
  const session = useSession();
  const [problem, setProblem] = useState<string>();
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const text = new FormData(event.currentTarget).get("token");
    const wrong = session.signIn(typeof text === "string" ? text : "");
    setProblem(wrong);
    if (!wrong) onDone();
  };
  return (
    <form onSubmit={submit} className="form">
      {person && (
        <p>
          {person.name} as {person.role}, until {dayAndTime(person.expiresAt)}. Paste a new token to renew.
        </p>
      )}
      <label>
        Token
        <textarea
          name="token"
          rows={5}
          required
          spellCheck={false}
          autoComplete="off"
          aria-describedby="token-hint"
        />
      </label>
      <p id="token-hint" className="hint">
        <code>npm run --silent token -- --role admin</code> prints one. It stays in this tab and is forgotten
        with it.
      </p>
      {problem && (
        <p role="alert" className="form-problem">
          {problem}
        </p>
      )}
      <div className="buttons">
        {person && (
          <button
            type="button"
            onClick={() => {
              session.signOut();
              onDone();
            }}
          >
            Sign out
          </button>
        )}
        <button type="submit" className="primary">
          {person ? "Renew" : "Sign in"}
        </button>
      </div>
    </form>
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
