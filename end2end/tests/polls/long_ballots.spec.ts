import { expect, test, type Visitor } from '../../support/fixtures';

const twenty = Array.from({ length: 20 }, (_, index) => `Dog number ${index + 1}`);

/** Creates a poll with twenty choices, and opens its ballot. */
async function opensBallot(visitor: Visitor, kind: Record<string, string>) {
  await visitor.joins('/polls/new');
  const { next } = await visitor.calls('create_poll', { question: `Which of the twenty? (${visitor.name})`, choice: twenty, listed: 'no', ...kind });
  await visitor.page.goto(`${next}/vote`);
}

for (const [kind, control] of [
  [{ kind: 'multiple', most: '5' }, 'checkbox'],
  [{ kind: 'ranked' }, 'combobox'],
] as const) {
  test(`the button of a long ballot stays in sight and covers no ${control} that has the focus`, async ({ visitor }) => {
    const { page } = visitor;
    await opensBallot(visitor, kind);
    await expect(page.getByRole('button', { name: 'Vote', exact: true })).toBeInViewport({ ratio: 1 });
    await page.getByRole(control).first().focus();
    const focused = page.locator(':focus');
    for (const dog of twenty) {
      await expect(page.getByLabel(dog, { exact: true })).toBeFocused();
      const covered = await focused.evaluate((element) => element.getBoundingClientRect().bottom - document.querySelector('.vote-bar')!.getBoundingClientRect().top);
      expect(covered, dog).toBeLessThan(0);
      // In a ranking with scripts, buttons come between.
      do await page.keyboard.press('Tab');
      while (await focused.evaluate((element) => element.matches('[data-move]')));
    }
    await expect(page.getByRole('button', { name: 'Vote', exact: true })).toBeFocused();
  });
}

test('a long ballot says how many of the choices are chosen', async ({ visitor }) => {
  const { page } = visitor;
  await opensBallot(visitor, { kind: 'multiple', most: '5' });
  const button = page.getByRole('button', { name: 'Vote', exact: true });
  const before = await button.boundingBox();
  for (const dog of twenty.slice(0, 3)) await page.getByLabel(dog, { exact: true }).check();
  const tally = page.locator('.vote-bar').getByRole('status');
  if (visitor.javascript) await expect(tally).toHaveText('3 of 5 chosen');
  else await expect(tally).toBeHidden();
  // Its line was free before.
  expect(await button.boundingBox()).toEqual(before);
});
