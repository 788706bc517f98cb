import { expect, KIND_OF_DOG, test } from '../../support/fixtures';

test.use({ contextOptions: { reducedMotion: 'no-preference' } });

test('results update while others vote, until the reader logs out', async ({ visitor, another }) => {
  const { page } = visitor;
  // No other test votes for this choice, so that its count is known.
  const choice = visitor.javascript ? "I can't choose!" : 'A beagle';
  const poll = await visitor.pathOf(KIND_OF_DOG);
  await visitor.joins(`${poll}/vote`);
  await page.getByLabel('A cat').check();
  await visitor.presses('Vote');
  await visitor.isAt(`${poll}/results`);
  const votes = page.getByRole('row', { name: choice }).getByRole('cell').first();
  const before = Number(await votes.innerText());
  // The page does not reload: the receipt, which is shown once, and the focus stay.
  if (visitor.javascript) {
    await expect(page.getByText('Live: updates automatically.')).toBeVisible();
    await page.getByRole('link', { name: 'Back to the poll' }).focus();
  }

  const other = await another();
  await other.joins(`${poll}/vote`);
  await other.page.getByLabel(choice).check();
  await other.presses('Vote');
  await other.isAt(`${poll}/results`);

  if (!visitor.javascript) {
    await visitor.follows('Refresh');
    await visitor.eventuallySees((options) => expect(votes).toHaveText(String(before + 1), options));
    await visitor.follows('Refresh every 10 seconds');
    await visitor.isAt(`${poll}/results?refresh=10`);
    await visitor.follows('Stop');
    await visitor.isAt(`${poll}/results`);
    return;
  }
  await expect(votes).toHaveText(String(before + 1));
  await expect(page.getByRole('link', { name: 'Back to the poll' })).toBeFocused();
  await expect(page.locator('output')).toBeVisible();

  // In another tab, so that this page sends no request.
  const tab = await page.context().newPage();
  await tab.goto('/');
  await visitor.logsOut(tab);
  await expect(page.getByRole('link', { name: 'Refresh', exact: true })).toBeVisible();
  await expect(page.getByText('Live: updates automatically.')).toBeHidden();
});
