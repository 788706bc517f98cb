import { defineConfig } from '@playwright/test';
import { execFileSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

// The settings of the person who runs the tests are not for the servers here.
for (const name of Object.keys(process.env)) {
  if (/^(POLLSTR_|LEPTOS_|VONAGE_|TWILIO_|DATABASE_URL$)/.test(name)) delete process.env[name];
}
// Playwright wants the address before anything can be awaited, so another process asks the system for a free port.
const ask = "const s = require('net').createServer().listen(0, '127.0.0.1', () => { console.log(s.address().port); s.close(); })";
// Workers read this file again; only the first reading starts the server, in a folder with no database.
const port = (process.env.END2END_PORT ??= execFileSync(process.execPath, ['-e', ask], { encoding: 'utf8' }).trim());
const folder = (process.env.END2END_FOLDER ??= mkdtempSync(join(tmpdir(), 'pollstr-end2end-')));
const program = (process.env.END2END_PROGRAM = resolve(process.env.END2END_PROGRAM ?? join(__dirname, '../target/debug/pollstr')));
const address = `127.0.0.1:${port}`;
// By a name, and not by its number: browsers make passkeys for names alone.
const origin = `http://localhost:${port}`;
// Chromium has no sandbox for root, and /dev/shm is small in containers.
const asRoot = process.getuid?.() === 0 ? ['--no-sandbox', '--disable-dev-shm-usage', '--disable-gpu', '--disable-background-networking'] : [];

export default defineConfig({
  testDir: 'tests',
  fullyParallel: true,
  forbidOnly: !!process.env.CI,
  // Most of the time goes into waits, such as the half minute between two codes.
  workers: 3,
  retries: 0,
  timeout: 180_000,
  // No story is about speed: a machine that is busy may take its time.
  expect: { timeout: 20_000 },
  reporter: 'list',
  use: {
    baseURL: origin,
    browserName: 'chromium',
    viewport: { width: 390, height: 844 },
    isMobile: true,
    hasTouch: true,
    // Fading costs a slow machine much. Stories about steps, and those that everybody goes through, are told with motion.
    contextOptions: { reducedMotion: 'reduce' },
    // Without pictures of every moment, which cost time; the markup of each step is kept.
    trace: { mode: 'retain-on-failure', screenshots: false, snapshots: true },
    launchOptions: { executablePath: process.env.CHROMIUM || undefined, args: asRoot },
  },
  // What can be told in one of them alone is tagged, so that no browser opens a page for the other.
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
      // The tests play the proxy, so that each visitor has an address, and limits, of their own.
      POLLSTR_TRUSTED_PROXIES: '127.0.0.1/32',
    },
    url: `http://${address}/readyz`,
    reuseExistingServer: false,
    gracefulShutdown: { signal: 'SIGTERM', timeout: 5_000 },
  },
});
