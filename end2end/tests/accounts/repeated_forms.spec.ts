import { expect, test, type Visitor } from '../../support/fixtures';
import { startSlowProxy } from '../../support/slow_proxy';

/** Presses a button, and again once the first post has arrived. */
async function pressesTwice({ page }: Visitor, button: string, posted: () => number) {
  const control = page.getByRole('button', { name: button, exact: true });
  await control.scrollIntoViewIfNeeded();
  const box = await control.boundingBox();
  if (!box) throw new Error(`${button} is not visible`);
  // `click` would wait for the page that the first press loads.
  const press = () => page.mouse.click(box.x + box.width / 2, box.y + box.height / 2);
  const before = posted();
  await press();
  await expect.poll(posted).toBe(before + 1);
  await press();
}

// With scripts, a form is sent once.
test('pressing a button again while the answer is slow leads to the same page as one press', { tag: '@plain' }, async ({ visitor, baseURL }) => {
  const { page } = visitor;
  // The first answer comes after the second.
  const proxy = await startSlowProxy(new URL(baseURL ?? ''), (nth) => (nth === 1 ? 3_000 : 0));
  const is = (path: string) => expect(page).toHaveURL(`${proxy.origin}${path}`);

  await page.goto(`${proxy.origin}/register`);
  await page.getByLabel('Username').fill(visitor.name);
  await page.getByLabel('Password').fill(visitor.password);
  await pressesTwice(visitor, 'Create account', () => proxy.posts('/register'));
  await is('/verify');
  await expect(page.getByRole('banner')).toContainText(visitor.name);
  expect(proxy.posts('/register')).toBe(2);

  await page.getByLabel('Phone number').fill(visitor.number);
  await pressesTwice(visitor, 'Send code', () => proxy.posts('/verify'));
  await is('/verify/code');
  await page.getByLabel('Code', { exact: true }).fill(await visitor.readsCode());
  await pressesTwice(visitor, 'Confirm', () => proxy.posts('/verify/code'));
  await is('/account/recovery/offer');
  await expect(page.getByText('Thanks, your number is verified.')).toBeVisible();
  expect(proxy.posts('/verify/code')).toBe(2);
  await proxy.close();
});
