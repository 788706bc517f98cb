import { expect, KIND_OF_DOG, test, WHATS_UP, WHO_LET } from '../../support/fixtures';

test.use({ contextOptions: { reducedMotion: 'no-preference' } });

test('a new visitor registers, verifies a number, votes and sees the results', async ({ visitor }) => {
  const { page } = visitor;
  await visitor.joinsByForms();
  const poll = await visitor.pathOf(KIND_OF_DOG);
  await visitor.follows(KIND_OF_DOG);
  await visitor.isAt(poll);
  await page.getByLabel('A golden retriever').check();
  await visitor.presses('Vote');
  await visitor.isAt(`${poll}/results`);
  await expect(page.getByText('Thanks, your vote is counted.')).toBeVisible();
  await expect(page.locator('output')).toHaveText(/\w{4}/);
  await visitor.isAt(`${poll}/results`);
  const votes = page.getByRole('row', { name: 'A golden retriever' }).getByRole('cell').first();
  await visitor.eventuallySees((options) => expect(votes).toHaveText(/^[1-9]\d*$/, options));
  await visitor.follows('Back to the poll');
  await visitor.isAt(poll);
  await expect(page.getByText('You have voted in this poll.')).toBeVisible();
});

test('a second vote, from another tab, is not counted', async ({ visitor }) => {
  // No other test votes in this poll, so that the count is known.
  const poll = await visitor.pathOf(visitor.javascript ? WHATS_UP : WHO_LET);
  visitor.expectsStatus(422);
  await visitor.joinsByForms(`${poll}/vote`);
  const first = visitor.page;
  const second = await first.context().newPage();
  await second.goto(`${poll}/vote`);
  await first.getByRole('radio').first().check();
  await second.getByRole('radio').last().check();
  await visitor.presses('Vote', first);
  await visitor.isAt(`${poll}/results`, first);
  await visitor.presses('Vote', second);
  await expect(second.getByRole('alert')).toHaveText("You've already voted in this poll, and that vote stands.");
  await visitor.isAt(`${poll}/vote`, second);
  await second.getByRole('link', { name: 'See the results' }).click();
  await visitor.isAt(`${poll}/results`, second);
  await visitor.eventuallySees((options) => expect(second.locator('caption', { hasText: '1 vote so far' })).toBeVisible(options), second);
});

test('a ballot without a choice is refused', async ({ visitor }) => {
  const { page } = visitor;
  visitor.expectsStatus(422);
  const ballot = `${await visitor.pathOf(KIND_OF_DOG)}/vote`;
  await visitor.joinsByForms(ballot);
  await visitor.presses('Vote');
  await expect(page.getByText("You didn't select a choice.")).toBeVisible();
  await visitor.isAt(ballot);
  await page.getByLabel('A cat').check();
  await visitor.presses('Vote');
  await visitor.isAt(ballot.replace(/vote$/, 'results'));
});
