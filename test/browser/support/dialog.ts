import type { Locator, Page } from "../../../tools/browser.ts";

/** Opens a dialog by its button. */
export async function openDialog(page: Page, button: Locator): Promise<Locator> {
  await button.click();
  const dialog = page.getByRole("dialog");
  await dialog.waitFor();
  return dialog;
}

/** A button of a page or a part of it by its whole name. */
export const buttonOf = (place: Page | Locator, name: string): Locator =>
  place.getByRole("button", { name, exact: true });
