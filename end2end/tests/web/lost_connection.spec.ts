import { expect, KIND_OF_DOG, test, type Visitor } from '../../support/fixtures';

// Without scripts, the browser itself reports that a page did not load.
test.beforeEach(({ visitor }) => visitor.expectsNetworkErrors());

/** Checks that the page reports a failed request, with the focus on the report. */
async function seesReport({ page }: Visitor, text: string) {
  const report = page.getByRole('main').getByRole('alert');
  await expect(report).toHaveText(text);
  await expect(report).toBeFocused();
  await expect(page.locator('[aria-busy]')).toHaveCount(0);
}

test('a vote made offline is not sent, and pressing again online sends it', { tag: '@scripts' }, async ({ visitor }) => {
  const { page } = visitor;
  const poll = await visitor.pathOf(KIND_OF_DOG);
  await visitor.joins(`${poll}/vote`);
  await page.getByLabel('A cat').check();
  await page.context().setOffline(true);
  for (const _ of ['once', 'and once more']) {
    await visitor.presses('Vote');
    await seesReport(visitor, 'Not sent: you seem to be offline. Try again.');
  }
  await visitor.isAt(`${poll}/vote`);
  await expect(page.getByLabel('A cat')).toBeChecked();
  await page.context().setOffline(false);
  await visitor.presses('Vote');
  await expect(page.getByText('Thanks, your vote is counted.')).toBeVisible();
  await visitor.isAt(`${poll}/results`);
});

test('a vote whose answer was lost can be sent again and is counted once', { tag: '@scripts' }, async ({ visitor, another }) => {
  const { page } = visitor;
  visitor.expectsStatus(422);
  const organiser = await another();
  await organiser.joins('/polls/new');
  await organiser.page.getByLabel('Question').fill(`Who was it? (${visitor.name})`);
  await organiser.page.getByLabel('Choice 1').fill('The cat');
  await organiser.page.getByLabel('Choice 2').fill('The dog');
  await organiser.presses('Create poll');
  await expect(organiser.page).toHaveURL(/\/polls\/\w{10}$/);
  const poll = new URL(organiser.page.url()).pathname;

  await visitor.joins(`${poll}/vote`);
  await page.getByLabel('The dog').check();
  await page.route(`${poll}/vote`, async (route) => {
    await route.fetch({ maxRedirects: 0 });
    await route.abort('connectionreset');
  });
  await visitor.presses('Vote');
  await seesReport(visitor, "We can't tell whether your vote arrived. Press the button again: it only counts once.");
  await expect(page.getByLabel('The dog')).toBeChecked();
  await page.unroute(`${poll}/vote`);
  await visitor.presses('Vote');
  await expect(page.getByText(/counted|counts/).first()).toBeVisible();
  await page.goto(`${poll}/results`);
  await expect(page.locator('caption', { hasText: '1 vote so far' })).toBeVisible();
});

test('when an answer is lost the input stays, and a reload shows what happened', { tag: '@scripts' }, async ({ visitor }) => {
  const { page } = visitor;
  await visitor.registers();
  await page.route('/verify', async (route) => {
    if (route.request().method() !== 'POST') return route.continue();
    await route.fetch({ maxRedirects: 0 });
    await route.abort('connectionreset');
  });
  await page.getByLabel('Phone number').fill(visitor.number);
  await visitor.presses('Send code');
  await seesReport(visitor, "We can't tell whether it arrived. Reload the page to check.");
  await expect(page.getByLabel('Phone number')).toHaveValue(visitor.number);
  await page.reload();
  await expect(page.getByText('A code is on its way to you.')).toBeVisible();
});

test('a link whose page does not load says so, and works when pressed again', { tag: '@scripts' }, async ({ visitor }) => {
  const { page } = visitor;
  const poll = await visitor.pathOf(KIND_OF_DOG);
  await page.context().setOffline(true);
  await visitor.follows(KIND_OF_DOG);
  await seesReport(visitor, 'You seem to be offline, so that page did not load. Try again.');
  await visitor.isAt('/');
  await page.context().setOffline(false);
  await visitor.follows(KIND_OF_DOG);
  await visitor.isAt(poll);
  await expect(page.getByRole('alert')).toHaveCount(0);
  await page.context().setOffline(true);
  await page.goBack();
  await seesReport(visitor, 'You seem to be offline, so that page did not load. Try again.');
});

test('a failed search says so and keeps the focus in its field', { tag: '@scripts' }, async ({ visitor }) => {
  const { page } = visitor;
  await page.goto('/');
  await page.context().setOffline(true);
  await page.getByLabel('Search polls').pressSequentially('dog');
  await expect(page.getByRole('search').getByRole('alert')).toHaveText('You seem to be offline, so that page did not load. Try again.');
  await expect(page.getByLabel('Search polls')).toBeFocused();
});

test('an error page of a proxy is not shown as a page of the site', { tag: '@scripts' }, async ({ visitor }) => {
  const { page } = visitor;
  for (const status of [502, 504, 403]) visitor.expectsStatus(status);
  const body = '<html><head><title>Bad Gateway</title></head><body><center><h1>Bad Gateway</h1></center><main id="main">nginx</main></body></html>';
  for (const status of [502, 504, 403, 200]) {
    await page.goto('/');
    const polls = '/polls/**';
    await page.route(polls, (route) => route.fulfill({ status, contentType: 'text/html', body }));
    await visitor.follows(KIND_OF_DOG);
    await seesReport(visitor, 'This site cannot be reached right now. That page did not load. Try again.');
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('Open polls');
    await visitor.isAt('/');
    await page.unroute(polls);
  }
  await page.goto('/register');
  await page.route('/register', (route) => route.fulfill({ status: 502, contentType: 'text/html', body }));
  await visitor.submits('Create account');
  await seesReport(visitor, "This site cannot be reached right now. We can't tell whether it arrived. Reload the page to check.");
  await expect(page.getByLabel('Username')).toHaveValue(visitor.name);
  await expect(page.getByLabel('Password')).toHaveValue(visitor.password);
});

test('a slow request is reported after ten seconds, until it is answered', { tag: '@scripts' }, async ({ visitor }) => {
  const { page } = visitor;
  // The clock stands still but for `runFor`, however slow the machine is.
  await page.clock.install({ time: new Date('2026-01-01T08:00:00Z') });
  await page.goto('/');
  await page.clock.pauseAt(new Date('2026-01-01T09:00:00Z'));
  let answer = () => {};
  const waiting = new Promise<void>((resolve) => (answer = resolve));
  await page.route('/polls/**', async (route) => {
    await waiting;
    await route.continue();
  });
  await visitor.follows(KIND_OF_DOG);
  await expect(page.locator('.busy.htmx-request')).toBeAttached();
  const report = page.getByText('This is taking longer than usual. Please wait.');
  await page.clock.runFor(9_500);
  await expect(report).toHaveCount(0);
  await page.clock.runFor(1_000);
  await expect(report).toBeVisible();
  await page.clock.resume();
  answer();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(KIND_OF_DOG);
  await expect(report).toHaveCount(0);
});
