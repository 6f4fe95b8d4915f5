import { StartTermsDocument, type StartTermsQuery } from "../../../schema/generated/documents.ts";
import { usePolled } from "../graphql/live.ts";
import { count, usd } from "../ui/format.ts";

interface StartTerms {
  /** Undefined until the server has told them. */
  terms: StartTermsQuery["project"] | undefined;
  /** Why no run can start or go on now, and what to do first, for people; undefined when one can. */
  obstacle: string | undefined;
}

/** What a project may spend and has spent; asked only while somebody could start something. */
export function useStartTerms(projectId: string, { pause = false } = {}): StartTerms {
  const { data } = usePolled(StartTermsDocument, { projectId }, { pause });
  const terms = pause ? undefined : data?.project;
  return { terms, obstacle: terms ? usedUp(terms) : undefined };
}

function usedUp({ budget, spent }: NonNullable<StartTerms["terms"]>): string | undefined {
  const say = (used: string) => `The budget is used up: ${used}. Change the budget first.`;
  if (budget.usdMax !== null && spent.usd >= budget.usdMax)
    return say(`${usd(spent.usd)} of ${usd(budget.usdMax)}`);
  if (budget.tokensMax !== null && spent.tokens >= budget.tokensMax)
    return say(`${count(spent.tokens)} of ${count(budget.tokensMax)} tokens`);
  return undefined;
}
