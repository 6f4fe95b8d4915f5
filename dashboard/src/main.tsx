import { createRoot } from "react-dom/client";
import { App } from "./app.tsx";
import { createLink, LinkProvider } from "./graphql/link.tsx";
import { rememberZone } from "./ui/zone-memory.ts";
import { createSession, SessionProvider, type Session } from "./graphql/session.tsx";
import { fetchPagesLater } from "./routes.tsx";
import "./styles/base.css";
import "./styles/parts.css";
import "./styles/panels.css";
import "./styles/drawings.css";
import "./styles/time.css";
import "./styles/print.css";

const root = document.getElementById("root");
if (!root) throw new Error("index.html has no element with the id root");

rememberZone(localStorage);
const session = createSession(localStorage);
signInByLink(session);
fetchPagesLater();
createRoot(root).render(
  <SessionProvider session={session}>
    <LinkProvider link={createLink(session)}>
      <App />
    </LinkProvider>
  </SessionProvider>,
);

/**
 * Takes the token of a link like `/#token=eyJ…`, as `npm start` prints it, and takes it out of the address. On this
 * machine only: elsewhere a link could sign people in as somebody else.
 */
function signInByLink({ signIn }: Pick<Session, "signIn">): void {
  const [, token] = /^#token=(.+)$/.exec(location.hash) ?? [];
  if (token === undefined) return;
  history.replaceState(null, "", location.pathname + location.search);
  if (["localhost", "127.0.0.1", "[::1]"].includes(location.hostname)) signIn(token);
}
