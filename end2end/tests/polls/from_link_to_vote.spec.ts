import { expect, KIND_OF_DOG, test } from '../../support/fixtures';
import { recordScreens } from '../../support/screens';

test('a stranger with the link of a poll sees five screens before a vote counts', async ({ visitor }) => {
  const { page } = visitor;
  const poll = await visitor.pathOf(KIND_OF_DOG);
  const next = `?next=${poll}/vote`;
  const screens = recordScreens(page);

  await page.goto(poll);
  await visitor.isAt(poll);
  await page.getByLabel('A cat').check();
  await visitor.presses('Vote');
  await visitor.isAt(`/register${next}`);
  await expect(page.getByText(`To vote in “${KIND_OF_DOG}” you need an account and a phone that gets texts.`)).toBeVisible();
  await expect(page.getByRole('main').getByRole('link', { name: 'Log in' })).toHaveAttribute('href', `/login${next}`);
  await visitor.submits('Create account');
  await visitor.isAt(`/verify${next}`);
  await visitor.asksForCode();
  await visitor.isAt(`/verify/code${next}`);
  await visitor.confirms(await visitor.readsCode());
  await visitor.isAt(`${poll}/vote`);
  await expect(page.getByText('Your choice from before.')).toBeVisible();
  await expect(page.getByLabel('A cat')).toBeChecked();
  await visitor.presses('Vote');
  await visitor.isAt(`${poll}/results`);
  await expect(page.getByText('Thanks, your vote is counted.')).toBeVisible();
  expect(screens).toEqual([poll, `/register${next}`, `/verify${next}`, `/verify/code${next}`, `${poll}/vote`, `${poll}/results`]);

  await expect(page.getByRole('heading', { name: 'Your receipt' })).toBeVisible();
  const receipt = await page.locator('output').innerText();
  const link = page.getByRole('link', { name: 'Download', exact: true });
  expect(decodeURIComponent((await link.getAttribute('href')) ?? '')).toContain(receipt);
  const downloading = page.waitForEvent('download');
  await link.click();
  expect((await downloading).suggestedFilename()).toBe('pollstr-receipt.txt');
  await visitor.isAt(`${poll}/results`);
});

test('a verified voter votes on the page of the poll', async ({ visitor }) => {
  const { page } = visitor;
  const poll = await visitor.pathOf(KIND_OF_DOG);
  await visitor.joins(poll);
  const screens = recordScreens(page);
  await page.getByLabel('A cat').check();
  await visitor.presses('Vote');
  await visitor.isAt(`${poll}/results`);
  await expect(page.getByText('Thanks, your vote is counted.')).toBeVisible();
  expect(screens).toEqual([`${poll}/results`]);
});
