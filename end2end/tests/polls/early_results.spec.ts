import { expect, test } from '../../support/fixtures';

test.use({ timezoneId: 'UTC', locale: 'en-GB' });

test('results asked for early: a page says when they come, and how many have voted', async ({ visitor }) => {
  const { page } = visitor;
  await visitor.joins('/polls/new');
  const closes = new Date(Date.now() + 50 * 3_600_000).toISOString().slice(0, 16);
  const asked = { question: `Who is early? (${visitor.name})`, choice: ['Me', 'You'], closes, results: 'after_close', turnout: 'yes' };
  const { next: poll } = await visitor.calls('create_poll', asked);
  await page.goto(poll);
  await expect(page.getByText('Fewer than 5 people have voted so far.')).toBeVisible();
  await page.goto(`${poll}/results`);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(asked.question);
  await expect(page.getByText('Results will be published when the poll closes, on ')).toBeVisible();
  await expect(page.getByText("That's in 2 days and 1 hour.")).toBeVisible();
  await expect(page.getByText('Fewer than 5 people have voted so far.')).toBeVisible();
  await expect(page.getByRole('link', { name: 'See the results' })).toBeHidden();
  const downloading = page.waitForEvent('download');
  await page.getByRole('link', { name: 'Add to calendar' }).click();
  expect((await downloading).suggestedFilename()).toBe(`poll-${poll.split('/').at(-1)}.ics`);
  await visitor.follows('Vote');
  await visitor.isAt(`${poll}/vote`);
});

test('with scripts the time left counts down, and at its end leads to the results', async ({ visitor }) => {
  test.skip(!visitor.javascript, 'without scripts the page says the exact time');
  const { page } = visitor;
  await visitor.joins('/polls/new');
  const closes = new Date(Date.now() + 3 * 3_600_000).toISOString().slice(0, 16);
  const asked = { question: `Who waits? (${visitor.name})`, choice: ['Me', 'You'], closes, results: 'after_close' };
  const { next: poll } = await visitor.calls('create_poll', asked);
  await page.clock.install();
  await page.goto(`${poll}/results`);
  const left = page.locator('time[data-left]');
  await expect(left).toHaveText(/^in 2 hours and 5[89] minutes$/);
  await page.clock.fastForward('01:00:00');
  await expect(left).toHaveText(/^in 1 hour and 5[789] minutes$/);
  await page.clock.fastForward('02:00:00');
  await expect(left).toHaveText('now');
  await expect(page.getByRole('link', { name: 'See the results' })).toBeVisible();
  await expect(page.getByRole('link', { name: 'Vote', exact: true })).toBeHidden();
});
