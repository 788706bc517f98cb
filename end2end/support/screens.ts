// The screens that a person sees.

import type { Page } from '@playwright/test';

/** Records the address of each screen after this one, however the browser gets there. */
export function recordScreens(page: Page) {
  const addressOf = (url: string) => new URL(url).pathname + new URL(url).search;
  const [screens, current]: [string[], string] = [[], addressOf(page.url())];
  page.on('framenavigated', (frame) => {
    const address = addressOf(frame.url());
    if (frame === page.mainFrame() && address !== (screens.at(-1) ?? current)) screens.push(address);
  });
  return screens;
}
