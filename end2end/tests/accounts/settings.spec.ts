import { readFileSync } from 'node:fs';
import { expect, test } from '../../support/fixtures';

test('changing the password asks for the current one and logs out other browsers', async ({ visitor, browser }) => {
  const { page } = visitor;
  visitor.expectsStatus(422);
  await visitor.registers();
  const other = await browser.newContext({ javaScriptEnabled: visitor.javascript });
  const elsewhere = await other.newPage();
  await elsewhere.goto('/login');
  await visitor.submits('Log in', visitor.password, elsewhere);
  await expect(elsewhere).toHaveURL('/verify');

  await page.getByRole('banner').locator('summary').click();
  await visitor.follows('Your account');
  await visitor.isAt('/account');
  await expect(page.locator('#sessions').getByRole('listitem')).toHaveCount(2);
  await visitor.follows('Change your password');
  await visitor.isAt('/account/password');
  await page.getByLabel('Current password').fill('three green beagles');
  await page.getByLabel('New password').fill('three red beagles');
  await visitor.presses('Change password');
  await expect(page.getByText('That is not your password. Please try again.')).toBeVisible();
  await expect(page.getByLabel('New password')).toHaveValue('');
  await visitor.isAt('/account/password');
  await page.getByLabel('Current password').fill(visitor.password);
  await page.getByLabel('New password').fill('three red beagles');
  await visitor.presses('Change password');
  await visitor.isAt('/account');
  await expect(page.getByText('Password changed. All other browsers are logged out.')).toBeVisible();
  await expect(page.locator('#sessions').getByRole('listitem')).toHaveCount(1);
  await visitor.presses('Got it');
  await expect(page.getByText('If that was not you')).toHaveCount(0);
  await elsewhere.goto('/account');
  await expect(elsewhere).toHaveURL('/login?next=/account');
  await other.close();
});

test('a session in another browser can be ended from the account page', async ({ visitor, browser }) => {
  const { page } = visitor;
  await visitor.registers();
  const other = await browser.newContext({
    javaScriptEnabled: visitor.javascript,
    userAgent: 'Mozilla/5.0 (Android 15; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0',
  });
  const elsewhere = await other.newPage();
  await elsewhere.goto('/login');
  await visitor.submits('Log in', visitor.password, elsewhere);
  await expect(elsewhere).toHaveURL('/verify');
  await page.goto('/account');
  await visitor.presses('Log out there Firefox on Android');
  await expect(page.getByText('That browser is logged out.')).toBeVisible();
  await visitor.isAt('/account');
  await elsewhere.goto('/account');
  await expect(elsewhere).toHaveURL('/login?next=/account');
  await other.close();
});

test('the number is shown masked, and the data can be downloaded', async ({ visitor }) => {
  const { page } = visitor;
  await visitor.joins('/account');
  await expect(page.locator('#number')).toContainText(`···· ··${visitor.number.slice(-2)}`);
  await expect(page.getByText(visitor.number)).toHaveCount(0);
  await visitor.follows('Download your data');
  await visitor.isAt('/account/data');
  const downloading = page.waitForEvent('download');
  await visitor.follows('Download the file');
  const file = await (await downloading).path();
  const data = JSON.parse(readFileSync(file, 'utf8'));
  expect(data).toMatchObject({ username: visitor.name, phone_number: visitor.number });
});

test('an account is deleted after the password is entered, and can no longer log in', async ({ visitor }) => {
  const { page } = visitor;
  visitor.expectsStatus(422);
  await visitor.registers();
  await page.goto('/account');
  await visitor.follows('Delete your account');
  await visitor.isAt('/account/delete');
  await visitor.presses('Delete my account');
  await expect(page.getByText('Enter your password.')).toBeVisible();
  await page.getByLabel('Password', { exact: true }).fill(visitor.password);
  await visitor.presses('Delete my account');
  await visitor.isAt('/');
  await expect(page.getByText('Your account is deleted.')).toBeVisible();
  await page.goto('/login');
  await visitor.submits('Log in');
  await expect(page.getByRole('alert')).toHaveText("Your username and password didn't match. Please try again.");
});

test('after the password is confirmed, the page that asked for it opens', async ({ visitor }) => {
  const { page } = visitor;
  visitor.expectsStatus(422);
  await visitor.registers();
  await page.goto('/account/confirm?next=/account/data');
  await visitor.isAt('/account/confirm?next=/account/data');
  await page.getByLabel('Password', { exact: true }).fill('three green beagles');
  await visitor.presses('Continue');
  await expect(page.getByText('That is not your password. Please try again.')).toBeVisible();
  await page.getByLabel('Password', { exact: true }).fill(visitor.password);
  await visitor.presses('Continue');
  await visitor.isAt('/account/data');
});
