import { createHash } from 'node:crypto';
import type { Page } from '@playwright/test';
import { expect, test } from '../../support/fixtures';

/** Returns the path of the current page. */
const currentPath = (page: Page) => new URL(page.url()).pathname;

test('an organiser drafts a ranking, previews its ballot, opens it and closes it', async ({ visitor }) => {
  const { page } = visitor;
  await visitor.joins('/polls/new');
  await page.getByLabel('Question').fill('Where shall we walk?');
  await page.getByLabel('Description').fill('Bring boots. Map: https://example.org/map');
  await page.getByLabel('Choice 1').fill('Up the hill');
  await page.getByLabel('Choice 2').fill('Along the river');
  await page.getByLabel('Choice 3').fill('Nowhere');
  await visitor.presses('Add a choice');
  // The focus is in the next field to fill in, with and without scripts.
  await expect(page.getByLabel('Choice 4')).toBeFocused();
  await page.keyboard.type('Around the lake');
  await visitor.presses('Move choice 4 up');
  await expect(page.getByRole('button', { name: 'Move choice 3 up' })).toBeFocused();
  await expect(page.getByLabel('Choice 3')).toHaveValue('Around the lake');
  await visitor.presses('Remove choice 4');
  await expect(page.getByLabel('Choice 4')).toHaveCount(0);
  await visitor.presses('Move choice 1 down');
  await expect(page.getByLabel('Choice 2')).toHaveValue('Up the hill');
  await expect(page.getByLabel('Question')).toHaveValue('Where shall we walk?');
  await page.getByLabel('A ranking').check();
  await visitor.isAt('/polls/new');
  await visitor.presses('Save as draft');
  await expect(page.getByText('This is a draft. Only you can see it.')).toBeVisible();
  const poll = currentPath(page);
  await visitor.isAt(poll);
  await expect(page.getByRole('link', { name: 'https://example.org/map' })).toHaveAttribute('rel', /nofollow/);
  await visitor.follows('Preview the ballot');
  await visitor.isAt(`${poll}/vote`);
  await expect(page.getByText('This is a preview')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Vote', exact: true })).toBeDisabled();
  await page.getByRole('link', { name: 'Back to the poll' }).click();
  await visitor.isAt(poll);
  await visitor.follows('Edit');
  await visitor.isAt(`${poll}/edit`);
  await expect(page.getByLabel('Choice 3')).toHaveValue('Around the lake');
  await page.getByLabel('Question').fill('Where shall we walk on Sunday?');
  await visitor.presses('Save as draft');
  await visitor.isAt(poll);
  await visitor.presses('Open now');
  await expect(page.getByText("It's open, so the question")).toBeVisible();
  await page.getByLabel('Around the lake', { exact: true }).selectOption('1');
  await visitor.presses('Vote');
  await visitor.eventuallySees((options) => expect(page.locator('caption', { hasText: '1 vote so far' })).toBeVisible(options));
  await visitor.follows('Back to the poll');
  await page.getByText('Set a closing time', { exact: true }).click();
  await page.getByLabel('New closing time').fill('2099-01-01T10:00');
  await visitor.presses('Set closing time');
  await expect(page.getByText('Open until')).toBeVisible();
  await page.getByText('Close now', { exact: true }).click();
  await visitor.isAt(poll);
  await visitor.presses('Close the poll');
  await expect(page.getByText("It's closed for good.")).toBeVisible();

  // Shortly after the close the poll is sealed, and anyone can recount it.
  const bundle = page.getByRole('link', { name: 'Recount file (JSON)' });
  await expect(async () => {
    await page.goto(`${poll}/results`);
    await expect(bundle).toBeVisible({ timeout: 1_000 });
  }).toPass();
  await page.getByText('How it was counted').click();
  await expect(page.getByRole('table', { name: 'Round 1' })).toBeVisible();
  await visitor.isAt(`${poll}/results`);
  const file = await page.request.get((await bundle.getAttribute('href')) ?? '');
  const hash = createHash('sha256').update(await file.body()).digest('hex');
  await expect(page.locator('.fingerprint')).toHaveText(hash);
});

test('the form keeps its input when it has errors', async ({ visitor }) => {
  const { page } = visitor;
  visitor.expectsStatus(422);
  await visitor.joins('/polls/new');
  await page.getByLabel('Question').fill('Tea or coffee?');
  await page.getByLabel('Choice 1').fill('Tea');
  await page.getByLabel('Choice 2').fill('tea');
  await page.getByLabel('Several choices').check();
  await page.getByLabel('Closes', { exact: true }).fill('2020-01-01T10:00');
  // Enter moves on to the next choice, and does not create the poll.
  await page.getByLabel('Choice 2').press('Enter');
  await expect(page.getByLabel('Choice 3')).toBeFocused();
  await visitor.presses('Create poll');
  await expect(page.getByText('This is the same as choice 1.')).toBeVisible();
  await expect(page.getByText('This time has passed.')).toBeVisible();
  await expect(page.getByLabel('Choice 2')).toBeFocused();
  await visitor.isAt('/polls/new');
  await expect(page.getByLabel('Several choices')).toBeChecked();
  await page.getByLabel('Choice 2').fill('Coffee');
  await page.getByLabel('Closes', { exact: true }).fill('2099-01-01T10:00');
  await visitor.presses('Create poll');
  await expect(page.getByRole('heading', { level: 1, name: 'Tea or coffee?' })).toBeVisible();
  await expect(page.getByText('Open until')).toBeVisible();
});

test('an organiser creates a poll, votes in it, copies it and deletes it', async ({ visitor }) => {
  const { page } = visitor;
  await visitor.joins();
  await visitor.follows('Create a poll');
  await visitor.isAt('/polls/new');
  const question = `Is ${visitor.name} right?`;
  await page.getByLabel('Question').fill(question);
  await page.getByLabel('Choice 1').fill('Yes');
  await page.getByLabel('Choice 2').fill('No');
  await visitor.presses('Create poll');
  await expect(page.getByRole('heading', { level: 1, name: question })).toBeVisible();
  const poll = currentPath(page);
  await page.getByLabel('Yes').check();
  await visitor.presses('Vote');
  await visitor.isAt(`${poll}/results`);
  await page.goto('/account/polls');
  await visitor.isAt('/account/polls');
  await visitor.follows(question);
  await visitor.presses('Duplicate');
  await expect(page.getByRole('heading', { level: 1, name: 'Edit your draft' })).toBeVisible();
  await expect(page.getByLabel('Choice 2')).toHaveValue('No');
  await page.goto(poll);
  await visitor.presses('Unlist');
  await expect(page.getByText('Only people with the link can find it.')).toBeVisible();
  await page.getByText('Delete', { exact: true }).click();
  await visitor.isAt(poll);
  await visitor.presses('Delete for good');
  await visitor.isAt('/account/polls');
  await expect(page.getByRole('link', { name: question })).toHaveCount(1);
  visitor.expectsStatus(404);
  await page.goto(poll);
  await expect(page.getByRole('heading', { level: 1, name: 'Page not found' })).toBeVisible();
});
