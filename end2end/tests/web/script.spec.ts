import { expect, KIND_OF_DOG, test } from '../../support/fixtures';

test('htmx and the modules are joined into one small file', { tag: '@scripts' }, async ({ visitor }) => {
  const { page } = visitor;
  await page.goto('/');
  const source = (await page.locator('script[src^="/pollstr"]').getAttribute('src')) ?? '';
  const script = await (await page.request.get(source)).text();
  // Parses it; two modules that declare the same name would be a syntax error.
  expect(() => new Function(script)).not.toThrow();
  const own = script.slice(script.lastIndexOf("(() => {\n'use strict';"));
  expect(own).not.toMatch(/^(import|export) |^ |\/\*|^\/\//m);
  // The modules follow the live results themselves, without htmx's extension of 6,500 characters.
  expect(own.length).toBeLessThan(20_500);
  expect(script.length).toBeLessThan(58_000);
});

test('live results start on a line that delivers the script late', { tag: '@scripts' }, async ({ visitor }) => {
  const { page } = visitor;
  const poll = await visitor.pathOf(KIND_OF_DOG);
  await visitor.joins(`${poll}/vote`);
  await page.getByLabel('A cat').check();
  await visitor.presses('Vote');
  await visitor.isAt(`${poll}/results`);

  await page.route(/\/pollstr.*\.js/, async (route) => {
    await new Promise((resolve) => setTimeout(resolve, 500));
    await route.continue();
  });
  const stream = page.waitForRequest(/\/live/);
  await page.reload();
  await stream;
  await expect(page.getByText('Live: updates automatically.')).toBeVisible();
});
