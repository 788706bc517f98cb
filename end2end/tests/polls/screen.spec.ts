import { expect, test, type Visitor } from '../../support/fixtures';

test.use({ viewport: { width: 1920, height: 1080 }, isMobile: false, hasTouch: false });

const SIZES = [[1920, 1080], [1024, 768], [390, 844], [320, 640]] as const;

async function createPoll(visitor: Visitor, results: string) {
  const choice = ['The long way around the lake, with a rest at the old mill', 'The short way', 'Stay at home'];
  await visitor.joins();
  return (await visitor.calls('create_poll', { question: `Which way shall we walk? (${visitor.name})`, choice, kind: 'single', results })).next;
}

async function votes(voter: Visitor, poll: string, choice: string, next: string) {
  await voter.joins(`${poll}/vote`);
  await voter.page.getByLabel(choice).check();
  await voter.presses('Vote');
  await voter.isAt(next);
}

test('a hall sees votes arrive on the screen, and the result at the close', async ({ visitor, another }) => {
  const { page } = visitor;
  const poll = await createPoll(visitor, 'always');
  await page.goto(poll);
  await visitor.follows('Show on a screen');
  await visitor.isAt(`${poll}/screen`);
  await expect(page.getByRole('img', { name: 'QR code of the link to this poll' })).toBeVisible();
  await expect(page.getByText(new RegExp(`^localhost:\\d+${poll}$`))).toBeVisible();
  await expect(page.getByText('No votes to show yet.')).toBeVisible();
  await expect(page.getByRole('banner')).toBeHidden();
  for (const [width, height] of SIZES) {
    await page.setViewportSize({ width, height });
    expect(await page.evaluate(() => document.documentElement.scrollWidth), `at ${width} × ${height}`).toBeLessThanOrEqual(width);
  }
  await page.setViewportSize({ width: 1920, height: 1080 });
  if (visitor.javascript) await expect(page.getByText('Live: updates automatically.')).toBeVisible();

  await votes(await another(), poll, 'The short way', `${poll}/results`);
  const count = page.getByRole('row', { name: 'The short way' }).getByRole('cell').first();
  if (!visitor.javascript) {
    await visitor.follows('Refresh every 10 seconds');
    await visitor.isAt(`${poll}/screen?refresh=10`);
    await visitor.follows('Stop');
    await visitor.isAt(`${poll}/screen`);
  }
  await visitor.eventuallySees((options) => expect(count).toHaveText('1', options));
  await expect(page.getByText('1 vote so far')).toBeVisible();

  await visitor.calls('close_poll', { poll: poll.replace('/polls/', '') });
  await visitor.eventuallySees((options) => expect(page.getByText('has the most votes: 1.')).toBeVisible(options));
  await visitor.eventuallySees((options) => expect(page.getByText('Scan for the results')).toBeVisible(options));
  await expect(page.getByText('Closed', { exact: true })).toBeVisible();
  await visitor.isAt(`${poll}/screen`);
  await visitor.follows('Back to the poll');
  await visitor.isAt(poll);
  await expect(page.getByRole('banner')).toBeVisible();
});

test('hidden results come to the screen at the close', async ({ visitor, another }) => {
  const { page } = visitor;
  const poll = await createPoll(visitor, 'after_close');
  await page.goto(`${poll}/screen`);
  await visitor.isAt(`${poll}/screen`);
  await expect(page.getByText('The results show here when the poll closes.')).toBeVisible();
  await votes(await another(), poll, 'Stay at home', poll);
  await expect(page.getByRole('table')).toHaveCount(0);
  await visitor.calls('close_poll', { poll: poll.replace('/polls/', '') });
  await visitor.eventuallySees((options) => expect(page.getByText('has the most votes: 1.')).toBeVisible(options));
  await visitor.isAt(`${poll}/screen`);
});
