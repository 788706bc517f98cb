import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '../../support/fixtures';

let server: ChildProcess;
let folder: string;
let origin: string;

// Starts a separate site whose provider cannot be reached.
test.beforeAll(async () => {
  const free = createServer().listen(0, '127.0.0.1');
  await once(free, 'listening');
  const { port } = free.address() as AddressInfo;
  free.close();
  origin = `http://localhost:${port}`;
  folder = mkdtempSync(join(tmpdir(), 'pollstr-outage-'));
  const settings = {
    LEPTOS_SITE_ADDR: `127.0.0.1:${port}`,
    POLLSTR_ORIGIN: origin,
    POLLSTR_LOG: 'error',
    POLLSTR_VERIFY: 'vonage',
    POLLSTR_VERIFY_URL: 'http://127.0.0.1:9',
    VONAGE_API_KEY: 'a key',
    VONAGE_API_SECRET: 'a secret',
  };
  server = spawn(process.env.END2END_PROGRAM ?? '', {
    cwd: folder,
    env: { ...process.env, ...settings },
    stdio: 'ignore',
  });
  await expect(async () => expect((await fetch(`${origin}/readyz`)).ok).toBe(true)).toPass({ timeout: 30_000 });
});

test.afterAll(() => {
  server.kill('SIGKILL');
  rmSync(folder, { recursive: true });
});

test('while no code can be sent, the page says so and keeps the number', async ({ visitor }) => {
  const { page } = visitor;
  // The visitor's own number is reserved for fiction, and no provider sends to it.
  const number = '+44 7400 123456';
  visitor.expectsStatus(503);
  await page.goto(`${origin}/register`);
  await visitor.submits('Create account');
  await visitor.isAt(`${origin}/verify`);
  await page.getByLabel('Phone number').fill(number);
  for (const _ of ['once', 'and once more']) {
    await visitor.presses('Send code');
    await expect(page.getByText('The service that sends the codes did not answer. Please wait a moment and try again.')).toBeVisible();
    await visitor.isAt(`${origin}/verify`);
    await expect(page.getByLabel('Phone number')).toHaveValue(number);
    await expect(page.getByRole('button', { name: 'Send code', exact: true })).toBeEnabled();
  }
});
