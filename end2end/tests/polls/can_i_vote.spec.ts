import { expect, test } from '../../support/fixtures';

test.use({ locale: 'en-GB' });

test('a stranger finds out days before whether they can vote, and tries the ballots', async ({ visitor }) => {
  const { page } = visitor;
  visitor.expectsStatus(422);
  await page.goto('/register');
  await visitor.follows('Check your phone and browser first');
  await visitor.isAt('/can-i-vote');
  await expect(page.getByText('It runs scripts.')).toBeVisible({ visible: visitor.javascript });
  await expect(page.locator('noscript p', { hasText: 'It runs no scripts.' })).toBeVisible({ visible: !visitor.javascript });

  // The browser's language tells the country.
  const phone = page.getByLabel('Phone number');
  await expect(page.getByLabel('Country')).toHaveValue('GB');
  await phone.fill('0909 879 0000');
  await visitor.presses('Check number');
  await expect(phone).toHaveAccessibleDescription(/This is a premium rate number\./);
  await expect(phone).toBeFocused();
  await visitor.isAt('/can-i-vote');
  await phone.fill(visitor.number.replace('+44', '0'));
  await visitor.presses('Check number');
  await expect(page.getByRole('alert')).toHaveText(/^\+44.7700.900\d{3} is a mobile number \(United Kingdom\)\. You'd get your code by text/);
  await expect(page.getByRole('alert')).toBeFocused();
  await expect(page.getByRole('alert')).toBeInViewport();
  await expect(page.locator('.error')).toHaveCount(0);
  await visitor.isAt('/can-i-vote');

  await visitor.presses('Check cookies');
  await expect(page.getByRole('alert')).toHaveText('Your browser accepts our cookies, so you can vote with it.');

  const practice = page.getByRole('region', { name: 'Practice ballots' });
  const fillIn: Record<string, () => Promise<unknown>> = {
    One: () => page.getByLabel('Water').check(),
    Several: async () => {
      await page.getByLabel('A ball').check();
      await page.getByLabel('Water').check();
    },
    Ranked: async () => {
      await page.getByLabel('Biscuits', { exact: true }).selectOption('1');
      await page.getByLabel('Water', { exact: true }).selectOption('2');
    },
    Rated: () => page.getByRole('group', { name: 'Water' }).getByRole('radio', { name: '4' }).check(),
  };
  const counted: Record<string, RegExp> = {
    One: /“.?Water.?”\./,
    Several: /“.?A ball.?” and “.?Water.?”\./,
    Ranked: /1\. “.?Biscuits.?”, 2\. “.?Water.?”\./,
    Rated: /“.?A ball.?” 0, “.?A blanket.?” 0, “.?Biscuits.?” 0, “.?Water.?” 4\./,
  };
  for (const [index, [kind, fill]] of Object.entries(fillIn).entries()) {
    const ballot = `/can-i-vote?ballot=${['one', 'several', 'ranked', 'rated'][index]}#practice`;
    await visitor.follows(kind);
    await visitor.isAt(ballot);
    await expect(practice).toBeInViewport();
    await expect(page.getByRole('navigation', { name: 'Kind of ballot' }).locator('[aria-current]')).toHaveText(kind);
    await visitor.presses('Try this ballot');
    await expect(practice.locator('.error').first()).toBeVisible();
    await fill();
    await visitor.presses('Try this ballot');
    await expect(practice.getByRole('alert')).toHaveText(counted[kind]);
    await expect(practice.getByRole('alert')).toHaveText(/^Your practice ballot: .* Nothing was stored\.$/);
  }
  // The page holds at 320 pixels.
  await page.setViewportSize({ width: 320, height: 640 });
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(320);
});

test('a browser without cookies is told so, and what to do', async ({ visitor }) => {
  const { page } = visitor;
  visitor.expectsStatus(422);
  await page.goto('/can-i-vote');
  await page.context().clearCookies();
  await visitor.presses('Check cookies');
  await expect(page.getByText('allow cookies for this site in your browser')).toBeVisible();
});

test('a poll that opens later leads to the check of its rules', async ({ visitor, another }) => {
  const organiser = await another();
  await organiser.joins();
  const question = `Which way shall we walk? (${organiser.name})`;
  const poll = (await organiser.calls('create_poll', { question, choice: ['Left', 'Right'], kind: 'ranked', opens: '2098-11-24T12:05', countries: '+33' })).next;
  const id = poll.split('/').pop();
  const { page } = visitor;
  visitor.expectsStatus(422);
  await page.goto(poll);
  await visitor.follows('Check now whether you can vote');
  await visitor.isAt(`/can-i-vote?poll=${id}`);
  await expect(page.getByRole('heading', { name: `To vote in “${question}”` })).toBeVisible();
  await expect(page.getByRole('navigation', { name: 'Kind of ballot' }).locator('[aria-current]')).toHaveText('Ranked');
  await page.getByLabel('Phone number').fill(visitor.number);
  await visitor.presses('Check number');
  await expect(page.getByLabel('Phone number')).toHaveAccessibleDescription(/Only phone numbers starting with \+33 can vote in this poll\./);
  await visitor.isAt(`/can-i-vote?poll=${id}`);
  await organiser.calls('delete_poll', { poll: id });
});
