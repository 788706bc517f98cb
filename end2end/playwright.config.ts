import { defineConfig } from '@playwright/test';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const address = '127.0.0.1:39871';
// By a name, and not by its number: browsers make passkeys for names alone.
const origin = 'http://localhost:39871';
const program = (process.env.POLLSTR_BIN = resolve(process.env.POLLSTR_BIN ?? join(__dirname, '../target/debug/pollstr')));
// Workers read this file again; only the first reading starts the server, in a folder with no database.
const folder = (process.env.POLLSTR_END2END_FOLDER ??= mkdtempSync(join(tmpdir(), 'pollstr-end2end-')));
// Chromium has no sandbox for root, and /dev/shm is small in containers.
const asRoot = process.getuid?.() === 0 ? ['--no-sandbox', '--disable-dev-shm-usage', '--disable-gpu', '--disable-background-networking'] : [];

export default defineConfig({
  testDir: 'tests',
  fullyParallel: true,
  forbidOnly: !!process.env.CI,
  workers: 2,
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
    trace: 'retain-on-failure',
    launchOptions: { executablePath: process.env.CHROMIUM || undefined, args: asRoot },
  },
  projects: [{ name: 'htmx' }, { name: 'no-javascript', use: { javaScriptEnabled: false } }],
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
