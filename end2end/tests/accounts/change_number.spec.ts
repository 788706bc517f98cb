import { expect, KIND_OF_DOG, test } from '../../support/fixtures';

test('a number is changed with a code to the new one, which can then vote', async ({ visitor, another }) => {
  const { page } = visitor;
  visitor.expectsStatus(422);
  const poll = await visitor.pathOf(KIND_OF_DOG);
  await visitor.joins(`${poll}/vote`);
  const spare = (await another()).number;
  await page.goto('/account');
  await visitor.follows('Change your number');
  await visitor.isAt('/account/number');
  await page.getByLabel('Phone number').fill(visitor.number);
  await visitor.presses('Send code');
  await expect(page.getByText('You already use that number.')).toBeVisible();
  await visitor.isAt('/account/number');
  // The site sends a code at most every thirty seconds, for any purpose.
  await page.waitForTimeout(31_000);
  await page.getByLabel('Phone number').fill(spare);
  await visitor.presses('Send code');
  await visitor.isAt('/account/number/code');
  await visitor.confirms(await visitor.readsCode(spare));
  await visitor.isAt('/account');
  await expect(page.getByText('You changed your number')).toBeVisible();
  await page.goto(`${poll}/vote`);
  await expect(page.getByRole('button', { name: 'Vote', exact: true })).toBeVisible();
});

test('a recovery code lets in an account without its phone, to verify a new number', async ({ visitor, another }) => {
  const { page } = visitor;
  await visitor.joins('/account/recovery');
  await visitor.presses('Create new codes');
  await expect(page.getByRole('heading', { name: 'Your recovery codes' })).toBeVisible();
  const codes = (await page.locator('#codes').innerText()).split('\n');
  const { number } = await another();
  await visitor.logsOut();
  await visitor.isAt('/');
  await page.goto('/login');
  await visitor.submits('Log in');
  await visitor.isAt('/verify');
  await visitor.follows('Use a recovery code');
  await page.getByLabel('Recovery code').fill(codes[0]);
  await visitor.presses('Continue');
  await visitor.follows('Use a new number');
  await visitor.isAt('/account/number');
  await page.getByLabel('Phone number').fill(number);
  await visitor.presses('Send code');
  await visitor.isAt('/account/number/code');
  await visitor.confirms(await visitor.readsCode(number));
  await visitor.isAt('/account');
  await expect(page.getByText('Number changed. All other browsers are logged out.')).toBeVisible();
});
