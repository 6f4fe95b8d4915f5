import { createRoot } from "react-dom/client";
import { App } from "./app.tsx";
import { createLink, LinkProvider } from "./graphql/link.tsx";
import { createSession, SessionProvider } from "./graphql/session.tsx";
import "./styles/base.css";
import "./styles/parts.css";
import "./styles/panels.css";
import "./styles/drawings.css";
import "uplot/dist/uPlot.min.css";

const root = document.getElementById("root");
if (!root) throw new Error("index.html has no element with the id root");

const session = createSession(sessionStorage);
createRoot(root).render(
  <SessionProvider session={session}>
    <LinkProvider link={createLink(session)}>
      <App />
    </LinkProvider>
  </SessionProvider>,
);
