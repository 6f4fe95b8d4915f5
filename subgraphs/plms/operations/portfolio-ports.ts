import type { OpenLane } from "../domain/portfolio.ts";

export interface PortfolioPorts {
  portfolio: {
    /** Open tasks of the tenant's executing runs that do their project's work, by project and lane. */
    openLanes(tenant: string): Promise<OpenLane[]>;
  };
}
