import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Page } from '@playwright/test';
import { expect, test } from './fixtures';

let line: Server;
let slow: string;

// A long line to the same site: what is posted arrives at once, and its answer comes 0.9 s later.
test.beforeAll(async ({ baseURL }) => {
  const { port } = new URL(baseURL ?? '');
  line = createServer((asked, told) => {
    const { url: path, method, headers } = asked;
    const on = request({ host: '127.0.0.1', port, path, method, headers }, (answer) => {
      setTimeout(() => {
        told.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
        answer.pipe(told);
      }, method === 'POST' ? 900 : 0);
    });
    // A browser that no longer waits takes nothing back.
    asked.pipe(on).on('error', () => told.destroy());
  });
  await new Promise<void>((ready) => line.listen(0, '127.0.0.1', ready));
  slow = `http://localhost:${(line.address() as AddressInfo).port}`;
});

test.afterAll(() => {
  line.closeAllConnections();
  line.close();
});

/** Presses a button twice, before there can be an answer to the first press. */
async function twice(page: Page, name: string) {
  await page.getByRole('button', { name, exact: true }).dblclick({ noWaitAfter: true });
}

test('a second press before the answer makes one poll, and casts one vote whose receipt is shown', async ({ visitor }) => {
  const { page } = visitor;
  await visitor.joins();
  const question = `Pressed twice by ${visitor.name}?`;
  await page.goto(`${slow}/polls/new`);
  await page.getByLabel('Question').fill(question);
  await page.getByLabel('Choice 1').fill('Yes');
  await page.getByLabel('Choice 2').fill('No');
  await twice(page, 'Create poll');
  await expect(page.getByRole('heading', { level: 1, name: question })).toBeVisible();
  await expect(page).toHaveURL(/\/polls\/\w{10}$/);
  const poll = page.url();
  await page.goto('/account/polls');
  await expect(page.getByRole('link', { name: question })).toHaveCount(1);

  await page.goto(`${poll}/vote`);
  await page.getByLabel('Yes').check();
  await twice(page, 'Vote');
  await visitor.isAt(`${poll}/results`);
  await expect(page.getByText(/^(Your|Thank you, your) vote is counted\./).first()).toBeVisible();
  await page.getByText('Your receipt').click();
  const receipt = (await page.locator('output').innerText()).trim();
  await visitor.soonFinds((patience) => expect(page.getByText('1 vote so far')).toBeVisible(patience));
  await page.goto(`${poll}/receipt`);
  await page.getByLabel('Receipt').fill(receipt);
  await visitor.presses('Look it up');
  await expect(page.getByRole('alert')).toContainText('is counted.');
});
