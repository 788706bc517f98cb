import { expect, KIND_OF_DOG, test } from '../../support/fixtures';

test('no heading is printed without content', async ({ visitor }) => {
  const { page } = visitor;
  const poll = await visitor.pathOf(KIND_OF_DOG);
  await visitor.registers();
  await visitor.asksForCode();
  const bare = () =>
    page.evaluate(() => {
      const seen = (part: Element) => part.checkVisibility() && part.getBoundingClientRect().height > 1;
      const parts = [...document.querySelectorAll('main :is(h1, h2, h3, p, li, label, input, td, svg, dd)')].filter(seen);
      const heading = (part?: Element) => part?.tagName.match(/^H(\d)$/)?.[1];
      return parts.filter((part, index) => heading(part) && (heading(parts[index + 1]) ?? (index + 1 < parts.length ? '9' : '0')) <= heading(part)!)
        .map((part) => `${location.pathname}: ${part.textContent}`);
    });
  const found: string[] = [];
  const print = async (...paths: string[]) => {
    await page.emulateMedia({ media: 'print' });
    for (const path of paths) {
      await page.goto(path);
      found.push(...(await bare()));
    }
    // A printed ballot includes its choices.
    if (paths.includes(`${poll}/vote`)) await expect(page.getByLabel('A cat')).toBeVisible();
    await page.emulateMedia({ media: 'screen' });
  };
  await print('/verify', '/account', '/verify/code');
  await visitor.confirms(await visitor.readsCode());
  await visitor.isAt('/account/recovery/offer');
  await print('/account/recovery/offer', '/can-i-vote', '/', poll, `${poll}/vote`);
  await page.getByLabel('A cat').check();
  await visitor.presses('Vote');
  await expect(page.getByText('Thanks, your vote is counted.')).toBeVisible();
  await page.emulateMedia({ media: 'print' });
  found.push(...(await bare()));
  await print('/account', '/account/passkeys', '/account/recovery', '/polls/new', '/account/polls');
  expect(found).toEqual([]);
});
