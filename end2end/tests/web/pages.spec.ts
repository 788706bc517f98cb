import { expect, KIND_OF_DOG, test } from '../../support/fixtures';

test.use({ contextOptions: { reducedMotion: 'no-preference' } });

test('a missing page looks like the site and links to the home page', async ({ visitor }) => {
  const { page } = visitor;
  visitor.expectsStatus(404);
  for (const path of ['/no-such-page', '/polls/nosuchpoll', '/polls/nosuchpoll/results']) {
    const response = await page.goto(path);
    expect(response?.status()).toBe(404);
    await visitor.isAt(path);
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('Page not found');
    await expect(page.getByRole('banner')).toBeVisible();
  }
  await visitor.follows('See open polls');
  await visitor.isAt('/');
});

test('each page change updates the URL, and Back returns', async ({ visitor }) => {
  const { page } = visitor;
  const poll = await visitor.pathOf(KIND_OF_DOG);
  await page.evaluate(() => document.documentElement.setAttribute('data-kept', ''));
  await visitor.follows(KIND_OF_DOG);
  await visitor.isAt(poll);
  await expect(page).toHaveTitle(`${KIND_OF_DOG} · Pollstr`);
  // htmx replaces the main part and keeps the document.
  await expect(page.locator('html[data-kept]')).toHaveCount(visitor.javascript ? 1 : 0);
  await page.getByLabel('A cat').check();
  await visitor.presses('Vote');
  await visitor.isAt(`/register?next=${poll}/vote`);
  await page.goBack();
  await visitor.isAt(poll);
  await page.goBack();
  await visitor.isAt('/');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Open polls');
});

test('searching finds the polls that contain the words', async ({ visitor }) => {
  const { page } = visitor;
  await page.goto('/');
  await page.getByLabel('Search polls').fill('favorite kind');
  await visitor.presses('Search');
  await visitor.isAt('/?q=favorite+kind');
  await expect(page.getByRole('main').getByRole('listitem')).toHaveCount(1);
  await page.getByLabel('Search polls').fill('cats only');
  await visitor.presses('Search');
  await expect(page.getByText('No polls are available.')).toBeVisible();
  await visitor.isAt('/?q=cats+only');
});
