import type { Page } from '@playwright/test';
import { expect, KIND_OF_DOG, test, type Visitor } from '../../support/fixtures';

test.use({ contextOptions: { reducedMotion: 'no-preference' } });

const scrollPosition = (page: Page) => page.evaluate(() => Math.round(scrollY));
const scrollTo = (page: Page, top: number) => page.evaluate((top) => window.scrollTo(0, top), top);

/** Waits for the new page; an earlier scroll would move the old one. */
async function isOnPage(visitor: Visitor, heading: string) {
  await expect(visitor.page.getByRole('heading', { level: 1 })).toHaveText(heading);
  await visitor.isSettled();
}

test('each page starts at the top, with the header visible', async ({ visitor }) => {
  const { page } = visitor;
  for (const width of [390, 320, 1280]) {
    await page.setViewportSize({ width, height: 480 });
    await page.goto('/');
    await scrollTo(page, 120);
    for (const [link, heading] of [[KIND_OF_DOG, KIND_OF_DOG], ['Sign up', 'Create an account'], ['Pollstr', 'Open polls']] as const) {
      await visitor.follows(link);
      await isOnPage(visitor, heading);
      expect(await scrollPosition(page), `${heading} at ${width}`).toBe(0);
      await expect(page.getByRole('banner')).toBeInViewport({ ratio: 1 });
    }
  }
});

test('one element has the focus: the first error, the main field or the heading', async ({ visitor }) => {
  const { page } = visitor;
  visitor.expectsStatus(422);
  const marked = page.locator('[autofocus]');
  await page.goto('/');
  await visitor.follows(KIND_OF_DOG);
  await expect(page).toHaveTitle(new RegExp(KIND_OF_DOG.slice(0, 20)));
  if (visitor.javascript) await expect(page.getByRole('heading', { level: 1 })).toBeFocused();
  await page.getByLabel('A cat').check();
  await visitor.presses('Vote');
  await expect(page.getByLabel('Username')).toBeFocused();
  await expect(marked).toHaveCount(1);
  await page.goto('/register');
  await visitor.submits('Create account', 'short');
  await expect(page.getByLabel('Password')).toBeFocused();
  await expect(marked).toHaveCount(1);
  await visitor.submits('Create account');
  await expect(page.getByLabel('Phone number')).toBeFocused();
  await visitor.asksForCode();
  const code = page.getByLabel('Code', { exact: true });
  await expect(code).toBeFocused();
  await expect(marked).toHaveCount(1);
  await visitor.confirms('12');
  await expect(page.getByText('Enter the 6-digit code.')).toBeVisible();
  await expect(code).toBeFocused();
  await expect(marked).toHaveCount(1);
});

test('a form with errors scrolls to the focused field', async ({ visitor }) => {
  const { page } = visitor;
  visitor.expectsStatus(422);
  await visitor.joins('/polls/new');
  await page.setViewportSize({ width: 390, height: 480 });
  await page.getByLabel('Question').fill('When shall we walk?');
  for (const [index, time] of ['At dawn', 'At noon', 'At dusk'].entries()) await page.getByLabel(`Choice ${index + 1}`).fill(time);
  await visitor.presses('Add a choice');
  await expect(page.getByLabel('Choice 4')).toBeFocused();
  await expect(page.getByLabel('Choice 4')).toBeInViewport({ ratio: 1 });
  await page.getByLabel('Closes', { exact: true }).fill('2020-01-01T10:00');
  await visitor.presses('Create poll');
  await expect(page.getByLabel('Closes', { exact: true })).toHaveAttribute('aria-invalid', 'true');
  await expect(page.getByLabel('Closes', { exact: true })).toBeFocused();
  await expect(page.getByLabel('Closes', { exact: true })).toBeInViewport({ ratio: 1 });
});

// Without scripts the browser does this itself.
test('Back and Forward restore the scroll position', { tag: '@scripts' }, async ({ visitor }) => {
  const { page } = visitor;
  await page.setViewportSize({ width: 390, height: 400 });
  await page.goto('/');
  await scrollTo(page, 150);
  await visitor.follows(KIND_OF_DOG);
  await isOnPage(visitor, KIND_OF_DOG);
  await visitor.follows('Log in');
  await isOnPage(visitor, 'Log in');
  await scrollTo(page, 210);
  // A real click would scroll to the link.
  await page.getByRole('main').getByRole('link', { name: /Create/ }).first().evaluate((link) => (link as HTMLElement).click());
  await isOnPage(visitor, 'Create an account');
  await scrollTo(page, 250);
  await page.goBack();
  await isOnPage(visitor, 'Log in');
  await expect.poll(async () => Math.abs((await scrollPosition(page)) - 210)).toBeLessThan(5);
  await page.goForward();
  await isOnPage(visitor, 'Create an account');
  await expect.poll(async () => Math.abs((await scrollPosition(page)) - 250)).toBeLessThan(5);
});

test('a cleared search leaves nothing in the URL', async ({ visitor }) => {
  const { page } = visitor;
  for (const address of ['/?show=closed', '/']) {
    await page.goto(address);
    const field = page.getByLabel('Search polls');
    await field.fill('zebra');
    if (!visitor.javascript) await visitor.presses('Search');
    await expect(page).toHaveURL(/q=zebra/);
    await field.fill('');
    if (!visitor.javascript) await visitor.presses('Search');
    await visitor.isAt(address);
  }
});

test('the selected tab is recognisable in forced colours', async ({ visitor }) => {
  const { page } = visitor;
  await page.emulateMedia({ forcedColors: 'active' });
  await page.goto('/?show=closed');
  const look = (name: string) =>
    page.getByRole('link', { name, exact: true }).evaluate((link) => [getComputedStyle(link).backgroundColor, getComputedStyle(link).color].join());
  expect(await look('Closed')).not.toBe(await look('Open'));
});

test('collapsed details have a marker', async ({ visitor }) => {
  const { page } = visitor;
  visitor.expectsStatus(422);
  await visitor.joins();
  // Makes more activity than is shown at once.
  for (let index = 0; index < 3; index++) {
    await visitor.logsOut();
    await expect(page.getByText('You are logged out.')).toBeVisible();
    await page.goto('/login');
    await visitor.submits('Log in', 'not my password');
    await expect(page.getByRole('alert')).toBeVisible();
    await visitor.submits('Log in');
    await expect(page).toHaveURL('/verify');
  }
  await page.goto('/account');
  const earlier = page.locator('summary', { hasText: 'Earlier' });
  await expect(earlier).toBeVisible();
  expect(await earlier.evaluate((summary) => getComputedStyle(summary).display)).toBe('list-item');
});
