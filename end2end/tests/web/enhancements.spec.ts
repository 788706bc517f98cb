import { expect, test } from '../../support/fixtures';

test.use({ timezoneId: 'Asia/Kolkata', locale: 'en-GB', permissions: ['clipboard-read', 'clipboard-write'] });

test("times are shown in the reader's zone and stay machine-readable", async ({ visitor }) => {
  const { page } = visitor;
  await visitor.registers();
  await visitor.asksForCode();
  const time = page.locator('time').first();
  await expect(time).toHaveAttribute('datetime', /T.*Z$/);
  if (visitor.javascript) {
    const at = (await time.getAttribute('datetime')) ?? '';
    const there = new Date(at).toLocaleTimeString('en-GB', { timeZone: 'Asia/Kolkata' });
    await expect(time).toHaveText(there);
    await expect(time).toHaveAttribute('title', /\d{4} at \d\d:\d\d:\d\d (GMT|IST)/);
  } else {
    await expect(time).toHaveText(/ UTC$/);
  }
});

test('with scripts, a password can be shown before it is sent', async ({ visitor }) => {
  const { page } = visitor;
  await page.goto('/login');
  const password = page.getByLabel('Password');
  const show = page.getByRole('button', { name: 'Show password' });
  await expect(show).toBeVisible({ visible: visitor.javascript });
  if (!visitor.javascript) return;
  await password.fill('three blue beagles');
  await show.click();
  await expect(password).toHaveAttribute('type', 'text');
  await expect(page.locator('[aria-live]')).toHaveText('Your password is shown.');
  await page.getByRole('button', { name: 'Hide password' }).click();
  await expect(password).toHaveAttribute('type', 'password');
});

test('a copy button that is added later works and announces the copy', async ({ visitor }) => {
  const { page } = visitor;
  await page.goto('/');
  await page.goto('/login');
  if (!visitor.javascript) return;
  await page.evaluate(() => {
    document.querySelector('main')!.insertAdjacentHTML('beforeend', '<output id="word">wag</output><button data-copy="word" hidden>Copy</button>');
  });
  await visitor.presses('Copy');
  await expect(page.getByRole('button', { name: 'Copied' })).toBeVisible();
  await expect(page.locator('[aria-live]')).toHaveText('Copied.');
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe('wag');
});
