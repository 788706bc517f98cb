import { expect, test, type Visitor } from '../../support/fixtures';

/** Creates a ranked poll, opens its ballot, and returns its path. */
async function opensBallot(visitor: Visitor, choices: string[]) {
  const { page } = visitor;
  await visitor.joins('/polls/new');
  const { next } = await visitor.calls('create_poll', { question: `In which order? (${visitor.name})`, choice: choices, kind: 'ranked', listed: 'no' });
  await page.goto(`${next}/vote`);
  return next;
}

const fifty = Array.from({ length: 50 }, (_, index) => `Dog number ${index + 1}`);

// Without scripts, places are chosen from lists.
test('a tap in a ranking of fifty choices does not scroll the page', { tag: '@scripts' }, async ({ visitor }) => {
  const { page } = visitor;
  await opensBallot(visitor, fifty);
  const at = () => page.evaluate(() => scrollY);
  const placeOf = (name: string) => page.getByLabel(name, { exact: true });

  const up = page.getByRole('button', { name: 'Move up: Dog number 40', exact: true });
  await up.scrollIntoViewIfNeeded();
  let before = await at();
  expect(before).toBeGreaterThan(1500);
  await up.tap();
  await expect(placeOf('Dog number 40')).toHaveValue('1');
  expect(Math.abs((await at()) - before)).toBeLessThan(150);

  // A tap on a row gives it the next place.
  for (const [name, place] of [['Dog number 37', '2'], ['Dog number 38', '3']] as const) {
    before = await at();
    await page.getByText(name, { exact: true }).tap();
    await expect(placeOf(name)).toHaveValue(place);
    await expect(page.getByRole('listitem').nth(Number(place) - 1)).toContainText(name);
    expect(Math.abs((await at()) - before)).toBeLessThan(150);
  }
  // Another tap changes nothing.
  await page.getByText('Dog number 37', { exact: true }).tap();
  await expect(placeOf('Dog number 37')).toHaveValue('2');
  // With keys the page scrolls along.
  const key = page.getByRole('button', { name: 'Move up: Dog number 50', exact: true });
  await key.press('Enter');
  await expect(key).toBeFocused();
  await expect(placeOf('Dog number 50')).toHaveValue('4');
  await expect(key).toBeInViewport();
});

// With scripts, no two choices have the same place.
test('choices with the same place are named and marked', { tag: '@plain' }, async ({ visitor }) => {
  const { page } = visitor;
  visitor.expectsStatus(422);
  const poll = await opensBallot(visitor, ['Beagle', 'Collie', 'Dachshund', 'Poodle']);
  for (const dog of ['Beagle', 'Dachshund']) await page.getByLabel(dog, { exact: true }).selectOption('2');
  await page.getByLabel('Poodle', { exact: true }).selectOption('1');
  await visitor.presses('Vote');
  await expect(page.getByText(/^Two choices have the same rank\. Give each its own: \W*Beagle\W+ and \W+Dachshund\W+$/)).toBeVisible();
  for (const [dog, other] of [['Beagle', 'Dachshund'], ['Dachshund', 'Beagle']] as const) {
    await expect(page.getByLabel(dog, { exact: true })).toHaveAttribute('aria-invalid', 'true');
    await expect(page.getByLabel(dog, { exact: true })).toHaveAccessibleDescription(new RegExp(`Same rank as \\W+${other}`));
  }
  await expect(page.getByLabel('Beagle', { exact: true })).toBeFocused();
  await expect(page.locator('[aria-invalid]')).toHaveCount(2);
  await visitor.isAt(`${poll}/vote`);
});
