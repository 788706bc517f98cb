import { expect, test } from './fixtures';

test.use({ timezoneId: 'Asia/Kolkata', locale: 'en-GB' });

test('the times of a poll name their zone: its own, or the one of the reader where scripts run', async ({ visitor }) => {
  const { page } = visitor;
  await visitor.joins('/polls/new');
  const asked = { question: `When is it over? (${visitor.name})`, choice: ['Soon', 'Never'], zone: 'Europe/Berlin', closes: '2098-07-01T18:30', results: 'after_close' };
  const { next: poll } = await visitor.sends('create_poll', asked);
  const time = visitor.javascript ? '1 Jul 2098, 22:00 GMT+5:30' : '1 Jul 2098, 18:30 GMT+2';
  for (const path of [poll, '/', '/account/polls', `${poll}/embed`]) {
    await page.goto(path);
    const until = page.locator('.badge', { hasText: time }).first();
    await expect(until, path).toContainText(`Open until ${time}`);
    // Playwright leaves <noscript> out of the text of what holds it.
    if (!visitor.javascript) await expect(until.locator('noscript'), path).toBeVisible();
    if (!visitor.javascript) expect(await until.innerText(), path).toContain('(Europe/Berlin)');
  }
});
