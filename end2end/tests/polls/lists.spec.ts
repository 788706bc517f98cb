import { expect, test } from '../../support/fixtures';

test('open polls are listed newest first, or in the order in which they close', async ({ visitor }) => {
  const { page } = visitor;
  await visitor.joins('/polls/new');
  const asks = async (what: string, hours: number, more: object) => {
    const closes = new Date(Date.now() + (hours * 60 + 5) * 60_000).toISOString().slice(0, 16);
    return (await visitor.calls('create_poll', { question: `${what} (${visitor.name})`, choice: ['Yes', 'No'], closes, zone: 'UTC', ...more })).next;
  };
  const polls = [await asks('Second?', 30, { kind: 'ranked', results: 'always' })];
  polls.push(await asks('First?', 3, { kind: 'multiple', results: 'after_close' }));
  polls.push(await asks('Third?', 50, { results: 'after_vote' }));
  const cards = page.getByRole('listitem').filter({ hasText: visitor.name });
  const questions = ['First?', 'Second?', 'Third?'].map((what) => `${what} (${visitor.name})`);

  await page.goto('/');
  await expect(cards.getByRole('heading')).toHaveText([questions[2], questions[0], questions[1]]);
  await visitor.follows('Closing soon');
  await visitor.isAt('/?order=closing');
  await expect(cards.getByRole('heading')).toHaveText(questions);
  await expect(cards.nth(0)).toContainText('Closes in 3 hours');
  await expect(cards.nth(0)).toContainText('Several choices');
  await expect(cards.nth(0)).not.toContainText('vote');
  await expect(cards.nth(1)).toContainText('1 day left');
  await expect(cards.nth(1)).toContainText('No votes');
  await expect(cards.nth(1)).toContainText('A ranking');
  await expect(cards.nth(2)).not.toContainText('vote');
  await visitor.follows('Newest');
  await visitor.isAt('/');
  await expect(cards.getByRole('heading').first()).toHaveText(questions[2]);
  for (const poll of polls) await visitor.closes(poll);
});
