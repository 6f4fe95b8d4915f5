import { PlmAlertsPanel } from "../plm/plm-alerts-panel.tsx";
import { AlertsPanel } from "../project/alerts-panel.tsx";
import { PortfolioPanel } from "../project/portfolio-panel.tsx";
import { useMay } from "../graphql/session.tsx";
import { Card, Columns } from "../ui/panel.tsx";
import { PageTitle } from "../ui/page-title.tsx";

export function PortfolioPage() {
  const mayView = useMay("portfolio.view");
  return (
    <>
      <PageTitle>Portfolio</PageTitle>
      <div className="stack">
        {mayView ? (
          <PortfolioPanel />
        ) : (
          <Card title="Queue and lanes">
            <p className="empty">
              Sign in with a token that holds the scope <code>portfolio.view</code> to see who waits for what.
            </p>
          </Card>
        )}
        <Columns>
          <AlertsPanel />
          <PlmAlertsPanel />
        </Columns>
      </div>
    </>
  );
}
