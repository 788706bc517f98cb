import { createHmac } from 'node:crypto';
import { expect, KIND_OF_DOG, test, type Visitor } from './fixtures';

/** What an authenticator app shows at a time: RFC 6238. */
function shows(secret: string, at = Date.now()) {
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  const bits = [...secret.replaceAll(' ', '')].map((letter) => letters.indexOf(letter).toString(2).padStart(5, '0')).join('');
  const key = Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => parseInt(byte, 2)));
  const step = Buffer.alloc(8);
  step.writeBigUInt64BE(BigInt(Math.floor(at / 30_000)));
  const mac = createHmac('sha1', key).update(step).digest();
  const number = mac.readUInt32BE(mac[19] & 15) & 0x7fffffff;
  return String(number % 1_000_000).padStart(6, '0');
}

async function setsUpApp(visitor: Visitor) {
  const { page } = visitor;
  await page.goto('/account/authenticator');
  await visitor.isAt('/account/authenticator');
  await visitor.presses('Set up an app');
  await expect(page.getByRole('img', { name: 'The code to scan with your app' })).toBeVisible();
  await visitor.isAt('/account/authenticator');
  const secret = await page.locator('#secret').innerText();
  await visitor.confirms(shows(secret));
  await visitor.isAt('/account');
  await expect(page.getByText('Your app is set up.')).toBeVisible();
  return secret;
}

async function logsInAgain(visitor: Visitor) {
  await visitor.logsOut();
  await expect(visitor.page.getByText('You are logged out.')).toBeVisible();
  await visitor.page.goto('/login');
  await visitor.signs('Log in');
}

test('an app takes the place of text messages, and a remembered browser of both', async ({ visitor }) => {
  const { page } = visitor;
  await visitor.joins('/account');
  const secret = await setsUpApp(visitor);

  await logsInAgain(visitor);
  await visitor.isAt('/verify');
  await expect(page.getByRole('button', { name: 'Send code' })).toBeVisible();
  // The code of the step at hand was used up a moment ago; an app that is a little ahead shows the next one.
  await page.getByLabel('Remember this browser for 30 days').check();
  await visitor.confirms(shows(secret, Date.now() + 30_000));
  await visitor.isAt('/');
  await expect(page.getByText('Thank you, that was the right code.')).toBeVisible();

  await logsInAgain(visitor);
  await visitor.isAt('/');
  await page.goto(`${await visitor.pathOf(KIND_OF_DOG)}/vote`);
  await expect(page.getByRole('button', { name: 'Vote', exact: true })).toBeVisible();

  await page.goto('/account');
  await page.getByRole('button', { name: 'Forget' }).click();
  await expect(page.getByText('That browser is not remembered any more.')).toBeVisible();
  await logsInAgain(visitor);
  await visitor.isAt('/verify');
});

test('whoever has lost the phone gets in with a code on paper and a new app', async ({ visitor }) => {
  const { page } = visitor;
  visitor.willBeRefusedWith(422);
  await visitor.joins('/account');
  await page.getByRole('link', { name: 'Make codes' }).click();
  await visitor.isAt('/account/recovery');
  await visitor.presses('Make new codes');
  await expect(page.getByRole('heading', { name: 'Your recovery codes' })).toBeVisible();
  await visitor.isAt('/account/recovery');
  const codes = (await page.locator('#codes').innerText()).split('\n');
  expect(codes).toHaveLength(10);
  const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'Save as a file' }).click()]);
  expect(file.suggestedFilename()).toBe('pollstr-recovery-codes.txt');

  await logsInAgain(visitor);
  await visitor.isAt('/verify');
  await visitor.follows('Use a recovery code');
  await visitor.isAt('/verify/recovery');
  await page.getByLabel('Recovery code').fill('0000 0000 0000 0000');
  await visitor.presses('Continue');
  await expect(page.getByText('That code is not right, or it was used before.')).toBeVisible();
  await visitor.isAt('/verify/recovery');
  await page.getByLabel('Recovery code').fill(codes[4].toLowerCase());
  await visitor.presses('Continue');
  await expect(page.getByRole('heading', { name: 'That code was right' })).toBeVisible();
  await visitor.isAt('/verify/recovery');
  await visitor.follows('Use a new number');
  await visitor.isAt('/account/number');
  await expect(page.getByLabel('Phone number')).toBeVisible();
  await page.goto('/verify/recovery');
  await visitor.follows('Set up an app');
  await visitor.isAt('/account/authenticator');
  await setsUpApp(visitor);
});
