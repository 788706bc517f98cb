import { expect, test } from '../../support/fixtures';

test.use({ timezoneId: 'Asia/Kolkata', locale: 'en-GB' });

test("times of a poll name their zone: the poll's, or with scripts the reader's", async ({ visitor }) => {
  const { page } = visitor;
  await visitor.joins('/polls/new');
  const asked = { question: `When is it over? (${visitor.name})`, choice: ['Soon', 'Never'], zone: 'Europe/Berlin', closes: '2098-07-01T18:30', results: 'after_close' };
  const { next: poll } = await visitor.calls('create_poll', asked);
  const time = visitor.javascript ? '1 Jul 2098, 22:00 GMT+5:30' : '1 Jul 2098, 18:30 GMT+2';
  for (const path of [poll, `${poll}/embed`]) {
    await page.goto(path);
    const until = page.locator('.badge', { hasText: time }).first();
    await expect(until, path).toContainText(`Open until ${time}`);
    // Playwright omits <noscript> from the text of its parent.
    if (!visitor.javascript) await expect(until.locator('noscript'), path).toBeVisible();
    if (!visitor.javascript) expect(await until.innerText(), path).toContain('(Europe/Berlin)');
  }
  // A list tells the time left; the time itself is its title.
  for (const path of ['/', '/account/polls']) {
    await page.goto(path);
    const card = page.getByRole('listitem').filter({ hasText: asked.question });
    await expect(card.getByTitle('1 Jul 2098, 18:30 GMT+2'), path).toContainText('years left');
  }
});
