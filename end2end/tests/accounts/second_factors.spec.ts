import { createHmac } from 'node:crypto';
import { expect, KIND_OF_DOG, test, type Visitor } from '../../support/fixtures';

/** Returns the code that an authenticator app shows at a time: TOTP, RFC 6238. */
function codeOf(secret: string, at = Date.now()) {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  const bits = [...secret.replaceAll(' ', '')].map((letter) => alphabet.indexOf(letter).toString(2).padStart(5, '0')).join('');
  const key = Uint8Array.from((bits.match(/.{8}/g) ?? []).map((byte) => parseInt(byte, 2)));
  const step = new DataView(new ArrayBuffer(8));
  step.setBigUint64(0, BigInt(Math.floor(at / 30_000)));
  const mac = new DataView(Uint8Array.from(createHmac('sha1', key).update(step).digest()).buffer);
  const number = mac.getUint32(mac.getUint8(19) & 15) & 0x7fffffff;
  return String(number % 1_000_000).padStart(6, '0');
}

async function setsUpApp(visitor: Visitor) {
  const { page } = visitor;
  await page.goto('/account/authenticator');
  await visitor.isAt('/account/authenticator');
  await visitor.presses('Set up an app');
  await expect(page.getByRole('img', { name: 'QR code to scan with your app' })).toBeVisible();
  await visitor.isAt('/account/authenticator');
  const secret = await page.locator('#secret').innerText();
  await visitor.confirms(codeOf(secret));
  await visitor.isAt('/account');
  await expect(page.getByText('App set up.')).toBeVisible();
  return secret;
}

test('an authenticator app replaces text messages, and a remembered browser replaces both', async ({ visitor }) => {
  const { page } = visitor;
  await visitor.joins('/account');
  const secret = await setsUpApp(visitor);

  await visitor.logsInAgain();
  await visitor.isAt('/verify');
  await expect(page.getByRole('button', { name: 'Send code' })).toBeVisible();
  // The code of this step is used up; an app whose clock is ahead shows the next one.
  await page.getByLabel('Remember this browser for 30 days').check();
  await visitor.confirms(codeOf(secret, Date.now() + 30_000));
  await visitor.isAt('/');
  await expect(page.getByText('Thanks, that code is right.')).toBeVisible();

  await visitor.logsInAgain();
  await visitor.isAt('/');
  await page.goto(`${await visitor.pathOf(KIND_OF_DOG)}/vote`);
  await expect(page.getByRole('button', { name: 'Vote', exact: true })).toBeVisible();

  await page.goto('/account');
  await page.getByRole('button', { name: 'Forget' }).click();
  await expect(page.getByText('Browser forgotten.')).toBeVisible();
  await visitor.logsInAgain();
  await visitor.isAt('/verify');
});

test('recovery codes are offered after the first code, and once they are saved the way goes on', async ({ visitor }) => {
  const { page } = visitor;
  const offer = '/account/recovery/offer?next=/account/polls';
  await visitor.registers('/account/polls');
  await visitor.asksForCode();
  await visitor.confirms(await visitor.readsCode());
  await visitor.isAt(offer);
  await expect(page.getByText('Thanks, your number is verified.')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Not now' })).toBeVisible();
  await visitor.presses('Create recovery codes');
  await expect(page.getByRole('heading', { name: 'Your recovery codes' })).toBeVisible();
  await visitor.isAt('/account/recovery?next=/account/polls');
  await visitor.follows("I've saved them");
  await visitor.isAt('/account/polls');
  await page.goto(offer);
  await visitor.isAt('/account/polls');
});

test('a recovery code lets in an account without its phone, to set up a new app', async ({ visitor }) => {
  const { page } = visitor;
  visitor.expectsStatus(422);
  await visitor.joins('/account');
  await page.getByRole('link', { name: 'Create codes' }).click();
  await visitor.isAt('/account/recovery');
  await visitor.presses('Create new codes');
  await expect(page.getByRole('heading', { name: 'Your recovery codes' })).toBeVisible();
  await visitor.isAt('/account/recovery');
  const codes = (await page.locator('#codes').innerText()).split('\n');
  expect(codes).toHaveLength(10);
  const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'Save as a file' }).click()]);
  expect(file.suggestedFilename()).toBe('pollstr-recovery-codes.txt');

  await visitor.logsInAgain();
  await visitor.isAt('/verify');
  await visitor.follows('Use a recovery code');
  await visitor.isAt('/verify/recovery');
  await page.getByLabel('Recovery code').fill('0000 0000 0000 0000');
  await visitor.presses('Continue');
  await expect(page.getByText('That code is not right, or has already been used.')).toBeVisible();
  await visitor.isAt('/verify/recovery');
  await page.getByLabel('Recovery code').fill(codes[4].toLowerCase());
  await visitor.presses('Continue');
  await expect(page.getByRole('heading', { name: 'Code accepted' })).toBeVisible();
  await visitor.isAt('/verify/recovery');
  await visitor.follows('Use a new number');
  await visitor.isAt('/account/number');
  await expect(page.getByLabel('Phone number')).toBeVisible();
  await page.goto('/verify/recovery');
  await visitor.follows('Set up an app');
  await visitor.isAt('/account/authenticator');
  await setsUpApp(visitor);
});
