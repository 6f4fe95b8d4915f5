import { portfolioOf, type Portfolio } from "../domain/portfolio.ts";
import type { Ports } from "../ports.ts";

/** How busy the executor is with the tenant's projects. */
export async function readPortfolio(
  { portfolio, projects, clock }: Pick<Ports, "portfolio" | "projects" | "clock">,
  tenant: string,
): Promise<Portfolio> {
  const [open, lanes] = await Promise.all([portfolio.openLanes(tenant), projects.lanes()]);
  return portfolioOf(open, lanes, clock.now());
}
