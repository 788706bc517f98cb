import { defineConfig } from '@playwright/test';
import { execFileSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

// Settings of the developer's own server must not reach the servers of the tests.
for (const name of Object.keys(process.env)) {
  if (/^(POLLSTR_|LEPTOS_|VONAGE_|TWILIO_|DATABASE_URL$)/.test(name)) delete process.env[name];
}
// Playwright needs the address synchronously, so a child process asks the system for a free port.
const printFreePort = "const s = require('net').createServer().listen(0, '127.0.0.1', () => { console.log(s.address().port); s.close(); })";
// Workers read this file too, and get the values of the first reading from the environment.
const port = (process.env.END2END_PORT ??= execFileSync(process.execPath, ['-e', printFreePort], { encoding: 'utf8' }).trim());
const folder = (process.env.END2END_FOLDER ??= mkdtempSync(join(tmpdir(), 'pollstr-end2end-')));
const program = (process.env.END2END_PROGRAM = resolve(process.env.END2END_PROGRAM ?? join(__dirname, '../target/debug/pollstr')));
const address = `127.0.0.1:${port}`;
// A host name, because browsers make no passkeys for IP addresses.
const origin = `http://localhost:${port}`;
// Chromium has no sandbox for root, and /dev/shm is small in containers.
const rootArgs = ['--no-sandbox', '--disable-dev-shm-usage', '--disable-gpu', '--disable-background-networking'];

export default defineConfig({
  testDir: 'tests',
  fullyParallel: true,
  forbidOnly: !!process.env.CI,
  // Most of the time is spent waiting, for example for the next code.
  workers: 4,
  retries: 0,
  timeout: 180_000,
  // No test is about speed, and a busy machine may be slow.
  expect: { timeout: 20_000 },
  reporter: 'list',
  use: {
    baseURL: origin,
    browserName: 'chromium',
    viewport: { width: 390, height: 844 },
    isMobile: true,
    hasTouch: true,
    // Transitions slow down a busy machine; tests of page changes and of common journeys keep them.
    contextOptions: { reducedMotion: 'reduce' },
    // Traces take an eighth of the time. `--trace=retain-on-failure` records them; a failure always
    // writes the state of its page to test-results/.
    trace: 'off',
    launchOptions: { executablePath: process.env.CHROMIUM || undefined, args: process.getuid?.() === 0 ? rootArgs : [] },
  },
  // Tests that only make sense in one project are tagged for it.
  projects: [
    { name: 'htmx', grepInvert: /@plain/ },
    { name: 'no-javascript', grepInvert: /@scripts/, use: { javaScriptEnabled: false } },
  ],
  webServer: {
    command: `exec "${program}"`,
    cwd: folder,
    env: {
      LEPTOS_SITE_ADDR: address,
      POLLSTR_ORIGIN: origin,
      POLLSTR_LOG: 'warn',
      // The tests act as a trusted proxy, which gives each visitor their own IP address and limits.
      POLLSTR_TRUSTED_PROXIES: '127.0.0.1/32',
    },
    url: `http://${address}/readyz`,
    reuseExistingServer: false,
    gracefulShutdown: { signal: 'SIGTERM', timeout: 5_000 },
  },
});
