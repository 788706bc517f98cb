import { expect, test } from '../../support/fixtures';

test('a page left open shows at the next step who is logged in now', async ({ visitor, another }) => {
  const { page } = visitor;
  visitor.expectsStatus(409);
  await visitor.registers();
  const other = await another();
  await other.registers();
  await visitor.asksForCode();

  const second = await page.context().newPage();
  await second.goto('/');
  await visitor.logsOut(second);
  await expect(second.getByText('You are logged out.')).toBeVisible();
  // The next step in the first tab shows that the visitor is logged out.
  await page.getByRole('link', { name: 'Pollstr', exact: true }).click();
  await expect(page.getByRole('banner').getByRole('link', { name: 'Log in' })).toBeVisible();
  await expect(page.getByRole('banner')).not.toContainText(visitor.name);

  // The visitor logs in again in the first tab; then another visitor logs in in the second.
  await page.goto('/login');
  await visitor.submits('Log in');
  await visitor.isAt('/verify');
  await second.goto('/');
  await visitor.logsOut(second);
  await expect(second.getByText('You are logged out.')).toBeVisible();
  await second.goto('/login');
  await other.submits('Log in', other.password, second);
  await expect(second).toHaveURL('/verify');

  await page.getByLabel('Phone number').fill(visitor.number);
  await visitor.presses('Send code');
  await expect(page.getByRole('alert')).toContainText('Someone else has logged in with this browser');
  await expect(page.getByRole('banner')).toContainText(other.name);
  await page.getByRole('link', { name: 'Pollstr', exact: true }).click();
  await visitor.isAt('/');
  await expect(page.getByRole('banner')).toContainText(other.name);
  await second.close();
});
