// Audits pages with axe.

import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, type Page } from '@playwright/test';
import type axe from 'axe-core';

/** The source of axe, which must be allowed to talk to frames of any origin. */
const AXE = `${readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8')}; axe.configure({ allowedOrigins: ['<unsafe_all_origins>'] });`;
const STANDARDS = ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa'];
/** The rules whose results can differ between the colour schemes. */
const COLOR_RULES = ['color-contrast', 'link-in-text-block'];

/** Holds a file for each kind of page that has passed, so that no worker audits it again. */
const passed = join(process.env.END2END_FOLDER ?? '', 'audited');

/**
 * Audits a page in both colour schemes, unless one that differs only in tokens, identifiers, names
 * and numbers has passed.
 */
export async function isAccessible(page: Page, path: string) {
  // Colours cannot be judged in the middle of a transition.
  await finishAnimations(page);
  const record = join(passed, createHash('sha256').update(await fingerprint(page)).digest('hex'));
  if (existsSync(record)) return;
  for (const frame of page.frames()) {
    if (!(await frame.evaluate('"axe" in window'))) await frame.evaluate(AXE);
  }
  for (const colorScheme of ['dark', 'light'] as const) {
    await page.emulateMedia({ colorScheme });
    await finishAnimations(page);
    const runOnly = colorScheme === 'light' ? STANDARDS : COLOR_RULES;
    const found = await page.evaluate(async (runOnly) => {
      const { violations } = await (window as unknown as { axe: typeof axe }).axe.run({ runOnly, resultTypes: ['violations'] });
      return violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html} ${node.failureSummary}`));
    }, runOnly);
    expect(found, `${path}, ${colorScheme}`).toEqual([]);
  }
  mkdirSync(passed, { recursive: true });
  writeFileSync(record, path);
}

const finishAnimations = (page: Page) =>
  page.evaluate(() => document.getAnimations().forEach((animation) => animation.finish()));

/** The markup and state of a page, without what differs from visit to visit. */
async function fingerprint(page: Page) {
  const [markup, state] = await page.evaluate(() => {
    const elements = [...document.querySelectorAll('*')];
    // State that style sheets can select and that is not in the markup.
    const states = ['checked', 'focus', 'focus-visible', 'disabled', 'placeholder-shown', 'popover-open', 'hover'];
    const state = states.map((name) => name + elements.flatMap((element, index) => (element.matches(`:${name}`) ? [index] : [])));
    return [document.documentElement.outerHTML, `${innerWidth} ${state}`] as const;
  });
  const plain = markup
    .replace(/\bvisitor-\d+/g, 'visitor')
    .replace(/\/polls\/\w{10}\b/g, '/polls/id')
    .replace(/ d="[^"]*"/g, '')
    .replace(/(value|content|datetime|title|x-made-for\W+)="?[\w.-]{20,}/g, '$1=')
    .replace(/[\w-]{22,}/g, 'token')
    .replace(/\d+/g, '0');
  return plain + state;
}
