import type { Page } from '@playwright/test';
import { expect, KIND_OF_DOG, test, type Visitor } from '../../support/fixtures';

declare global {
  interface Window {
    shifted: number;
  }
}

/** Returns the cumulative layout shift of a page while it loads. */
async function measureShift(page: Page, path: string) {
  await page.goto(path);
  await page.waitForLoadState('networkidle');
  // Shifts at the end of the idle time are reported after the next frame.
  return page.evaluate(() => new Promise<number>((resolve) => requestAnimationFrame(() => setTimeout(() => resolve(window.shifted)))));
}

/** Delays scripts, as a slow connection does, and records layout shifts. */
async function recordShifts(page: Page) {
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
  // Browsers skip the transition between pages when one is late, which would be reported.
  await page.emulateMedia({ reducedMotion: 'reduce' });
  // A stream would keep the network from becoming idle.
  await page.route('**/live*', (route) => route.abort());
}

for (const [locale, timezoneId] of [['en-GB', 'Asia/Kolkata'], ['en-US', 'America/New_York'], ['de-DE', 'Europe/Berlin']] as const) {
  test.describe(locale, () => {
    test.use({ locale, timezoneId });

    // Only scripts move parts of a page after it has loaded.
    test('nothing moves while a page loads on a phone', { tag: '@scripts' }, async ({ visitor }) => {
      visitor.expectsNetworkErrors();
      const { page } = visitor;
      await recordShifts(page);
      const demo = await visitor.pathOf(KIND_OF_DOG);
      const moved: Record<string, number> = {};
      const look = async (...paths: string[]) => {
        for (const path of paths) moved[path] = await measureShift(page, path);
      };
      await look('/', demo, '/login', '/register', '/can-i-vote');
      await visitor.registers();
      await visitor.asksForCode();
      await look('/verify', '/verify/code');
      await visitor.confirms(await visitor.readsCode());
      await expect(page).toHaveURL('/account/recovery/offer');
      await look('/account/recovery/offer');
      const polls = await Promise.all([
        createPoll(visitor, { kind: 'single', closes: '2098-11-24T12:05', listed: 'no', results: 'always' }),
        createPoll(visitor, { kind: 'ranked', closes: '2098-11-24T12:05', zone: 'Asia/Kathmandu', listed: 'no' }),
        createPoll(visitor, { kind: 'multiple', opens: '2098-11-24T12:05' }),
      ]);
      for (const poll of polls) await look(poll, `${poll}/vote`);
      await look(`${polls[0]}/results`, `${polls[0]}/screen`, `${polls[1]}/screen`, `${polls[0]}/embed`, '/', '/polls/new', '/account', '/account/polls', '/account/passkeys', '/account/recovery');
      expect(Object.entries(moved).filter(([, shifted]) => shifted >= 0.02)).toEqual([]);
    });
  });
}

/** Creates a poll and returns its path. */
async function createPoll(visitor: Visitor, more: Record<string, string>) {
  const choice = ['A dog that waits for its bone, and has done so since noon', 'A stone', 'This page'];
  return (await visitor.calls('create_poll', { question: `What holds still? (${visitor.name})`, choice, ...more })).next;
}
