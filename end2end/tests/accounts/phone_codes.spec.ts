import { expect, test } from '../../support/fixtures';

test.use({ locale: 'en-GB', contextOptions: { reducedMotion: 'no-preference' } });

test('a number in national format is shown in international format before it is sent', async ({ visitor }) => {
  const { page } = visitor;
  visitor.expectsStatus(422);
  await visitor.registers();
  await expect(page.getByLabel('Country')).toHaveValue('GB');
  const phone = page.getByLabel('Phone number');
  if (visitor.javascript) {
    await phone.fill('0900');
    await phone.blur();
    await expect(page.locator('.understood')).toHaveText(/^This number is too short\./);
    await phone.fill(visitor.number.replace('+44', '0'));
    await phone.blur();
    await expect(page.locator('.understood')).toHaveText(/^We'll text \+44.7700.900\d{3}, United Kingdom\.$/);
  }
  await phone.fill('0909 879 0000');
  await visitor.presses('Send code');
  await expect(page.getByText('This is a premium rate number. Use your mobile or home number.').first()).toBeVisible();
  await visitor.isAt('/verify');
  await phone.fill(visitor.number.replace('+44', '0'));
  if (!visitor.javascript) {
    await visitor.presses('Check the number first');
    await expect(page.getByText(/We'll text \+44/)).toBeVisible();
    await expect(phone).toHaveValue(visitor.number.replace('+44', '0'));
  }
  await visitor.presses('Send code');
  await visitor.isAt('/verify/code');
  await expect(page.getByText(visitor.number.replace('+447700', '+44 7700 '))).toBeVisible();
});

test('the code page says how long to wait and what else can be done', async ({ visitor }) => {
  const { page } = visitor;
  await visitor.registers();
  await visitor.asksForCode();
  const again = page.getByRole('button', { name: 'Send a new code' });
  if (visitor.javascript) {
    await expect(again).toBeDisabled();
    await expect(page.getByText(/You can ask for another in \d+ seconds/)).toBeVisible();
    await expect(page.getByText(/The code expires in 5 minutes/)).toBeVisible();
  } else {
    await expect(again).toBeEnabled();
    await expect(page.getByText(/You can ask for another at \d\d:\d\d:\d\d UTC/)).toBeVisible();
  }
  const code = await visitor.readsCode();
  await expect(page.getByLabel('Code', { exact: true })).toHaveAttribute('autocomplete', 'one-time-code');
  await visitor.follows('Use another number');
  await visitor.isAt('/verify');
  await visitor.follows('Enter it');
  await visitor.confirms(`${code.slice(0, 3)} - ${code.slice(3)}`);
  await visitor.declinesRecoveryCodes();
});

test('after three wrong codes a call brings a new one', async ({ visitor }) => {
  const { page } = visitor;
  visitor.expectsStatus(422);
  visitor.expectsStatus(429);
  await visitor.registers();
  await visitor.asksForCode();
  const code = await visitor.readsCode();
  const wrong = code === '000000' ? '000001' : '000000';
  await visitor.confirms('12');
  await expect(page.getByText('Enter the 6-digit code.')).toBeVisible();
  for (const left of ['2 tries left', '1 try left']) {
    await visitor.confirms(wrong);
    await expect(page.getByText(`That code is not right. You have ${left}.`)).toBeVisible();
  }
  await visitor.confirms(wrong);
  await expect(page.getByText('That code no longer works.')).toBeVisible();
  await expect(page.getByText('We have sent a code')).toHaveCount(0);
  await expect(page.getByText("Didn't get a code?")).toHaveCount(0);
  await visitor.isAt('/verify/code');
  const call = page.getByRole('button', { name: 'Call me instead' });
  if (visitor.javascript) {
    await expect(call).toBeDisabled();
    await expect(call).toBeEnabled({ timeout: 45_000 });
    await call.click();
  } else {
    await call.click();
    await expect(page.getByText(/We sent a code a moment ago\. You can ask for another in/)).toBeVisible();
    await visitor.isAt('/verify/code');
    await page.waitForTimeout(31_000);
    await call.click();
  }
  await expect(page.getByText('We are calling your number to read you a code.')).toBeVisible();
  await visitor.isAt('/verify/code');
  await visitor.confirms(await visitor.opensPhone());
  await visitor.declinesRecoveryCodes();
});
