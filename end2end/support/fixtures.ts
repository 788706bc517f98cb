// The `test` function of all specs, with visitors as fixtures.

import { test as base, expect, type BrowserContext } from '@playwright/test';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
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
  visitor: async ({ context, javaScriptEnabled }, use) => {
    const visitor = await createVisitor(context, javaScriptEnabled !== false);
    await use(visitor);
    visitor.hasNoErrors();
  },
  another: async ({ browser, contextOptions, javaScriptEnabled, baseURL, viewport, isMobile, hasTouch }, use) => {
    const others: Visitor[] = [];
    await use(async () => {
      const context = await browser.newContext({ ...contextOptions, javaScriptEnabled, baseURL, viewport, isMobile, hasTouch });
      const other = await createVisitor(context, javaScriptEnabled !== false);
      others.push(other);
      return other;
    });
    for (const other of others) {
      other.hasNoErrors();
      await other.page.context().close();
    }
  },
});

async function createVisitor(context: BrowserContext, javascript: boolean) {
  const index = takeIndex();
  await context.setExtraHTTPHeaders({ 'X-Forwarded-For': `10.0.${Math.floor(index / 250)}.${1 + (index % 250)}` });
  // A thousand numbers are reserved for fiction.
  const number = `+447700900${String(index).padStart(3, '0')}`;
  return new Visitor(await context.newPage(), `visitor-${index}`, number, javascript);
}

let next = 0;

/** Returns an index that no other worker has taken: a worker takes one by creating a file named after it. */
function takeIndex(): number {
  const taken = join(process.env.END2END_FOLDER ?? '', 'visitors');
  mkdirSync(taken, { recursive: true });
  for (;;) {
    const index = next++;
    try {
      writeFileSync(join(taken, String(index)), '', { flag: 'wx' });
      return index;
    } catch (error) {
      if ((error as { code?: string }).code !== 'EEXIST') throw error;
    }
  }
}
