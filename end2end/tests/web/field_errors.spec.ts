import { expect, KIND_OF_DOG, test } from '../../support/fixtures';

// Without scripts, errors stay until the form is sent again.
test('an error disappears when its field changes', { tag: '@scripts' }, async ({ visitor }) => {
  const { page } = visitor;
  visitor.expectsStatus(422);
  await visitor.registers();
  const phone = page.getByLabel('Phone number');
  for (const [changed, to] of [['Phone number', visitor.number], ['Country', 'GB']] as const) {
    await phone.fill('0900');
    await visitor.presses('Send code');
    await expect(page.locator('#phone-error')).toBeVisible();
    if (changed === 'Country') await page.getByLabel(changed).selectOption(to);
    else await phone.fill(to);
    await expect(page.locator('.error')).toHaveCount(0);
    await expect(page.locator('[aria-invalid]')).toHaveCount(0);
    await expect(phone).toHaveAttribute('aria-describedby', 'phone-hint');
  }
});

// Without scripts, errors stay until the form is sent again.
test('an error of another field stays, and that of a ballot disappears with a choice', { tag: '@scripts' }, async ({ visitor }) => {
  const { page } = visitor;
  visitor.expectsStatus(422);
  await visitor.joins('/polls/new');
  await visitor.presses('Create poll');
  await expect(page.locator('#question-error')).toBeVisible();
  // An error of all choices is shown at the first that needs a change.
  const first = page.getByLabel('Choice 1');
  await expect(first).toHaveAccessibleDescription('Add at least two choices.');
  await page.getByLabel('Choice 2').fill('Tea');
  await expect(page.locator('.error')).toHaveCount(2);
  await first.fill('Coffee');
  await expect(page.locator('.error')).toHaveCount(1);
  await page.getByLabel('Question').fill('What shall we drink?');
  await expect(page.locator('.error')).toHaveCount(0);

  await page.goto(`${await visitor.pathOf(KIND_OF_DOG)}/vote`);
  await visitor.presses('Vote');
  await expect(page.getByText("You didn't select a choice.")).toBeVisible();
  await page.getByLabel('A cat').check();
  await expect(page.getByText("You didn't select a choice.")).toHaveCount(0);
  await expect(page.getByRole('group', { name: 'Choose one' })).not.toHaveAttribute('aria-describedby');
});

test('an error of the choices of a poll is shown at a choice', async ({ visitor }) => {
  const { page } = visitor;
  visitor.expectsStatus(422);
  await visitor.joins('/polls/new');
  await page.getByLabel('Question').fill('What shall we drink?');
  await page.getByLabel('Choice 1').fill('Tea');
  await visitor.presses('Create poll');
  const second = page.getByLabel('Choice 2');
  await expect(second).toBeFocused();
  await expect(second).toHaveAccessibleDescription('Add at least two choices.');
  const field = (await second.boundingBox())!;
  const error = (await page.getByText('Add at least two choices.').boundingBox())!;
  expect(error.y - field.y - field.height).toBeLessThan(20);
});

// Without scripts, the next page says so.
test('an expired code is no longer announced as on its way', { tag: '@scripts' }, async ({ visitor }) => {
  const { page } = visitor;
  await page.clock.install();
  await visitor.registers();
  await visitor.asksForCode();
  await expect(page.getByText("Didn't get a code?")).toBeVisible();
  await page.clock.runFor(5 * 60_000 + 2_000);
  await expect(page.getByText('We have sent a code to your number.')).toBeHidden();
  await expect(page.getByText("Didn't get a code?")).toBeHidden();
  await expect(page.getByRole('main').getByText('The code has expired. Get a new one.')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Send a new code' })).toBeEnabled();
});
