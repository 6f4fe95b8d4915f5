import { Suspense } from "react";
import { ConnectionNotice } from "./connection-notice.tsx";
import { useConnection, type ConnectionState } from "./graphql/link.tsx";
import { useMay } from "./graphql/session.tsx";
import { Keys } from "./keys.tsx";
import { routeAt } from "./routes.tsx";
import { LapseNotice, SessionMenu } from "./session-menu.tsx";
import { Boundary } from "./ui/boundary.tsx";
import { CommandsProvider } from "./ui/commands.tsx";
import { PageTitle } from "./ui/page-title.tsx";
import { Anchor, usePath } from "./ui/router.tsx";
import { ToastProvider } from "./ui/toast.tsx";

export function App() {
  const path = usePath();
  return (
    <ToastProvider>
      <CommandsProvider>
        <a className="skip" href="#main">
          Skip to the content
        </a>
        <Masthead />
        <ConnectionNotice />
        <LapseNotice />
        <main id="main" tabIndex={-1}>
          <Boundary key={path}>
            <Suspense fallback={<p className="empty late">Loading…</p>}>
              <PageAt path={path} />
            </Suspense>
          </Boundary>
        </main>
      </CommandsProvider>
    </ToastProvider>
  );
}

function PageAt({ path }: { path: string }) {
  const route = routeAt(path);
  return route ? <route.Page key={route.id} id={route.id} /> : <NotFound path={path} />;
}

function NotFound({ path }: { path: string }) {
  return (
    <>
      <PageTitle>Not found</PageTitle>
      <p>
        There is no page at <code className="path">{path}</code>. Perhaps you look for the{" "}
        <Anchor to="/">projects</Anchor>, or press <kbd>Ctrl K</kbd> and type a few letters of what you look
        for.
      </p>
    </>
  );
}

function Masthead() {
  const isAdmin = useMay("plm.admin");
  return (
    <header className="masthead">
      <Anchor to="/" className="brand">
        Lifecycle gateway
      </Anchor>
      <nav aria-label="Pages">
        <Anchor to="/" also={["/projects/"]}>
          Projects
        </Anchor>
        <Anchor to="/portfolio">Portfolio</Anchor>
        <Anchor to="/models" also={["/models/", "/parts"]}>
          Models
        </Anchor>
        <Anchor to="/work-orders">Work orders</Anchor>
        {isAdmin && (
          <Anchor to="/admin/plm-health" also={["/plm-alerts", "/differences"]}>
            PLM health
          </Anchor>
        )}
        <Anchor to="/gateway" also={["/playground"]}>
          Gateway
        </Anchor>
      </nav>
      <div className="masthead-end">
        <Connection />
        <Keys />
        <SessionMenu />
      </div>
    </header>
  );
}

const CONNECTION: Readonly<Record<ConnectionState, { text: string; tone: string }>> = {
  live: { text: "live", tone: "good" },
  connecting: { text: "connecting", tone: "idle" },
  lost: { text: "reconnecting", tone: "warn" },
};

function Connection() {
  const { text, tone } = CONNECTION[useConnection()];
  return (
    <span role="status" className={`connection ${tone}`} data-testid="connection">
      <span aria-hidden="true" className="dot" /> {text}
    </span>
  );
}
