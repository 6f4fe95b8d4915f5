import { lazy, Suspense, type ComponentType, type ReactNode } from "react";
import { useConnection, type ConnectionState } from "./graphql/link.tsx";
import { useMay } from "./graphql/session.tsx";
import { SessionMenu } from "./session-menu.tsx";
import { GatewayPage } from "./pages/gateway.tsx";
import { PlmHealthPage } from "./pages/plm-health.tsx";
import { PortfolioPage } from "./pages/portfolio.tsx";
import { ProjectPage } from "./pages/project.tsx";
import { ProjectsPage } from "./pages/projects.tsx";
import { Anchor, usePath } from "./ui/router.tsx";
import { ToastProvider } from "./ui/toast.tsx";
import { Boundary } from "./ui/boundary.tsx";

const PlaygroundPage = lazy(async () => ({
  default: (await import("./pages/playground.tsx")).PlaygroundPage,
}));
const ModelsPage = lazy(async () => ({ default: (await import("./pages/models.tsx")).ModelsPage }));
const ModelPage = lazy(async () => ({ default: (await import("./pages/model.tsx")).ModelPage }));
const PartsPage = lazy(async () => ({ default: (await import("./pages/parts.tsx")).PartsPage }));
const WorkOrdersPage = lazy(async () => ({
  default: (await import("./pages/work-orders.tsx")).WorkOrdersPage,
}));
const DifferencesPage = lazy(async () => ({
  default: (await import("./pages/differences.tsx")).DifferencesPage,
}));
const PlmAlertsPage = lazy(async () => ({
  default: (await import("./pages/plm-alerts.tsx")).PlmAlertsPage,
}));

const PAGES: Readonly<Record<string, ComponentType>> = {
  "/": ProjectsPage,
  "/portfolio": PortfolioPage,
  "/models": ModelsPage,
  "/parts": PartsPage,
  "/work-orders": WorkOrdersPage,
  "/differences": DifferencesPage,
  "/plm-alerts": PlmAlertsPage,
  "/admin/plm-health": PlmHealthPage,
  "/gateway": GatewayPage,
  "/playground": PlaygroundPage,
};

export function App() {
  const path = usePath();
  return (
    <ToastProvider>
      <a className="skip" href="#main">
        Skip to the content
      </a>
      <Masthead />
      <main id="main" tabIndex={-1}>
        <Boundary key={path}>
          <Suspense fallback={<p className="empty">Loading…</p>}>{pageAt(path)}</Suspense>
        </Boundary>
      </main>
    </ToastProvider>
  );
}

function pageAt(path: string): ReactNode {
  const project = /^\/projects\/([^/]+)$/.exec(path)?.[1];
  if (project !== undefined) return <ProjectPage key={project} id={decodeURIComponent(project)} />;
  const model = /^\/models\/([^/]+)$/.exec(path)?.[1];
  if (model !== undefined) return <ModelPage key={model} id={decodeURIComponent(model)} />;
  const Page = PAGES[path];
  return Page ? <Page /> : <p className="empty">There is no page here. The projects are one step up.</p>;
}

function Masthead() {
  const isAdmin = useMay("plm.admin");
  return (
    <header className="masthead">
      <Anchor to="/" className="brand">
        Lifecycle gateway
      </Anchor>
      <nav aria-label="Pages">
        <Anchor to="/">Projects</Anchor>
        <Anchor to="/portfolio">Portfolio</Anchor>
        <Anchor to="/models">Models</Anchor>
        <Anchor to="/work-orders">Work orders</Anchor>
        {isAdmin && <Anchor to="/admin/plm-health">PLM health</Anchor>}
        <Anchor to="/gateway">Gateway</Anchor>
      </nav>
      <div className="masthead-end">
        <Connection />
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
