import { axeSource, type Page } from "../../../tools/browser.ts";

/** Only these depend on colours: what else is wrong in the dark is wrong in the light. */
const ABOUT_COLOURS = ["color-contrast", "link-in-text-block"];

/** What keeps people from using the page as it is now, in light or in dark: scheme, rule and element. */
export async function seriousProblems(page: Page): Promise<string[]> {
  await page.evaluate(axeSource);
  await page.emulateMedia({ colorScheme: "light" });
  const inLight = await findings(page, {});
  await page.emulateMedia({ colorScheme: "dark" });
  const inDark = await findings(page, { runOnly: ABOUT_COLOURS });
  return [...inLight.map((finding) => `light: ${finding}`), ...inDark.map((finding) => `dark: ${finding}`)];
}

/** Serious and critical findings alone. */
async function findings(page: Page, options: AxeOptions): Promise<string[]> {
  return page.evaluate(async (own) => {
    const axe = (globalThis as unknown as { axe: Axe }).axe;
    const { violations } = await axe.run({ ...own, resultTypes: ["violations"] });
    return violations
      .filter(({ impact }) => impact === "serious" || impact === "critical")
      .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`);
  }, options);
}

interface AxeOptions {
  /** Rules by name; all of them when left out. */
  runOnly?: string[];
}

interface Axe {
  run(
    options: AxeOptions & { resultTypes: string[] },
  ): Promise<{ violations: { id: string; impact: string; nodes: { html: string }[] }[] }>;
}
