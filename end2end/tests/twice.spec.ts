import { createServer, request, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test, type Visitor } from './fixtures';

/**
 * A slow line to the site: each post arrives at once, and of the first to each path the answer comes only three seconds later,
 * after the second was answered. The site is reached under another port of the same host, so the cookies are the same.
 */
async function slowLine(site: URL) {
  const posts = new Map<string, number>();
  const late: Promise<void>[] = [];
  const server = createServer((asked, answer) => {
    const path = asked.url ?? '/';
    const nth = asked.method === 'POST' ? (posts.get(path) ?? 0) + 1 : 0;
    if (nth) posts.set(path, nth);
    const here = `http://${asked.headers.host}`;
    const headers = Object.fromEntries(
      Object.entries(asked.headers).map(([name, value]) => [name, typeof value === 'string' ? value.replace(here, site.origin) : value]),
    );
    headers.host = site.host;
    // A browser that drops the connection is not noticed by the site, which answers all the same.
    const onward = request({ host: '127.0.0.1', port: site.port, path, method: asked.method, headers }, (reply: IncomingMessage) => {
      const send = () => {
        if (answer.destroyed) return void reply.resume();
        answer.writeHead(reply.statusCode ?? 502, reply.headers);
        reply.pipe(answer);
      };
      if (nth !== 1) return send();
      late.push(new Promise((done) => setTimeout(() => (send(), done()), 3_000)));
    });
    onward.on('error', () => answer.destroy());
    asked.pipe(onward);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const origin = `http://localhost:${(server.address() as AddressInfo).port}`;
  return {
    origin,
    posts: (path: string) => posts.get(path) ?? 0,
    close: async () => {
      await Promise.all(late);
      server.closeAllConnections();
      server.close();
    },
  };
}

/** Presses a button again while the first press is under way. */
async function pressesTwice({ page }: Visitor, button: string, posted: () => number) {
  const control = page.getByRole('button', { name: button, exact: true });
  await control.scrollIntoViewIfNeeded();
  const box = await control.boundingBox();
  if (!box) throw new Error(`${button} is not to be seen`);
  // A finger does not wait for the page to come.
  const press = () => page.mouse.click(box.x + box.width / 2, box.y + box.height / 2);
  const before = posted();
  await press();
  await expect.poll(posted).toBe(before + 1);
  await press();
}

// With scripts a form is sent once.
test('a second press of a button, because the answer is slow, leads where one press leads', { tag: '@plain' }, async ({ visitor, baseURL }) => {
  const { page } = visitor;
  const line = await slowLine(new URL(baseURL ?? ''));
  const is = (path: string) => expect(page).toHaveURL(`${line.origin}${path}`);

  await page.goto(`${line.origin}/register`);
  await page.getByLabel('Username').fill(visitor.name);
  await page.getByLabel('Password').fill(visitor.password);
  await pressesTwice(visitor, 'Create account', () => line.posts('/register'));
  await is('/verify');
  await expect(page.getByRole('banner')).toContainText(visitor.name);
  expect(line.posts('/register')).toBe(2);

  await page.getByLabel('Phone number').fill(visitor.number);
  await pressesTwice(visitor, 'Send code', () => line.posts('/verify'));
  await is('/verify/code');
  await page.getByLabel('Code', { exact: true }).fill(await visitor.readsCode());
  await pressesTwice(visitor, 'Confirm', () => line.posts('/verify/code'));
  await is('/');
  await expect(page.getByText('Thank you, your number is verified.')).toBeVisible();
  expect(line.posts('/verify/code')).toBe(2);
  await line.close();
});

test('a page that was left open shows who is logged in now, at the next step', async ({ visitor, another }) => {
  const { page } = visitor;
  visitor.willBeRefusedWith(409);
  await visitor.registers();
  const other = await another();
  await other.registers();
  await visitor.asksForCode();

  const second = await page.context().newPage();
  await second.goto('/');
  await second.getByRole('banner').locator('summary').click();
  await second.getByRole('button', { name: 'Log out', exact: true }).click();
  await expect(second.getByText('You are logged out.')).toBeVisible();
  // A step in the first window: the visitor is logged out, and the header says so.
  await page.getByRole('link', { name: 'Pollstr', exact: true }).click();
  await expect(page.getByRole('banner').getByRole('link', { name: 'Log in' })).toBeVisible();
  await expect(page.getByRole('banner')).not.toContainText(visitor.name);

  // The visitor logs in again in the first window; then another person logs in in the second.
  await page.goto('/login');
  await visitor.signs('Log in');
  await visitor.isAt('/verify');
  await second.goto('/');
  await second.getByRole('banner').locator('summary').click();
  await second.getByRole('button', { name: 'Log out', exact: true }).click();
  await expect(second.getByText('You are logged out.')).toBeVisible();
  await second.goto('/login');
  await second.getByLabel('Username').fill(other.name);
  await second.getByLabel('Password').fill(other.password);
  await second.getByRole('button', { name: 'Log in', exact: true }).click();
  await expect(second).toHaveURL('/verify');

  await page.getByLabel('Phone number').fill(visitor.number);
  await visitor.presses('Send code');
  await expect(page.getByRole('alert')).toContainText('Another person has logged in with this browser');
  await expect(page.getByRole('banner')).toContainText(other.name);
  await page.getByRole('link', { name: 'Pollstr', exact: true }).click();
  await visitor.isAt('/');
  await expect(page.getByRole('banner')).toContainText(other.name);
  await second.close();
});
