import type { Page } from '@playwright/test';
import { expect, test } from '../../support/fixtures';
import { startSlowProxy } from '../../support/slow_proxy';

/** Presses a button twice, before the first press can be answered. */
async function pressesTwice(page: Page, name: string) {
  await page.getByRole('button', { name, exact: true }).dblclick({ noWaitAfter: true });
}

test('pressing a button twice creates one poll, and casts one vote whose receipt is shown', async ({ visitor, baseURL }) => {
  const { page } = visitor;
  const proxy = await startSlowProxy(new URL(baseURL ?? ''), () => 900);
  await visitor.joins();
  const question = `Pressed twice by ${visitor.name}?`;
  await page.goto(`${proxy.origin}/polls/new`);
  await page.getByLabel('Question').fill(question);
  await page.getByLabel('Choice 1').fill('Yes');
  await page.getByLabel('Choice 2').fill('No');
  await pressesTwice(page, 'Create poll');
  await expect(page.getByRole('heading', { level: 1, name: question })).toBeVisible();
  await expect(page).toHaveURL(/\/polls\/\w{10}$/);
  const poll = page.url();
  await page.goto('/account/polls');
  await expect(page.getByRole('link', { name: question })).toHaveCount(1);

  await page.goto(`${poll}/vote`);
  await page.getByLabel('Yes').check();
  await pressesTwice(page, 'Vote');
  await visitor.isAt(`${poll}/results`);
  await expect(page.getByText(/^(Your|Thanks, your) vote is counted\./).first()).toBeVisible();
  const receipt = (await page.locator('output').innerText()).trim();
  await visitor.eventuallySees((options) => expect(page.locator('caption', { hasText: '1 vote so far' })).toBeVisible(options));
  await page.goto(`${poll}/receipt`);
  await page.getByLabel('Receipt').fill(receipt);
  await visitor.presses('Check');
  await expect(page.getByRole('alert')).toContainText('is counted.');
  await proxy.close();
});
