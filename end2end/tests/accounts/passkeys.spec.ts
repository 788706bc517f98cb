import type { CDPSession, Page } from '@playwright/test';
import { expect, test } from '../../support/fixtures';

/** Adds a virtual authenticator, which always confirms, and returns it with its id. */
async function addAuthenticator(page: Page): Promise<[CDPSession, string]> {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('WebAuthn.enable');
  const { authenticatorId } = await devtools.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  return [devtools, authenticatorId];
}

test('a passkey replaces the code', { tag: '@scripts' }, async ({ visitor }) => {
  const { page } = visitor;
  visitor.expectsStatus(422);
  const [devtools, authenticatorId] = await addAuthenticator(page);
  await visitor.joins('/account');
  await expect(page.getByText('None. Use your fingerprint, face or screen lock')).toBeVisible();
  await visitor.follows('Set up passkeys');
  await visitor.isAt('/account/passkeys');
  await expect(page.getByLabel('Name')).toHaveValue('Chrome on Linux');
  await page.getByLabel('Name').fill('My first device');
  await visitor.presses('Add a passkey');
  await expect(page.getByText('Passkey added.')).toBeVisible();
  await visitor.isAt('/account');

  // An authenticator makes one passkey for an account.
  await visitor.follows('Change passkeys');
  await visitor.isAt('/account/passkeys');
  await expect(page.getByText('not used yet')).toBeVisible();
  await visitor.presses('Add a passkey');
  await expect(page.getByText('That device already has a passkey for this account.')).toBeVisible();
  await visitor.isAt('/account/passkeys');

  await visitor.logsInAgain();
  await visitor.isAt('/verify');
  await expect(page.getByText('Passkeys need JavaScript')).toBeHidden();
  await expect(page.getByRole('button', { name: 'Send code' })).toBeVisible();
  // First the authenticator lacks the passkey, then it has it.
  const { credentials } = await devtools.send('WebAuthn.getCredentials', { authenticatorId });
  expect(credentials).toHaveLength(1);
  await devtools.send('WebAuthn.clearCredentials', { authenticatorId });
  await visitor.presses('Use your passkey');
  await expect(page.getByText('No passkey was used. Try again, or use another method.')).toBeVisible();
  await visitor.isAt('/verify');
  await devtools.send('WebAuthn.addCredential', { authenticatorId, credential: credentials[0] });
  await page.getByLabel('Remember this browser for 30 days').check();
  await visitor.presses('Use your passkey');
  await visitor.isAt('/');
  await expect(page.getByText('Thanks, your passkey worked.')).toBeVisible();

  await visitor.logsInAgain();
  await visitor.isAt('/');
  await page.goto('/account/passkeys');
  await expect(page.getByText('last used')).toBeVisible();
  await page.getByRole('button', { name: 'My first device' }).click();
  await expect(page.getByText('Passkey removed.')).toBeVisible();
  await visitor.isAt('/account/passkeys');
});

test('a challenge from before another login is refused, and the page asks again', { tag: '@scripts' }, async ({ visitor }) => {
  const { page } = visitor;
  visitor.expectsStatus(422);
  await addAuthenticator(page);
  await visitor.joins('/account/passkeys');
  await visitor.presses('Add a passkey');
  await visitor.isAt('/account');
  await visitor.logsInAgain();
  await visitor.isAt('/verify');
  // The same browser logs in again in another tab.
  const other = await page.context().newPage();
  await other.goto('/');
  await visitor.logsInAgain(other);
  await expect(other).toHaveURL('/verify');
  await other.close();
  await visitor.presses('Use your passkey');
  await expect(page.getByRole('alert')).toHaveText('That took too long, or you continued in another tab. Please try again.');
  await visitor.isAt('/verify');
  await visitor.presses('Use your passkey');
  await visitor.isAt('/');
});

test('without JavaScript the page says what passkeys need, and a code still works', { tag: '@plain' }, async ({ visitor, browser, baseURL }) => {
  const { page } = visitor;
  const needed = page.getByText('Passkeys need JavaScript and a recent browser.');
  await visitor.joins('/account');
  await visitor.follows('Set up passkeys');
  await visitor.isAt('/account/passkeys');
  await expect(needed).toBeVisible();
  await expect(page.getByRole('button', { name: 'Add a passkey' })).toBeHidden();

  // The passkey is added with JavaScript.
  const elsewhere = await browser.newContext({ baseURL, javaScriptEnabled: true, storageState: await page.context().storageState() });
  const scripted = await elsewhere.newPage();
  await addAuthenticator(scripted);
  await scripted.goto('/account/passkeys');
  await visitor.presses('Add a passkey', scripted);
  await expect(scripted).toHaveURL('/account');
  await elsewhere.close();

  await page.goto('/login');
  await visitor.submits('Log in');
  await visitor.isAt('/verify');
  await expect(needed).toBeVisible();
  await expect(page.getByRole('button', { name: 'Use your passkey' })).toBeHidden();
  // The site sends a code at most every thirty seconds.
  await page.waitForTimeout(31_000);
  await visitor.presses('Send code');
  await visitor.isAt('/verify/code');
  await visitor.confirms(await visitor.readsCode());
  await visitor.declinesRecoveryCodes();
});

/**
 * Replaces the passkeys of the browser, as the extension of a password manager does. Its answers
 * only have what the first edition of WebAuthn requires.
 */
function installExtension() {
  const join = (...parts: (Uint8Array | number[])[]) => new Uint8Array(parts.flatMap((part) => [...part]));
  const text = (words: string) => new TextEncoder().encode(words);
  const url = (bytes: Uint8Array) => btoa(String.fromCharCode(...bytes)).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
  const digest = async (bytes: Uint8Array<ArrayBuffer>) => new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  const kind = { name: 'ECDSA', namedCurve: 'P-256' };
  const saw = (type: string, challenge: BufferSource) =>
    text(JSON.stringify({ type, challenge: url(new Uint8Array(challenge as ArrayBuffer)), origin: location.origin, crossOrigin: false }));
  const id = crypto.getRandomValues(new Uint8Array(16));
  const credentials = {
    async create({ publicKey }: CredentialCreationOptions) {
      const keys = (await crypto.subtle.generateKey(kind, false, ['sign', 'verify'])) as CryptoKeyPair;
      const point = new Uint8Array(await crypto.subtle.exportKey('raw', keys.publicKey));
      const cose = join([0xa5, 1, 2, 3, 0x26, 0x20, 1, 0x21, 0x58, 32], point.slice(1, 33), [0x22, 0x58, 32], point.slice(33));
      const data = join(await digest(text(location.hostname)), [0b1000101, 0, 0, 0, 0], new Uint8Array(16), [0, id.length], id, cose);
      const attestationObject = join([0xa3, 0x63], text('fmt'), [0x64], text('none'), [0x67], text('attStmt'), [0xa0, 0x68], text('authData'), [0x58, data.length], data);
      // Some use the browser's own prototype, whose methods reject them.
      const response = Object.create(AuthenticatorAttestationResponse.prototype, {
        clientDataJSON: { value: saw('webauthn.create', publicKey!.challenge).buffer },
        attestationObject: { value: attestationObject.buffer },
      });
      return { rawId: id.buffer, response };
    },
  };
  Object.defineProperty(navigator, 'credentials', { value: credentials });
}

test('a passkey of an extension that returns only an attestation is added', { tag: '@scripts' }, async ({ visitor }) => {
  const { page } = visitor;
  await visitor.joins('/account/passkeys');
  await page.evaluate(installExtension);
  await visitor.presses('Add a passkey');
  await expect(page.getByText('Passkey added.')).toBeVisible();
  await visitor.isAt('/account');
});

test('a passkey of an extension that returns plain objects is added', { tag: '@scripts' }, async ({ visitor }) => {
  const { page } = visitor;
  await visitor.joins('/account/passkeys');
  await page.evaluate(installExtension);
  await page.evaluate(() => {
    const create = navigator.credentials.create;
    navigator.credentials.create = async (options) => {
      const { rawId, response } = (await create(options)) as PublicKeyCredential;
      const { clientDataJSON, attestationObject } = response as AuthenticatorAttestationResponse;
      return { rawId, response: { clientDataJSON, attestationObject } } as unknown as PublicKeyCredential;
    };
  });
  await visitor.presses('Add a passkey');
  await expect(page.getByText('Passkey added.')).toBeVisible();
});
