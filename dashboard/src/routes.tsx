import { lazy, type ComponentType } from "react";
import { untilLoaded } from "./ui/load.tsx";

/** What an address shows: `id` is the last part of an address that names something. */
type Page = ComponentType<{ id: string }>;

interface Route {
  path: RegExp;
  Page: Page;
  /** Fetches the page before anybody asks for it. */
  fetch: () => Promise<unknown>;
}

function route(path: RegExp, load: () => Promise<Page>): Route {
  const fetch = async () => ({ default: await untilLoaded(load) });
  return { path, Page: lazy(fetch), fetch: load };
}

/** Every page comes in a file of its own, so that the first one is there soon. */
const ROUTES: readonly Route[] = [
  route(/^\/$/, async () => (await import("./pages/projects.tsx")).ProjectsPage),
  route(/^\/projects\/([^/]+)$/, async () => (await import("./pages/project.tsx")).ProjectPage),
  route(/^\/portfolio$/, async () => (await import("./pages/portfolio.tsx")).PortfolioPage),
  route(/^\/models$/, async () => (await import("./pages/models.tsx")).ModelsPage),
  route(/^\/models\/([^/]+)$/, async () => (await import("./pages/model.tsx")).ModelPage),
  route(/^\/parts$/, async () => (await import("./pages/parts.tsx")).PartsPage),
  route(/^\/work-orders$/, async () => (await import("./pages/work-orders.tsx")).WorkOrdersPage),
  route(/^\/differences$/, async () => (await import("./pages/differences.tsx")).DifferencesPage),
  route(/^\/plm-alerts$/, async () => (await import("./pages/plm-alerts.tsx")).PlmAlertsPage),
  route(/^\/admin\/plm-health$/, async () => (await import("./pages/plm-health.tsx")).PlmHealthPage),
  route(/^\/gateway$/, async () => (await import("./pages/gateway.tsx")).GatewayPage),
];

/** Large, for few people, and never fetched before they ask. */
const PLAYGROUND = route(
  /^\/playground$/,
  async () => (await import("./pages/playground.tsx")).PlaygroundPage,
);

/** The page at a path; undefined where there is none. */
export function routeAt(path: string): { Page: Page; id: string } | undefined {
  for (const { path: pattern, Page } of [...ROUTES, PLAYGROUND]) {
    const found = pattern.exec(path);
    if (found) return { Page, id: decoded(found[1] ?? "") };
  }
  return undefined;
}

/** Half an escape is no id of anything, and stays as it is. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

const SETTLED_MS = 3_000;

/** Fetches all pages once the first one has settled: whoever goes on finds them there, even while the gateway is away. */
export function fetchPagesLater(): void {
  setTimeout(() => {
    for (const { fetch } of ROUTES) void fetch().catch(() => undefined);
  }, SETTLED_MS);
}
