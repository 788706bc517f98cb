import { expect, KIND_OF_DOG, test } from '../../support/fixtures';

test('a visitor who wants to vote logs in, verifies a number and returns to the ballot', async ({ visitor }) => {
  const { page } = visitor;
  await visitor.registers();
  await visitor.logsOut();
  await visitor.isAt('/');
  const ballot = `${await visitor.pathOf(KIND_OF_DOG)}/vote`;
  const next = `?next=${ballot}`;

  await page.goto(ballot);
  await visitor.isAt(`/login${next}`);
  await visitor.submits('Log in');
  await visitor.isAt(`/verify${next}`);
  await expect(page.getByText('To continue we need to verify your phone number.')).toBeVisible();
  await visitor.asksForCode();
  await visitor.isAt(`/verify/code${next}`);
  await visitor.confirms(await visitor.opensPhone());
  await visitor.isAt(ballot);
  await expect(page.getByRole('button', { name: 'Vote', exact: true })).toBeVisible();
});

test('the ballot is remembered while a visitor creates an account', async ({ visitor }) => {
  const ballot = `${await visitor.pathOf(KIND_OF_DOG)}/vote`;
  const next = `?next=${ballot}`;
  await visitor.page.goto(ballot);
  await visitor.isAt(`/login${next}`);
  await visitor.follows('Create one');
  await visitor.isAt(`/register${next}`);
  await visitor.submits('Create account');
  await visitor.isAt(`/verify${next}`);
});

test('a wrong code says how many tries are left, and the right one still works', async ({ visitor }) => {
  const { page } = visitor;
  visitor.expectsStatus(422);
  await visitor.registers();
  await visitor.asksForCode();
  const code = await visitor.opensPhone();
  await visitor.confirms(code === '000000' ? '111111' : '000000');
  await expect(page.getByText('That code is not right. You have 2 tries left.')).toBeVisible();
  await expect(page.getByLabel('Code', { exact: true })).toHaveValue('');
  await visitor.isAt('/verify/code');
  await visitor.confirms(code);
  await visitor.declinesRecoveryCodes();
});

test('a wrong password keeps the username in the form, but not the password', async ({ visitor }) => {
  const { page } = visitor;
  visitor.expectsStatus(422);
  await visitor.registers();
  await visitor.logsOut();
  await visitor.isAt('/');
  await visitor.follows('Log in');
  await visitor.isAt('/login');
  await visitor.submits('Log in', 'four green beagles');
  await expect(page.getByRole('alert')).toHaveText("Your username and password didn't match. Please try again.");
  await expect(page.getByLabel('Username')).toHaveValue(visitor.name);
  await expect(page.getByLabel('Password')).toHaveValue('');
  await visitor.isAt('/login');
  await visitor.submits('Log in');
  await visitor.isAt('/verify');
});

test('after logging out from the menu, voting asks for a login', async ({ visitor }) => {
  const { page } = visitor;
  await visitor.joinsByForms();
  await visitor.logsOut();
  await expect(page.getByText('You are logged out.')).toBeVisible();
  await visitor.isAt('/');
  const ballot = `${await visitor.pathOf(KIND_OF_DOG)}/vote`;
  await page.goto(ballot);
  await visitor.isAt(`/login?next=${ballot}`);
});
