import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, KIND_OF_DOG, test } from '../../support/fixtures';

test.use({ permissions: ['clipboard-read', 'clipboard-write'] });

test('a poll can be shared by its link, QR code, embed code and picture', async ({ visitor }) => {
  const { page } = visitor;
  const poll = await visitor.pathOf(KIND_OF_DOG);
  await page.goto(poll);
  const link = new URL(poll, page.url()).href;
  const share = page.getByRole('region', { name: 'Share this poll' });
  await expect(share.getByText(link, { exact: true })).toBeVisible();
  await expect(share.getByRole('img', { name: 'QR code of the link to this poll' })).toBeHidden();
  for (const summary of await share.locator('summary').all()) await summary.click();
  await expect(share.getByRole('img', { name: 'QR code of the link to this poll' })).toBeVisible();
  await visitor.isAt(poll);
  await expect(share.getByRole('button', { name: 'Copy the link' })).toBeVisible({ visible: visitor.javascript });
  if (visitor.javascript) {
    await visitor.presses('Copy the link');
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(link);
    await visitor.presses('Copy the code');
    expect(await page.evaluate(() => navigator.clipboard.readText())).toContain(`<iframe src="${link}/embed"`);
  }
  const picture = await page.request.get((await page.locator('meta[property="og:image"]').getAttribute('content')) ?? '');
  expect(picture.headers()['content-type']).toBe('image/png');
});

test('a page change by htmx removes the canonical link of the previous page', async ({ visitor }) => {
  const { page } = visitor;
  const poll = await visitor.pathOf(KIND_OF_DOG);
  await page.goto(poll);
  const canonical = page.locator('link[rel=canonical]');
  await expect(canonical).toHaveAttribute('href', new RegExp(`${poll}$`));
  await page.getByRole('banner').getByRole('link', { name: 'Pollstr' }).click();
  await visitor.isAt('/');
  await expect(canonical).toHaveCount(0);
});

for (const sandbox of [undefined, 'allow-scripts allow-popups allow-popups-to-escape-sandbox']) {
  test(`a poll can be embedded in another site${sandbox ? ', even in a sandboxed frame' : ''}`, async ({ visitor, baseURL }) => {
    const { page } = visitor;
    const poll = await visitor.pathOf(KIND_OF_DOG);
    const frame = `<iframe ${sandbox ? `sandbox="${sandbox}"` : ''} src="${baseURL}${poll}/embed" title="A poll" width="100%" height="520"></iframe>`;
    const body = `<!DOCTYPE html><html lang="en"><title>Dogs</title><main><h1>About dogs</h1>${frame}</main></html>`;
    const blog = createServer((_, answer) => answer.setHeader('Content-Type', 'text/html').end(body)).listen(0, '127.0.0.1');
    await once(blog, 'listening');
    const host = `http://localhost:${(blog.address() as AddressInfo).port}/`;
    await page.goto(host);
    // axe requests the style sheets, which a sandboxed frame may not do.
    if (!sandbox) await visitor.isAt(host);
    const inside = page.frameLocator('iframe');
    await expect(inside.getByRole('heading', { level: 1 })).toHaveText(KIND_OF_DOG);
    await expect(inside.getByText('A golden retriever')).toBeVisible();
    // The style sheet has loaded.
    await expect(inside.locator('.embed-foot')).toHaveCSS('display', 'flex');
    const opened = page.waitForEvent('popup');
    await inside.getByRole('link', { name: 'Vote on Pollstr' }).click();
    const there = await opened;
    await expect(there).toHaveURL(`/login?next=${poll}/vote`);
    await expect(there.getByRole('heading', { level: 1 })).toBeVisible();
    blog.close();
  });
}
