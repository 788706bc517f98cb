import { expect, test } from '../../support/fixtures';

test('the modules of the script are joined into one small file', { tag: '@scripts' }, async ({ visitor }) => {
  const { page } = visitor;
  await page.goto('/');
  const source = (await page.locator('script[src^="/pollstr"]').getAttribute('src')) ?? '';
  const script = await (await page.request.get(source)).text();
  // Parses it; two modules that declare the same name would be a syntax error.
  expect(() => new Function(script)).not.toThrow();
  expect(script).not.toMatch(/^(import|export) |^ |\/\*|^\/\//m);
  expect(script.length).toBeLessThan(20_000);
});
