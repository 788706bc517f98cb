import type { Page } from '@playwright/test';
import { expect, KIND_OF_DOG, test, type Visitor } from './fixtures';

declare global {
  interface Window {
    shifted: number;
  }
}

/** How far the parts of a page move while it loads, as browsers reckon it, on a visit on which nothing is stored yet. */
async function shift(page: Page, path: string) {
  await page.goto(path);
  await page.waitForLoadState('networkidle');
  // That is half a second of rest; what moved at its end is told after the next frame.
  return page.evaluate(() => new Promise<number>((told) => requestAnimationFrame(() => setTimeout(() => told(window.shifted)))));
}

/** Has scripts come late, as on a slow line, and counts what moves. */
async function watch(page: Page) {
  await page.addInitScript(() => {
    window.shifted = 0;
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) window.shifted += (entry as unknown as { value: number }).value;
    }).observe({ type: 'layout-shift', buffered: true });
  });
  await page.route(/\.js$/, async (route) => {
    await new Promise((resolve) => setTimeout(resolve, 250));
    await route.continue();
  });
  // Pages fade into each other, and a browser gives that up where a page is late.
  await page.emulateMedia({ reducedMotion: 'reduce' });
  // A stream would never let the network come to rest.
  await page.route('**/live*', (route) => route.abort());
}

for (const [locale, timezoneId] of [['en-GB', 'Asia/Kolkata'], ['en-US', 'America/New_York'], ['de-DE', 'Europe/Berlin']] as const) {
  test.describe(locale, () => {
    test.use({ locale, timezoneId });

    // It is scripts that change a page.
    test('nothing moves while a page loads on a phone', { tag: '@scripts' }, async ({ visitor }) => {
      visitor.willBeCutOff();
      const { page } = visitor;
      await watch(page);
      const demo = await visitor.pathOf(KIND_OF_DOG);
      const moved: Record<string, number> = {};
      const look = async (...paths: string[]) => {
        for (const path of paths) moved[path] = await shift(page, path);
      };
      await look('/', demo, '/login', '/register');
      await visitor.registers();
      await visitor.asksForCode();
      await look('/verify', '/verify/code');
      await visitor.confirms(await visitor.readsCode());
      await expect(page).toHaveURL('/');
      const polls = await Promise.all([
        asks(visitor, { kind: 'single', closes: '2098-11-24T12:05', listed: 'no', results: 'always' }),
        asks(visitor, { kind: 'ranked', closes: '2098-11-24T12:05', zone: 'Asia/Kathmandu', listed: 'no' }),
        asks(visitor, { kind: 'multiple', opens: '2098-11-24T12:05' }),
      ]);
      for (const poll of polls) await look(poll, `${poll}/vote`);
      await look(`${polls[0]}/results`, `${polls[0]}/embed`, '/', '/polls/new', '/account', '/account/polls', '/account/passkeys', '/account/recovery');
      expect(Object.entries(moved).filter(([, shifted]) => shifted >= 0.02)).toEqual([]);
    });
  });
}

/** Makes a poll, and tells its path. */
async function asks(visitor: Visitor, more: Record<string, string>) {
  const choice = ['A dog that waits for its bone, and has done so since noon', 'A stone', 'This page'];
  return (await visitor.sends('create_poll', { question: `What holds still? (${visitor.name})`, choice, ...more })).next;
}
