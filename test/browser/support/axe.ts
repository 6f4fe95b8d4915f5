import { axeSource, type Page } from "../../../tools/browser.ts";

const SCHEMES = ["light", "dark"] as const;

/** What keeps people from using the page as it is now, in light or in dark: scheme, rule and element. */
export async function seriousProblems(page: Page): Promise<string[]> {
  await page.evaluate(axeSource);
  const problems: string[] = [];
  for (const colorScheme of SCHEMES) {
    await page.emulateMedia({ colorScheme });
    problems.push(...(await findings(page)).map((finding) => `${colorScheme}: ${finding}`));
  }
  return problems;
}

/** Serious and critical findings alone. */
async function findings(page: Page): Promise<string[]> {
  return page.evaluate(async () => {
    const axe = (globalThis as unknown as { axe: Axe }).axe;
    const { violations } = await axe.run();
    return violations
      .filter(({ impact }) => impact === "serious" || impact === "critical")
      .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`);
  });
}

interface Axe {
  run(): Promise<{ violations: { id: string; impact: string; nodes: { html: string }[] }[] }>;
}
