// The `test` function of all specs, with visitors as fixtures.

import { test as base, expect, type BrowserContext } from '@playwright/test';
import { Visitor } from './visitor';

export { expect, Visitor };

/** The questions of the demo polls. */
export const KIND_OF_DOG = 'What is your favorite kind of dog?';
export const WHATS_UP = "What's up dog?";
export const WHO_LET = 'Who let the dogs out?';

interface Fixtures {
  visitor: Visitor;
  /** Creates another visitor, with their own browser context. */
  another: () => Promise<Visitor>;
}

export const test = base.extend<Fixtures>({
  visitor: async ({ context, javaScriptEnabled }, use, { workerIndex }) => {
    const visitor = await createVisitor(context, workerIndex, javaScriptEnabled !== false);
    await use(visitor);
    visitor.hasNoErrors();
  },
  another: async ({ browser, contextOptions, javaScriptEnabled, baseURL, viewport, isMobile, hasTouch }, use, { workerIndex }) => {
    const others: Visitor[] = [];
    await use(async () => {
      const context = await browser.newContext({ ...contextOptions, javaScriptEnabled, baseURL, viewport, isMobile, hasTouch });
      const other = await createVisitor(context, workerIndex, javaScriptEnabled !== false);
      others.push(other);
      return other;
    });
    for (const other of others) {
      other.hasNoErrors();
      await other.page.context().close();
    }
  },
});

let created = 0;

async function createVisitor(context: BrowserContext, worker: number, javascript: boolean) {
  // A thousand numbers are reserved for fiction. A worker needs at most 120 of them.
  const index = worker * 120 + created++;
  await context.setExtraHTTPHeaders({ 'X-Forwarded-For': `10.0.${worker}.${created}` });
  const number = `+447700900${String(index).padStart(3, '0')}`;
  return new Visitor(await context.newPage(), `visitor-${index}`, number, javascript);
}
